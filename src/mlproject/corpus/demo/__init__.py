"""A rendered corpus: `audio` and `lyrics` make it, `corpus` gives it the shape of any other."""
