"""A trained task -> clusters of new music: `recipe` says how a track becomes a vector, `predictor` does it."""
