"""Clips and texts -> float32 arrays in row order; no track id and no genre is seen in here.

`audio` computes MFCC frames and statistics of one clip, `text` sentence embeddings, `extraction` does clips in
parallel, `caching` computes only what is new, `blocks` joins arrays into one design matrix with named column blocks.
"""
