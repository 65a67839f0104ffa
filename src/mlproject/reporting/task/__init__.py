"""Figures of one task."""
