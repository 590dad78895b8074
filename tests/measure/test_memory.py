"""Memory of a process and of those it has started."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from archwright.measure import memory
from archwright.measure.memory import Peak, in_use, room

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only peaks are known")


@linux
def test_what_was_started_counts_too() -> None:
    words = [sys.executable, "-c", "held = b'x' * 80_000_000; print('held', flush=True); input()"]
    before = in_use()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert in_use() - before > 70e6
        child.kill()


def test_the_peak_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PERIOD", 0.01)
    seen = iter([1.0, 5.0, *[2.0] * 1000])
    monkeypatch.setattr(memory, "in_use", lambda: next(seen))
    with Peak() as peak:
        time.sleep(0.1)
    assert peak.value == 5.0


def test_there_is_room_for_what_a_container_is_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit, cpu = tmp_path / "memory.max", torch.device("cpu")
    monkeypatch.setattr(memory, "LIMIT", limit)
    whole = room(cpu)
    limit.write_text("123456\n", encoding="ascii")
    assert room(cpu) == 123456 < whole
    limit.write_text("max\n", encoding="ascii")
    assert room(cpu) == whole
