"""Cases one after the other, and what becomes of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archwright.errors import DataError
from benchmarks.driver import drive
from benchmarks.records import Aim, Record, read, record, report, write


def one() -> list[Record]:
    return [record("one/a", Aim("m", "lower", 2.0), [1.0])]


def two() -> list[Record]:
    return [record("two/a", Aim("m", "lower", None), [3.0])]


def refused() -> list[Record]:
    raise DataError("no such column")


def cases_in(out: Path) -> list[str]:
    return [made["case"] for made in json.loads(out.read_text())["records"]]


def test_a_part_is_measured_again_and_the_rest_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    cases = {"one": one, "two": two}
    assert drive("make it", out, cases, cases) == 0
    assert drive("make it", out, cases, ["two"]) == 0
    assert cases_in(out) == ["one/a", "two/a"]
    assert "one/a m: 1, goal 2" in capsys.readouterr().err


def test_a_case_that_is_refused_is_named_and_the_others_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, cases = tmp_path / "out.json", {"one": refused, "two": two}
    assert drive("make it", out, cases, cases) == 1
    assert cases_in(out) == ["two/a"]
    assert "one: not measured: no such column" in capsys.readouterr().err


def test_what_another_machine_measured_stays_and_says_so(tmp_path: Path) -> None:
    out, cases, abacus = tmp_path / "out.json", {"one": one, "two": two}, {"cpu": "abacus"}
    write(out, report("make it") | {"machine": abacus, "records": [*one(), *two()]})
    assert drive("make it", out, cases, ["two"]) == 0
    merged = read(out) or {}
    assert merged["machine"] == report("")["machine"]
    assert [made.get("machine") for made in merged["records"]] == [abacus, None]
