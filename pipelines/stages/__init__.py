"""One module per stage of `dvc.yaml`: read the section, load, call one function, write.

A stage is a function of its declared inputs: it neither draws nor opens MLflow. The exceptions are `compare`, which
draws, and `track`, which tracks.
"""
