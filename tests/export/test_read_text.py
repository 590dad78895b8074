"""A network of texts, written to a folder that predicts without archwright."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.auto import splits
from archwright.core.architecture import decode
from archwright.data.load import load
from archwright.data.texts import read_new
from archwright.export.module import load_module
from archwright.nets.build import build
from archwright.spaces.text import portfolio, text
from tests.export.written import checked

LISTED = [f"{word} day number {i} of all" for i in range(20) for word in ("good", "bad")]
FRAME = pd.DataFrame({"said": LISTED, "y": ["up", "down"] * 20})


@pytest.mark.parametrize("start", range(6))
def test_every_start_is_written_read_and_checked(start: int, tmp_path: Path) -> None:
    split, spec = splits.holdout(load(FRAME, "y"))
    shape = split.signature.shape
    arch = portfolio(shape)[start]
    net = build(decode(text(shape), arch), split.signature).eval()
    checked(tmp_path / "result", net, arch, split, spec)

    new = tmp_path / "new.csv"
    pd.DataFrame({"said": ["a good day", "Ünseen \u65e5\u672c", "bad"]}).to_csv(new, index=False)
    module = load_module(tmp_path / "result")
    expected = module.predict(*module.load(tmp_path / "result"), read_new(new, spec)[0])
    if start == 0:  # the file alone, without archwright
        done = subprocess.run(
            [sys.executable, "-I", tmp_path / "result" / "model.py", new],
            capture_output=True,
            text=True,
            check=True,
        )
        found = [line.split(",")[1:] for line in done.stdout.splitlines()[1:]]
        np.testing.assert_allclose(np.array(found, float), expected, atol=1e-5)
    assert expected.shape == (3, 2)
