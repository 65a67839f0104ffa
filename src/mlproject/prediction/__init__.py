"""A trained task -> clusters of new music: `package` says how a track becomes a vector, `predictor` does it."""
