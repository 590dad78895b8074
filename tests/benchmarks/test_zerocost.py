from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import zerocost
from benchmarks.runs import Failure
from benchmarks.zerocost import JOINED, NAMES, TABLE, Cells, draw, judge, main, pictures

RNG = np.random.default_rng(0)
ACCURACY = RNG.normal(size=60)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zerocost, "DRAWS", 20)


def test_cells_are_drawn_alike_each_time_and_have_every_score(data_folder: Path) -> None:
    found = draw(data_folder, 5)
    assert found.ops == draw(data_folder, 5).ops
    assert all(len(ops) == 6 for ops in found.ops)
    assert set(found.theirs) == set(TABLE)
    assert all(np.isfinite(values).all() for values in found.theirs.values())
    assert (found.accuracy > 10).all()


def test_pictures_are_bytes_with_their_classes(data_folder: Path) -> None:
    x, y = pictures(data_folder, 3)
    assert (x.shape, x.dtype, y.dtype) == ((3, 3, 32, 32), np.uint8, np.int64)


def test_a_score_is_compared_with_the_tables_own_on_the_same_cells() -> None:
    noisy = ACCURACY + RNG.normal(size=60)
    ours = dict.fromkeys(NAMES, noisy) | {"seconds": np.ones(60)}
    cells = Cells(("",) * 60, ACCURACY, dict.fromkeys(TABLE, ACCURACY))
    found = {one["case"]: one for one in judge(cells, ours)}
    first = found["nwot/cells"]
    assert first["goal"] == pytest.approx(1 - zerocost.ALLOWED)
    assert first["difference"] == pytest.approx(first["value"] - 1)
    assert first["spread"][0] < first["value"] < first["spread"][1]
    assert found["zico/cells"]["goal"] is None, "the table has it not"
    assert {f"{name}/cells" for name in (*NAMES, *JOINED)} < set(found)


def test_learnt_weights_leave_out_what_misleads() -> None:
    ours = dict.fromkeys(NAMES, -ACCURACY) | {"nwot": ACCURACY, "seconds": np.ones(60)}
    cells = Cells(("",) * 60, ACCURACY, {})
    found = {one["case"]: one["value"] for one in judge(cells, ours)}
    assert found["all_learnt/cells"] == pytest.approx(1)
    assert found["all_equal/cells"] < 0


def test_missing_data_says_how_to_name_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Failure, match="ARCHWRIGHT_DATA"):
        draw(tmp_path, 5)
    assert main(["--data", str(tmp_path)]) == 1
    assert "not measured" in capsys.readouterr().err


def test_a_dry_run_needs_a_file_of_its_own() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--cells", "3"])
    assert stopped.value.code == 2


def test_what_is_measured_is_written_and_scores_far_from_the_tables_are_marked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    data_folder: Path,
) -> None:
    cells, out = draw(data_folder, 40), tmp_path / "out.json"
    ours = dict.fromkeys(NAMES, cells.accuracy) | cells.theirs | {"seconds": np.ones(40)}
    ours["nwot"] = -cells.theirs["nwot"]
    monkeypatch.setattr(zerocost, "measure", lambda *_: ours)
    assert main(["--data", str(data_folder), "--cells", "40", "--out", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split("/")[0] for line in printed if "further than" in line] == ["nwot"]
    assert len(json.loads(out.read_text())["records"]) == len(printed)
