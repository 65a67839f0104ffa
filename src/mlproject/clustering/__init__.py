"""Vectors -> partitions: the clusterers by name, each on one matrix, with no labels in sight."""
