"""One task on one seed: `design` builds the matrix, `run` turns it into vectors, partitions and scores."""
