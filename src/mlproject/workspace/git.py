"""The commit of a checkout, and how its working tree differs from it."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Commit", "read_commit"]

OWN_FOLDERS = ("conf", "pipelines", "src")


@dataclass(frozen=True)
class Commit:
    """A commit and how the working tree differed from it."""

    sha: str  # "unknown" outside git
    clean: str  # "true", "false" or "unknown"
    # what `git apply` makes of the commit's tree to get the one that ran; of files that git does not know,
    # those in the folders of code and configuration
    diff: str = ""


def read_commit(root: Path) -> Commit:
    """Read the commit of a checkout; a rewritten ``dvc.lock`` does not make it unclean: DVC does that as it runs."""
    try:
        sha = _git(root, "rev-parse", "HEAD").strip()
        diff = _uncommitted(root)
    except (OSError, subprocess.CalledProcessError):
        return Commit("unknown", "unknown")
    return Commit(sha, "false" if diff else "true", diff)


def _uncommitted(root: Path) -> str:
    """Compare the working tree with the commit, through an index and objects of its own: git's own stay as they are."""
    objects = root / _git(root, "rev-parse", "--git-path", "objects").strip()
    with tempfile.TemporaryDirectory() as folder:
        own_index = {
            "GIT_INDEX_FILE": str(Path(folder) / "index"),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
        }
        _git(root, "read-tree", "HEAD", **own_index)
        _git(root, "add", "--update", "--", ".", ":!dvc.lock", **own_index)
        if own := [name for name in OWN_FOLDERS if (root / name).is_dir()]:
            _git(root, "add", "--all", "--", *own, **own_index)
        # Unlike `git diff`, this one ignores a user's settings of colours and prefixes.
        return _git(root, "diff-index", "--cached", "--binary", "--patch", "HEAD", **own_index)


def _git(root: Path, *arguments: str, **environment: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return done.stdout.decode(errors="surrogateescape")
