"""MLflow, one noun a module.

`store` opens the tracking store and `runs` a run. `task_runs` and `evaluations` log what was found, `tasks` registers
it: `packaging` makes the model, `registry` its version. `champion` is the version that wins, `verdicts` what it won by.
`catalogue` finds runs again, `loading` loads a version, `provenance` and `lineage` tell where all of it came from.
"""
