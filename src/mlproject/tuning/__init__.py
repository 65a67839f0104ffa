"""Optuna studies that give the same trials however many workers run them and wherever they were interrupted.

`plan` is what a study was started with, `sampling` what it proposes, `ledger` what its processes share, `worker` and
`trial` what runs; `table`, `report` and `verdict` are what came of it.
"""
