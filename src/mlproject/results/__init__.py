"""The files of a result, typed: `write_task` and `write_evaluation` write a folder, one lazy reader of it serves all.

`task_record` and `evaluation_record` are what `scores.json` and `evaluation.json` hold, on the common ground of
`record`. `TaskOutput` and `EvaluationOutput` read a folder, each file at most once (`output`). `compared_run` is both
of a run.
"""
