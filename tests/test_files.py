import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlproject import files as artifacts
from mlproject.files import (
    appending,
    atomic_folder,
    locked,
    read_json,
    remove_unfinished,
    write_array,
    write_bytes,
    write_figure,
    write_json,
    write_table,
    write_text,
)

SOURCES = Path(__file__).parents[1] / "src"


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_building_replaces_the_folder_when_the_block_ends(tmp_path):
    folder = tmp_path / "out"
    for content in ("first", "second"):
        with atomic_folder(folder) as new:
            assert names(new) == []
            write_text(new / f"{content}.txt", content)
    assert names(folder) == ["second.txt"]
    assert names(tmp_path) == ["out"]


def test_building_shows_the_old_folder_until_the_block_ends(tmp_path):
    folder = tmp_path / "out"
    with atomic_folder(folder) as new:
        write_text(new / "a.txt", "old")
    with atomic_folder(folder) as new:
        write_text(new / "a.txt", "new")
        assert (folder / "a.txt").read_text() == "old"
    assert (folder / "a.txt").read_text() == "new"


def test_building_leaves_the_old_folder_when_the_block_raises(tmp_path):
    folder = tmp_path / "out"
    with atomic_folder(folder) as new:
        write_text(new / "a.txt", "old")
    with pytest.raises(ValueError, match="not JSON compliant"), atomic_folder(folder) as new:
        write_json(new / "a.txt", {"nmi": float("nan")})
    assert (folder / "a.txt").read_text() == "old"


def test_building_leaves_no_folder_where_none_was_when_the_block_raises(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "out"):
        raise ZeroDivisionError
    assert not (tmp_path / "out").exists()


def test_building_removes_what_a_killed_process_left(tmp_path):
    dying = (
        "import os, pathlib, sys\nfrom mlproject.files import atomic_folder\n"
        "with atomic_folder(pathlib.Path(sys.argv[1])) as new:\n"
        "    (new / 'half.txt').write_text('half')\n    os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", dying, tmp_path / "out"], env=_environment(), check=False)
    assert names(tmp_path) == [".out.new"]
    with atomic_folder(tmp_path / "out") as new:
        write_text(new / "whole.txt", "whole")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["whole.txt"]


def test_two_processes_exclude_each_other(tmp_path):
    """The first holds the lock until it is told; the second says that it waits, and then comes after it."""
    worker = (
        "import pathlib, sys\nfrom mlproject.files import locked\n"
        "name, folder = sys.argv[1], pathlib.Path(sys.argv[2])\n"
        "with locked(folder / 'out', log=lambda text: print(text, flush=True)):\n"
        "    print('in', flush=True)\n    sys.stdin.readline()\n"
        "    with (folder / 'log').open('a') as file:\n        file.write(name + '\\n')\n"
    )

    def start(name):
        return subprocess.Popen(
            [sys.executable, "-c", worker, name, tmp_path],
            env=_environment(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    with start("first") as first:
        assert first.stdout.readline() == "in\n"
        with start("second") as second:
            assert second.stdout.readline() == "another process is working on out; waiting for it to finish\n"
            first.communicate("go\n")
            assert second.stdout.readline() == "in\n"
            second.communicate("go\n")
    assert (tmp_path / "log").read_text() == "first\nsecond\n"


def test_free_lock_is_taken_in_silence_and_freed_by_an_error(tmp_path):
    said = []
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "out", log=said.append):
        raise ZeroDivisionError
    with locked(tmp_path / "out", log=said.append):
        assert said == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, -float("inf")]])
def test_json_refuses_what_is_not_finite_and_keeps_the_old_file(tmp_path, value):
    path = tmp_path / "scores.json"
    write_json(path, {"nmi": None})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"nmi": value})
    assert read_json(path) == {"nmi": None}
    assert names(tmp_path) == ["scores.json"]


def test_json_keeps_the_order_of_its_keys_and_ends_its_last_line(tmp_path):
    path = tmp_path / "deep" / "a.json"
    write_json(path, {"b": 1, "a": None})
    assert list(read_json(path)) == ["b", "a"]
    assert path.read_text().endswith("}\n")


def test_array_can_be_mapped(tmp_path, rng):
    array = rng.normal(size=(3, 4)).astype(np.float32)
    write_array(tmp_path / "a.npy", array)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, array)


def test_failed_write_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.npy"
    write_array(path, np.arange(3))
    with pytest.raises(ValueError, match="pickle"):
        write_array(path, np.array([object()]))
    np.testing.assert_array_equal(np.load(path), np.arange(3))
    assert names(tmp_path) == ["a.npy"]


@pytest.mark.parametrize(("name", "read"), [("t.csv", pd.read_csv), ("t.parquet", pd.read_parquet)])
def test_table_comes_back_without_an_index(tmp_path, name, read):
    frame = pd.DataFrame({"track_id": ["b", "a"], "seconds": [1.5, 2.0]}, index=[7, 3])
    write_table(tmp_path / name, frame)
    pd.testing.assert_frame_equal(read(tmp_path / name), frame.reset_index(drop=True))


def test_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        figure = Figure()
        figure.subplots().plot([1, 2])
        write_figure(tmp_path / name, figure)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_bytes_and_text_make_their_folder(tmp_path):
    write_bytes(tmp_path / "x" / "b", b"\x00\xff")
    write_text(tmp_path / "y" / "t", "Sch\u00fctze")
    assert (tmp_path / "x" / "b").read_bytes() == b"\x00\xff"
    assert (tmp_path / "y" / "t").read_bytes() == "Sch\u00fctze".encode()


def _environment():
    return os.environ | {"PYTHONPATH": str(SOURCES)}


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    def fail():
        with atomic_folder(tmp_path / "out") as folder:
            (folder / "file").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_a_folder_that_was_on_its_way_out_when_the_power_failed_comes_back(tmp_path):
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / "file").write_text("old")
    with atomic_folder(tmp_path / "out"):
        assert (tmp_path / "out" / "file").read_text() == "old"


COLUMNS = {"track": "str", "cluster": "Int64", "distance": "float64"}
ROWS = [("a, b", 3, 0.1), ("ü", None, None), ('"c"', -1, 1e-20)]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_of_rows_is_the_same_as_one_written_at_once(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr(artifacts, "ROW_GROUP", 2)
    with appending(tmp_path / f"rows{suffix}", COLUMNS) as append:
        for row in ROWS:
            append(row)
    write_table(tmp_path / f"table{suffix}", pd.DataFrame(ROWS, columns=list(COLUMNS)).astype(COLUMNS))
    read = pd.read_csv if suffix == ".csv" else pd.read_parquet
    pd.testing.assert_frame_equal(read(tmp_path / f"rows{suffix}"), read(tmp_path / f"table{suffix}"))
    assert suffix == ".parquet" or len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_without_rows_has_its_columns(tmp_path, suffix):
    with appending(tmp_path / f"rows{suffix}", COLUMNS):
        pass
    read = pd.read_csv if suffix == ".csv" else pd.read_parquet
    assert list(read(tmp_path / f"rows{suffix}").columns) == list(COLUMNS)


def test_rows_are_on_disk_as_they_come_but_not_under_the_name_of_the_table(tmp_path):
    path = tmp_path / "rows.csv"
    with appending(path, COLUMNS) as append:
        for number, row in enumerate(ROWS, start=1):
            append(row)
            (aside,) = tmp_path.iterdir()
            assert aside != path
            assert len(aside.read_text().splitlines()) == number + 1
    assert names(tmp_path) == ["rows.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_of_an_interrupted_block_leave_the_old_table(tmp_path, suffix):
    path = tmp_path / f"rows{suffix}"
    path.write_text("old")
    interrupted = contextlib.suppress(KeyboardInterrupt)
    with interrupted, appending(path, COLUMNS) as append:
        append(ROWS[0])
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert names(tmp_path) == [path.name]


def test_a_name_that_is_no_text_is_written_as_it_came(tmp_path):
    with appending(tmp_path / "rows.csv", COLUMNS) as append:
        append((os.fsdecode(b"caf\xe9.wav"), 1, 0.5))
    assert b"caf\xe9.wav" in (tmp_path / "rows.csv").read_bytes()


def test_a_table_that_is_written_again_takes_what_was_left_of_it_away(tmp_path):
    dead, living = tmp_path / f".unfinished-{1 << 30}.answers.csv", tmp_path / f".unfinished-{os.getpid()}.other.csv"
    dead.touch()
    living.touch()
    with appending(tmp_path / "answers.csv", {"track": "string"}) as append:
        append(["a"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, "answers.csv"]


def test_what_a_killed_process_had_begun_is_removed_and_nothing_else(tmp_path):
    names = (f".unfinished-{1 << 30}.a.npy", f".unfinished-{os.getpid()}.b.npy", ".hidden", f".{1 << 30}.OST.flac")
    for name in names:
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / name).touch()
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in (tmp_path / "sub").iterdir()) == sorted(names[1:])
