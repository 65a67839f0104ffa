"""Unsupervised music genre clustering: a typed library.

Read it in the order in which data flows: `corpus` (tracks of music), `features` (arrays of them), `models` and
`clustering` (scikit-learn estimators), `evaluation` (scores), `experiment` (one task on one seed), `reporting` (figures
and tables) and `tracking` (MLflow). Nothing in here knows a command line, a working directory or a terminal.
"""
