"""What the measurements of speed are made of, on a few rows."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from archwright.train.recipe import Recipe
from benchmarks import loop, promises, speed, throughput
from benchmarks.pictures import unpacked
from benchmarks.speed import main
from benchmarks.throughput import Work

RECIPE = Recipe(1, batch=32, lr=4e-3, weight_decay=0.02)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digits as arrays, with a test set of their own."""
    found = load_digits()
    x, path = found.images.astype(np.uint8), tmp_path_factory.mktemp("digits") / "digits.npz"
    parts = {"x_train": x[:1000], "y_train": found.target[:1000]}
    np.savez(path, **parts, x_test=x[1000:], y_test=found.target[1000:])
    return path


@pytest.mark.slow  # three processes load torch
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "planned"])
def test_both_loops_train_the_same_network_equally_well(digits: Path, plain: bool) -> None:
    work = Work(digits, None, throughput.small_cnn, RECIPE, 1000, 6)
    found = throughput.measure(work, 0, plain=plain)
    assert found.examples > 0
    assert 0 < found.share < 1
    assert found.accuracy > 0.9
    assert (found.plan == "plain loop") == plain


@pytest.mark.slow  # a process a trial
def test_the_pace_of_the_loop_is_that_of_its_trials(
    digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "TRIALS", 2)
    pace = loop.measure(digits, 0.2, 2)
    assert pace.trials_a_second > 0
    assert 0 < pace.overhead < 1


@pytest.mark.slow  # a command in a process of its own
def test_the_first_step_is_seen(digits: Path, tmp_path: Path) -> None:
    assert promises.first_step(digits, tmp_path) > 0


def test_thirty_searches_last_an_hour_in_all(tmp_path: Path) -> None:
    cases = list(promises.thirty(tmp_path, tmp_path, 1.0))
    assert len(cases) == 30
    assert sum(case.seconds for case in cases) == 3540
    assert {case.seconds for case in cases} == {30, 60, 120, 300, 600}
    assert len({case.name for case in cases}) == 6


def test_jpegs_are_unpacked_once(tmp_path: Path) -> None:
    def packed(name: str, shades: list[int]) -> Path:
        files = []
        for shade in shades:
            file = io.BytesIO()
            Image.new("RGB", (4, 6), (shade, 0, 255)).save(file, "JPEG", quality=95)
            files.append(np.frombuffer(file.getvalue(), np.uint8))
        offsets = np.cumsum([0, *map(len, files)])
        path = tmp_path / f"{name}.npz"
        np.savez(path, data=np.concatenate(files), offsets=offsets, y=np.arange(len(files)))
        return path

    out = unpacked(tmp_path / "out.npz", packed("train", [0, 200]), packed("test", [100]))
    with np.load(out) as arrays:
        assert arrays["x_train"].shape == (2, 3, 6, 4)
        assert arrays["x_test"].shape == (1, 3, 6, 4)
        assert abs(int(arrays["x_train"][1, 0, 3, 2]) - 200) < 10
        assert list(arrays["y_train"]) == [0, 1]
    written = out.stat().st_mtime_ns
    unpacked(out, tmp_path / "gone.npz", tmp_path / "gone.npz")
    assert out.stat().st_mtime_ns == written


def test_a_dry_run_does_not_touch_the_committed_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--scale", "0.1"])
    assert "name another file with --out" in capsys.readouterr().err


def test_every_case_is_a_group_of_its_own() -> None:
    assert not [name for name in speed.CASES if "/" in name]
    assert "training" in speed.CASES
