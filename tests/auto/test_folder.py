"""The run folder: whose it is, and that only one command works in it."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from archwright.auto.folder import Folder, claim, existing, free, lease
from archwright.errors import RunError


def test_without_a_name_runs_count_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert free("adult").path == Path("runs/adult")
    for taken in ("adult", "adult-2"):
        (tmp_path / "runs" / taken).mkdir(parents=True)
    assert free("adult").path == Path("runs/adult-3")


@pytest.mark.parametrize(
    ("name", "folder"),
    [("my données", "my-données"), ("../../etc", "etc"), ("a/b c", "a-b-c"), ("...", "run")],
)
def test_a_name_becomes_one_folder_below_runs(
    name: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert free(name).path == Path("runs") / folder


def test_claiming_makes_nothing_on_disk(tmp_path: Path) -> None:
    assert claim(tmp_path / "run").path == tmp_path / "run"
    assert not (tmp_path / "run").exists()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    assert claim(tmp_path).path == tmp_path


@pytest.mark.parametrize("held", ["study.db", "report.html", "result"])
def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path, held: str) -> None:
    (tmp_path / held).mkdir()
    with pytest.raises(RunError, match=r"already holds a run.*archwright resume"):
        claim(tmp_path)


def test_a_file_is_no_run_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(RunError, match="there is a file of that name"):
        claim(tmp_path / "run")


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nowhere: there is no such folder"):
        existing(tmp_path / "nowhere")
    with pytest.raises(RunError, match="holds no run of archwright"):
        existing(tmp_path)


def _try(path: str, answers: multiprocessing.SimpleQueue[str]) -> None:
    try:
        with lease(Folder(Path(path))):
            answers.put("free")
    except RunError as error:
        answers.put(str(error))


def from_elsewhere(path: Path) -> str:
    """What another process is told that wants the folder."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_try, args=(str(path), answers))
    process.start()
    process.join()
    return answers.get()


def test_one_command_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "run")
    with lease(folder):
        (folder.path / "study.db").touch()
        assert "in use by another archwright" in from_elsewhere(folder.path)
    assert from_elsewhere(folder.path) == "free"
    assert [path.name for path in folder.path.iterdir()] == ["study.db"]


def test_an_error_lets_go_of_the_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "run")

    def fail() -> None:
        with lease(folder):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not folder.path.exists(), "nothing was put into it"
    assert from_elsewhere(folder.path) == "free"


def test_an_empty_folder_of_the_users_stays(tmp_path: Path) -> None:
    with lease(Folder(tmp_path)):
        pass
    assert tmp_path.is_dir()
