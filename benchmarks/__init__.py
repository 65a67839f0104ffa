"""Measurements, printed as times and ratios. Nothing in the tests asserts a time."""
