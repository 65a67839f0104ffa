"""The files of a result, typed."""
