"""The plots of a race: everybody is on them, and lower is better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.environments import OURS
from benchmarks.race_plot import Axis, curves, draw

CLASSES: list[dict[str, Any]] = [
    {
        "case": f"mnist/{minutes}m",
        "value": 0.99,
        "spread": [0.98, 0.995],
        "better": "higher",
        "rivals": {"<quick>": 0.9, "even": 0.99},
        "nothing at the deadline": ["slow"] * (minutes == 1),
    }
    for minutes in (1, 3)
]
VALUES = [{"case": "houses/1m", "value": 5.0, "spread": [5.0, 5.0], "better": "lower"}]


def test_everybody_has_a_curve_of_errors() -> None:
    found = curves(CLASSES)
    assert list(found) == [OURS, "<quick>", "even", "slow"]
    assert [minutes for minutes, _ in found["<quick>"].points] == [1.0, 3.0]
    assert [wrong for _, wrong in found["<quick>"].points] == pytest.approx([10.0, 10.0])
    assert found[OURS].bars[0] == pytest.approx((1.0, 0.5, 2.0))
    assert (found["slow"].points, found["slow"].nothing) == ([], [1.0])


def test_a_plot_for_each_data_set_lies_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "race.json"
    path.write_text(json.dumps({"records": [*CLASSES, *VALUES]}), encoding="utf-8")
    written = draw(path)
    assert [each.name for each in written] == ["race-mnist.svg", "race-houses.svg"]
    for each in written:
        ElementTree.fromstring(each.read_text(encoding="utf-8"))
    text = written[0].read_text(encoding="utf-8")
    assert "&lt;quick&gt;" in text
    assert "slow (nothing at 1 min)" in text


def test_an_axis_has_round_ticks_at_even_ratios() -> None:
    axis = Axis(0.9, 110.0, 0.0, 1.0)
    assert axis.ticks() == pytest.approx([1, 2, 5, 10, 20, 50, 100])
    assert axis.at(10) - axis.at(1) == pytest.approx(axis.at(100) - axis.at(10))
    assert Axis(3.1, 3.2, 0.0, 1.0).ticks() == [3.1, 3.2]
