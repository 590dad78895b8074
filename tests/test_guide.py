"""The guide's programs run as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow  # three searches of two trials each
def test_the_page_on_spaces_is_a_program_that_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guide" / "spaces.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    assert len(blocks) == 3
    (tmp_path / "mine.py").write_text("\n".join(blocks).replace("trials=2", "trials=2, epochs=1"))
    done = subprocess.run(
        [sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, copied, last = done.stdout.split()
    assert copied == "1"
    assert 0 <= float(first) <= 1
    assert 0 <= float(last) <= 1
