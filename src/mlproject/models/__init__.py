"""scikit-learn transformers from a design matrix to the vector that is clustered.

`rotation` makes wide matrices small, `principal_components` and `autoencoder` encode the audio block, `joint` joins the
code with the other blocks, `saving` writes any of them as plain arrays and JSON.
"""
