"""Optuna studies that give the same trials however many workers run them and wherever they were interrupted.

`study_spec` is what a study was started with, `proposals` what it proposes, `shared_study` what its processes share,
`worker` and `trial` what runs; `trial_table`, `report` and `final_comparison` are its results.
"""
