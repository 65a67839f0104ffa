"""Arguments -> one call of `mlproject.workflows`: one module per entry point of `MLproject` and per further command.

`stages` has one module per stage of `dvc.yaml`; `_cli` turns a function into a command. The package `mlproject` is
always the one of this checkout, in the processes that a command starts too.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("filelock") is None:
    sys.exit(
        "error: the requirements are not installed for this Python; run make setup, then source .venv/bin/activate"
    )

_SRC = str(Path(__file__).resolve().parent.parent / "src")
if _SRC not in sys.path:
    sys.path.insert(0, _SRC)
os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([_SRC, *os.environ.get("PYTHONPATH", _SRC).split(os.pathsep)]))
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # it may hold a password
os.environ.setdefault("DVC_NO_ANALYTICS", "true")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
