"""MLflow, one noun per module.

`store` opens the tracking store and `runs` a run. `task_runs`, `evaluation_runs` and `study_runs` log results, `search`
finds their runs, `ui_views` says how the UI shows them. `lineage` says where all of it came from.
`registry` has the models: `register` makes a version of a task, `champion` is the one that wins.
"""
