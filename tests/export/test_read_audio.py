"""A network of clips, written to a folder that predicts without archwright."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from archwright.auto import splits
from archwright.core.architecture import decode
from archwright.data.clips import read_new
from archwright.data.load import load
from archwright.errors import DataError
from archwright.export.module import load_module
from archwright.nets.build import build
from archwright.nets.prepare import prepare
from archwright.spaces.audio import audio, portfolio
from tests.data.test_clips import folder, save, tone
from tests.export.written import checked


@pytest.mark.parametrize("start", range(4))
def test_every_start_is_written_read_and_checked(start: int, tmp_path: Path) -> None:
    split, spec = splits.holdout(load(folder(tmp_path / "clips")))
    shape = split.signature.shape
    arch = portfolio(shape)[start]
    net = build(decode(audio(shape), arch), split.signature).eval()
    prepare(net, split.x, split.y, split.train)
    checked(tmp_path / "result", net, arch, split, spec)

    new = tmp_path / "new"
    save(new / "a.wav", tone(350))
    save(new / "deep" / "b.wav", np.stack([tone(800, 0.1, 16_000)] * 2, 1), 16_000, width=3)
    raw, files = read_new(new, spec)
    assert files == ["a.wav", "deep/b.wav"]
    module = load_module(tmp_path / "result")
    expected = module.predict(*module.load(tmp_path / "result"), raw)
    assert expected.shape == (2, 2)
    if start == 0:  # the file alone, without archwright
        done = subprocess.run(
            [sys.executable, "-I", tmp_path / "result" / "model.py", new],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(",") for line in done.stdout.splitlines()[1:]]
        assert [row[0] for row in rows] == files
        found = np.array([row[2:] for row in rows], float)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_new_data_without_clips_is_refused(tmp_path: Path) -> None:
    spec = {"audio": {"rate": 8000, "length": 10}}
    (tmp_path / "a.txt").write_text("no sound")
    for place in (tmp_path, tmp_path / "a.txt", tmp_path / "none.wav"):
        with pytest.raises(DataError, match="no clip there"):
            read_new(place, spec)
