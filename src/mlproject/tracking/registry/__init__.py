"""Versions of the registered model: made, found again, judged, loaded and served."""
