"""Figures of the evaluation of one task."""
