"""A baseline beside the network: a script that predicts what the fitted model said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.auto import splits
from archwright.core.architecture import decode
from archwright.data.load import load
from archwright.evaluators.rivals import Contest, Rival, fit_rivals
from archwright.export.baseline import files
from archwright.export.result import Content, write
from archwright.nets.build import build
from archwright.registry import MODALITIES, find, portfolio

RNG = np.random.default_rng(0)
ROWS = 80
COLOURS = np.array(["red", "green", "blue"])[np.arange(ROWS) % 3]
TABLE = pd.DataFrame({"a": RNG.normal(size=ROWS), "colour": COLOURS, "y": np.arange(ROWS) % 3 == 0})
VALUES = TABLE.assign(y=TABLE["a"] * 3 + 50 + RNG.normal(size=ROWS) / 10)
TEXTS = pd.DataFrame(
    {
        "said": [f"{word} day number {i} of all" for i in range(40) for word in ("good", "bad")],
        "y": ["up", "down"] * 40,
    }
)


def beside(data: pd.DataFrame, folder: Path) -> list[Rival]:
    """Write a result with each of the rivals that can be handed over, and return those."""
    task = load(data, "y")
    split, spec = splits.holdout(task)
    space = MODALITIES[task.modality].space
    shape = split.signature.shape
    net = build(decode(find("spaces", space)(shape), portfolio(space)(shape)[0]), split.signature)
    rivals = [one for one in fit_rivals(Contest(split, task.inputs, 1e6, 0)) if one.model]
    for i, rival in enumerate(rivals):
        content = Content(spec, "{}", {}, "", beside=files(rival.name, rival.model, spec))
        write(folder / str(i), net, content)
    return rivals


@pytest.mark.parametrize(("data", "count"), [(TABLE, 2), (VALUES, 2), (TEXTS, 2)])
def test_the_script_says_what_the_rival_says(
    data: pd.DataFrame, count: int, tmp_path: Path
) -> None:
    rivals = beside(data, tmp_path)
    assert len(rivals) == count
    data.drop(columns="y").to_csv(tmp_path / "new.csv", index=False)
    for i, rival in enumerate(rivals):
        script = tmp_path / str(i) / "baseline.py"
        assert rival.name in script.read_text()
        done = subprocess.run(
            [sys.executable, script, tmp_path / "new.csv"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        rows = [line.split(",") for line in done.stdout.splitlines()]
        found = np.array([row[1:] or row for row in rows[1:]], float)
        expected = rival.predict(np.arange(ROWS)).reshape(ROWS, -1)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_images_are_flattened(tmp_path: Path) -> None:
    x = RNG.integers(0, 17, (60, 4, 4), dtype=np.uint8)
    y = np.arange(60) % 2
    x[y == 1, :2] += 100
    task = load((x, y))
    split, spec = splits.holdout(task)
    (rival,) = [one for one in fit_rivals(Contest(split, task.inputs, 1e6, 0)) if one.model]
    (tmp_path / "model.py").write_text(
        "def images(raw, spec):\n    return raw[:, None].astype('float32')\n"
    )
    for name, data in files(rival.name, rival.model, spec).items():
        (tmp_path / name).write_bytes(data)
    code = """
import baseline, numpy as np
spec = {'kind': 'classification', 'classes': [0, 1], 'outcomes': []}
print(baseline.predict(spec, np.load('x.npy')).argmax(1).tolist())
"""
    np.save(tmp_path / "x.npy", x)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == str(rival.predict(np.arange(60)).argmax(1).tolist())
