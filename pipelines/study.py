"""Entry point `study`: tune a task with Optuna; the same trials for any number of workers, however often interrupted.

mlflow run . -e study -P task=medium -P trials=100 --env-manager local
python -m pipelines.study task=medium trials=100 workers=2
python -m pipelines.study task=medium --verify                                 # decide again all that was decided
python -m pipelines.study --worker --study NAME --storage postgresql://...     # one more worker, on any machine
python -m pipelines.study --help
"""

from __future__ import annotations

from mlproject.errors import ConfigError
from pipelines._command import key_values, run_command, say, wants_help
from pipelines._study_settings import read_settings, study_help
from pipelines._study_workers import work_on
from pipelines._studying import conduct, verify

FLAGS = ("--worker", "--verify")


def main(arguments: list[str]) -> None:
    """Conduct a study; or work on one that was started elsewhere, or verify one."""
    if wants_help(arguments):
        print(study_help())
        return
    flags = {flag for flag in FLAGS if flag in arguments}
    given = key_values([one for one in arguments if one not in FLAGS])
    if flags == {"--worker"}:
        work(given)
    elif flags == {"--verify"}:
        check(given)
    elif not flags:
        conduct(read_settings(given))
    else:
        raise ConfigError("--worker and --verify exclude one another; give one of them")


def work(given: dict[str, str]) -> None:
    """Take trials of a study until it is finished."""
    for key in given:
        if key not in ("study", "storage"):
            raise ConfigError(f"--worker takes --study NAME and --storage URL alone; got {key!r}")
    if "study" not in given:
        raise ConfigError("--worker needs --study NAME; python -m pipelines.study prints the name when it starts")
    done = work_on(given["study"], given.get("storage"))
    say(f"worker: {done} trials done")


def check(given: dict[str, str]) -> None:
    """Say whether every decision of a finished study holds."""
    settings = read_settings(given)
    differing, count = verify(settings)
    for line in differing:
        print(line)
    if differing:
        raise ConfigError(f"{len(differing)} of the decisions of {count} trials are not what the study's seed gives")
    print(f"{settings.name}: all decisions of {count} trials hold")


if __name__ == "__main__":
    run_command(main)
