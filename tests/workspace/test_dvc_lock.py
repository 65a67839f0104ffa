"""What is read of dvc.lock while DVC writes it."""

import threading

from zc.lockfile import LockFile

from mlproject.workspace.dvc_lock import read_lock, stage_hash

CONTENT = "schema: '2.0'\nstages:\n  prepare:\n    outs:\n    - {path: a, md5: 1}\n    - {path: b, md5: 2}\n"


def test_a_file_that_dvc_is_writing_is_read_when_it_is_whole(tmp_path):
    file = tmp_path / "dvc.lock"
    file.write_text(CONTENT)
    (tmp_path / ".dvc" / "tmp").mkdir(parents=True)
    expected = stage_hash(file, "prepare")
    emptied, go_on = threading.Event(), threading.Event()

    def write_as_dvc_does():
        held = LockFile(str(tmp_path / ".dvc" / "tmp" / "lock"))  # the class that DVC itself holds its lock with
        with file.open("w") as stream:
            stream.write(CONTENT[: CONTENT.index("    - {path: b")])
            stream.flush()
            emptied.set()
            assert go_on.wait(30)
            stream.write(CONTENT[CONTENT.index("    - {path: b") :])
        held.close()

    writer = threading.Thread(target=write_as_dvc_does)
    writer.start()
    assert emptied.wait(30)
    threading.Timer(0.2, go_on.set).start()
    assert stage_hash(file, "prepare") == expected
    writer.join()


def test_a_folder_without_dvc_is_read_as_it_is(tmp_path):
    assert read_lock(tmp_path / "dvc.lock") == {}
    (tmp_path / "dvc.lock").write_text(CONTENT)
    assert list(read_lock(tmp_path / "dvc.lock")["stages"]) == ["prepare"]
    assert not (tmp_path / ".dvc").exists()
