"""The race: what is scored, by whom, and what is not run twice."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import race
from benchmarks.environments import OURS, Entrant
from benchmarks.race import Track, known, standings, table
from benchmarks.runs import Failure

SAYING = """
import sys, time
from pathlib import Path
import numpy as np, pandas as pd
folder = Path(sys.argv[1])
np.save(folder / "predictions.npy", np.array(["b"] * len(pd.read_parquet(folder / "test.parquet"))))
time.sleep(60)
"""


@pytest.fixture
def track(tmp_path: Path) -> Track:
    """A table of 40 rows, four of which are tested."""
    frame = pd.DataFrame({"x": range(40), "y": ["a", "b"] * 20})
    frame["split"] = ["test" if i < 4 else "train" for i in range(40)]
    frame.to_parquet(tmp_path / "rows.parquet")
    return table("rows", tmp_path / "rows.parquet", "y", tmp_path / "work")


def test_nobody_is_shown_the_truth(track: Track) -> None:
    assert list(track.truth) == ["a", "b", "a", "b"]
    assert list(pd.read_parquet(track.folder / "test.parquet")) == ["x"]
    train = pd.read_parquet(track.folder / "train.parquet")
    assert len(train) == 36
    assert set(train) == {"x", "target"}


def test_classes_are_scored_by_accuracy_and_values_by_their_errors(track: Track) -> None:
    assert track.score(np.array(["a", "b", "b", "b"])) == 0.75
    values = Track("values", "tables", track.folder, np.array([1.0, 2.0]))
    assert values.score(np.array([1.0, 4.0])) == pytest.approx(math.sqrt(2))
    with pytest.raises(Failure, match="3 predictions for 4 test rows"):
        track.score(np.array(["a"] * 3))


@pytest.mark.slow  # starts Python twice
def test_what_lies_on_disk_at_the_deadline_counts(
    track: Track, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.environments.SCRIPTS", tmp_path)
    (tmp_path / "saying.py").write_text(SAYING, encoding="utf-8")
    (tmp_path / "silent.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    saying, silent = (Entrant(name, ("tables",), f"{name}.py") for name in ("saying", "silent"))
    assert saying.python == Path(sys.executable)
    assert race.race(track, saying, 10.0, 0, [0]) == 0.5
    assert math.isnan(race.race(track, silent, 1.0, 0, [0]))


def test_a_changed_entrant_races_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.environments.SCRIPTS", tmp_path)
    (tmp_path / "one.py").write_text("1", encoding="utf-8")
    entrant, place = Entrant("one", ("tables",), "one.py"), tmp_path / "one.json"
    assert known(place, entrant) == {}
    stored = f'{{"entrant": "{entrant.identity()}", "scores": {{"1/0": 0.5}}}}'
    place.write_text(stored, encoding="utf-8")
    assert known(place, entrant) == {"1/0": 0.5}
    (tmp_path / "one.py").write_text("2", encoding="utf-8")
    assert known(place, entrant) == {}


def test_standings_name_the_best_of_the_others_and_who_had_nothing(track: Track) -> None:
    found = {
        OURS: {1.0: [0.8, 0.9, 0.7]},
        "quick": {1.0: [0.6, 0.7, 0.8]},
        "slow": {1.0: [0.9, math.nan, 0.9]},
    }
    (one,) = standings(track, found)
    assert (one["value"], one["goal"], one["rivals"]) == (0.8, 0.7, {"quick": 0.7})
    assert one["nothing at the deadline"] == ["slow"]


def test_the_noise_of_a_race_shrinks_with_the_test_rows() -> None:
    assert race.noise(0.5, 100) == pytest.approx(2 * (0.5 / 100) ** 0.5)
    assert race.noise(0.99, 10_000) == pytest.approx(race.noise(0.99, 100) / 10)
