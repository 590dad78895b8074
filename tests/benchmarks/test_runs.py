from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.runs import Case, Failure, clear, command, environment, finished, running, source


@pytest.mark.parametrize(
    ("seconds", "label"), [(60, "digits/60s"), (300, "digits/5m"), (30.0, "digits/30s")]
)
def test_a_case_is_labelled_by_its_budget(seconds: float, label: str) -> None:
    assert Case("digits", Path("digits.npz"), seconds).label == label


def test_searches_do_not_inherit_what_steers_python_or_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("HOME_OF_THE_TEST", "kept")
    found = environment()
    assert "OMP_NUM_THREADS" not in found
    assert "PYTHONPATH" not in found
    assert found["HOME_OF_THE_TEST"] == "kept"


def test_a_command_is_timed_and_its_output_kept(tmp_path: Path) -> None:
    log, looks = tmp_path / "logs" / "version.log", []
    seconds = command(["--version"], log, looks.append)
    assert log.read_text().strip()
    assert seconds > 0
    assert looks == sorted(looks)


def test_a_command_that_fails_is_a_failure_that_names_its_log(tmp_path: Path) -> None:
    log = tmp_path / "unknown.log"
    with pytest.raises(Failure, match=r"exit code 2.*unknown\.log"):
        command(["unknown"], log)


def test_nothing_is_alive_after_a_command_was_left(tmp_path: Path) -> None:
    with running(["--help"], tmp_path / "help.log") as process:
        assert process.pid
    assert process.returncode is not None


def test_a_run_is_used_again_only_if_the_package_is_the_same(tmp_path: Path) -> None:
    case = Case("digits", Path("digits.npz"), 60)
    run = tmp_path / "digits-60s-0"
    assert finished(case, 0, tmp_path) is None
    run.mkdir()
    (run / "report.html").touch()
    (tmp_path / "digits-60s-0.json").write_text(f'{{"source": "{source()}"}}')
    assert finished(case, 0, tmp_path) == run
    (tmp_path / "digits-60s-0.json").write_text('{"source": "older"}')
    assert finished(case, 0, tmp_path) is None


def test_an_earlier_run_is_cleared_away(tmp_path: Path) -> None:
    run = tmp_path / "run"
    clear(run)
    run.mkdir()
    (run / "study.db").touch()
    clear(run)
    assert not run.exists()


def test_the_source_is_summed_up_quickly() -> None:
    started = time.monotonic()
    assert source() == source()
    assert time.monotonic() - started < 10
