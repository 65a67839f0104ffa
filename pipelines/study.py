"""Entry point `study`: tune a task with Optuna; the same trials for any number of workers, however often interrupted.

usage: mlflow run . -e study -P task=medium -P trials=100 --env-manager local
       python -m pipelines.study task=medium trials=100 workers=2
       python -m pipelines.study task=medium --verify                              decide again all that was decided
       python -m pipelines.study --worker --study NAME --storage postgresql://...  one more worker, on any machine
"""

from mlproject.errors import ConfigError
from mlproject.workspace.console import log
from mlproject.workspace.paths import Workspace
from pipelines._cli import key_values, run_command, wants_help

FLAGS = ("--worker", "--verify")


def main(arguments: list[str], workspace: Workspace) -> None:
    """Conduct a study; or work on one that was started elsewhere, or verify one."""
    if wants_help(arguments):
        from mlproject.workflows.study_settings import study_help

        print(study_help(workspace, __doc__ or ""))
        return
    flags = {flag for flag in FLAGS if flag in arguments}
    values = key_values([word for word in arguments if word not in FLAGS])
    if len(flags) == 2:
        raise ConfigError("--worker and --verify exclude one another; give one of them")
    if flags == {"--worker"}:
        _work(workspace, values)
        return
    from mlproject.workflows.run_study import run_study, verify_study

    (verify_study if flags else run_study)(workspace, values)


def _work(workspace: Workspace, values: dict[str, str]) -> None:
    """Run trials of a study until it is finished."""
    from mlproject.workflows.study_workers import work_on_study

    for key in values:
        if key not in ("study", "storage"):
            raise ConfigError(f"--worker takes --study NAME and --storage URL alone; got {key!r}")
    if "study" not in values:
        raise ConfigError("--worker needs --study NAME; python -m pipelines.study prints the name when it starts")
    log(f"worker: {work_on_study(workspace, values['study'], values.get('storage'))} trials done")


if __name__ == "__main__":
    run_command(main)
