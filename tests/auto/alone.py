"""Runs what a search leaves behind, for the tests of the whole way."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from archwright.auto.result import Result


def predictions(found: Result, run: Path, new: Path) -> str:
    """Return what `model.py` alone prints for new data, which is what archwright writes."""
    ours = io.StringIO()
    found.write_predictions(str(new), ours)
    command = [sys.executable, "-I", str(run / "result" / "model.py"), str(new)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ours.getvalue()
    return done.stdout
