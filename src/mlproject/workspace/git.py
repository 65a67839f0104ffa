"""The commit of a checkout, and how its working tree differs from it."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Commit", "committed_lock", "read_commit"]

# Of files that git does not know, only code and configuration belong to a commit's difference: no conf/.env, no key.
OWN_FILES = {"conf": ".yaml", "pipelines": ".py", "src": ".py"}


@dataclass(frozen=True)
class Commit:
    """A commit and how the working tree differed from it."""

    sha: str  # "unknown" outside git
    clean: str  # "true", "false" or "unknown"
    # What `git apply` makes of the commit's tree to get the one that ran.
    diff: str = ""


def read_commit(root: Path) -> Commit:
    """Read the commit of a checkout; a rewritten ``dvc.lock`` does not make it unclean: DVC does that as it runs."""
    try:
        sha = _git(root, "rev-parse", "HEAD").strip()
        diff = _uncommitted(root)
    except (OSError, subprocess.CalledProcessError):
        return Commit("unknown", "unknown")
    return Commit(sha, "false" if diff else "true", diff)


def committed_lock(root: Path) -> bytes:
    """Return ``dvc.lock`` as it is committed, empty where it is not."""
    try:
        return _git(root, "show", "HEAD:dvc.lock").encode()
    except (OSError, subprocess.CalledProcessError):
        return b""


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
        listing = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *OWN_FILES, **own_index)
        own = [name for name in listing.split("\0") if name.endswith(OWN_FILES.get(name.split("/")[0], "/"))]
        if own:
            _git(root, "add", "--", *(f":(literal){name}" for name in own), **own_index)
        # Unlike `git diff`, this one ignores a user's settings of colours and prefixes.
        return _git(root, "diff-index", "--cached", "--binary", "--patch", "HEAD", **own_index)


def _git(root: Path, *arguments: str, **environment: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return done.stdout.decode(errors="surrogateescape")
