"""`archwright spaces`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archwright import registry
from archwright.cli.main import app
from archwright.errors import SpaceError

RUN = CliRunner()


def told(*words: str) -> str:
    """What `archwright spaces` prints on stdout."""
    done = RUN.invoke(app, ["spaces", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def refused(*words: str) -> str:
    with pytest.raises(SpaceError) as caught:
        RUN.invoke(app, ["spaces", *words], catch_exceptions=False)
    return str(caught.value)


def test_the_list_names_every_space_its_data_and_its_size() -> None:
    lines = {line.split()[0]: line.split()[1:3] for line in told().splitlines()}
    assert set(lines) == set(registry.names("spaces"))
    assert lines["mlp"][0] == "tables"
    assert lines["macro"] == ["images", "6,561"]


def test_the_list_is_also_for_programs() -> None:
    found = {each["name"]: each for each in json.loads(told("--json"))}
    assert found["cell201"]["size"] == 5**6


def test_a_space_is_shown_with_its_size_costs_paper_and_drawing() -> None:
    shown = told("show", "macro", "--shape", "1,4,4", "--draws", "10")
    assert "6,561 architectures for examples of 1x4x4; 8 choices in one, 1 deep" in shown
    assert "multiply-accumulates, median" in shown
    assert "arXiv:2103.11922" in shown
    assert "0 to 7  {identity, mb3, mb6}" in shown


def test_a_space_for_tables_needs_no_shape() -> None:
    found = json.loads(told("show", "mlp", "--json", "--draws", "50"))
    assert (found["shape"], found["drawn"]) == ([16], 55)
    assert found["params"]["low"] < found["params"]["middle"] < found["params"]["high"]


def test_a_drawing_is_written_into_a_file(tmp_path: Path) -> None:
    where = tmp_path / "a cell.svg"
    told("show", "mlp", "--svg", str(where), "--draws", "1")
    assert where.read_text(encoding="utf-8").startswith("<svg")


def test_what_cannot_be_shown_is_refused_with_a_way_out(tmp_path: Path) -> None:
    assert "did you mean 'macro'" in refused("show", "marco")
    assert "3,32,32" in refused("show", "macro", "--shape", "big")
    assert "use 'mlp'" in refused("show", "macro", "--shape", "13")
    assert "archwright spaces show NAME" in refused("show")
    assert "archwright spaces show NAME" in refused("draw", "macro")
    assert "cannot be written" in refused(
        *("show", "mlp", "--draws", "1", "--svg", str(tmp_path / "no" / "a.svg"))
    )
