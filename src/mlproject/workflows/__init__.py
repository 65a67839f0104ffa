"""What each command does, in the words of its user; a command of `pipelines` hands over its arguments and a workspace.

`inputs` loads what the stages wrote, `compute` makes results of it, `drawing` their figures, `tracking_session` knows
the store. `run_tasks`, `run_evaluation`, `run_study` and `compare_runs` put these together.
"""
