"""MLflow: `store` opens the tracking store, `runs` a run, `tasks` logs and registers one, `registry` moves aliases."""
