"""MLflow: `store` opens the tracking store, `runs` writes a task into a run, `provenance` says what it came from."""
