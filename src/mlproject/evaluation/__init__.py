"""How good a partition is: `external` metrics read labels, `internal` ones do not, `scores` puts them together."""
