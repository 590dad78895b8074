"""`archwright bench`: what is for people, what is for programs, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from archwright.cli.main import main
from tests.bench.conftest import chains


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nas")
    np.savez(place / "nas_bench_macro_cifar10.npz", **chains())
    return place


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["archwright", "bench", *map(str, words)])
    try:
        main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


SHORT = ("--seeds", 2, "--trials", 8)


def test_a_table_goes_to_stderr_and_records_to_stdout(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "macro", "--data", data, *SHORT, "--json") == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    cases = {one["case"] for one in found["records"]}
    assert cases == {"macro/cifar10/oracle/random", "macro/cifar10/oracle/evolution"}
    assert "evolution" in said.err
    assert "hit rate" in said.err


def test_without_json_nothing_goes_to_stdout_and_files_are_left_where_asked(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my rün"
    words = ("--data", data, *SHORT, "--protocol", "honest", "--out", out)
    assert call(monkeypatch, "macro", *words) == 0
    assert capsys.readouterr().out == ""
    assert json.loads((out / "bench.json").read_text(encoding="utf-8"))["records"]
    assert (out / "bench.html").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("macroo",), "did you mean 'macro'"),
        (("nb201",), "nb201.npz: there is no such file"),
        (("macro", "--strategies", "evolutoin"), "did you mean 'evolution'"),
        (("macro", "--strategies", " , "), "no strategy is named"),
        (("macro", "--seeds", 0), "seeds=0"),
        (("macro", "--protocol", "timed"), "no values for the protocol"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_2(
    data: Path,
    words: tuple[object, ...],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, *words, "--data", data) == 2
    said = capsys.readouterr()
    assert reason in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
