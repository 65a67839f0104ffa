"""scikit-learn transformers from a design matrix to the latent that is clustered.

`encoder` says what all encoders have in common, `row_space` makes wide matrices small, `pca`, `autoencoder`, the VAEs
and `umap_ensemble` encode the audio block, `fusion` joins the latent with the other blocks. `factory` finds a class by
its name, `persistence` writes any model as plain arrays and JSON.
"""
