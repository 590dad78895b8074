"""What a process and all that it has started hold in memory together."""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import torch

PERIOD = 2.0
"""Seconds between two looks."""

LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Says what a container may use, in bytes, or `max`."""


class Peak:
    """Watches this process and its descendants from a thread; `value` is the most bytes in use."""

    def __init__(self) -> None:
        self.value = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.value = max(self.value, in_use())
            if self._over.wait(PERIOD):
                return


def room(where: torch.device) -> float:
    """Return the bytes there are: the free ones of an accelerator, or all of the processor's.

    In a container that is what it is allowed.
    """
    if where.type != "cpu":
        return float(torch.accelerator.get_memory_info(where)[0])
    total = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    try:
        return min(total, float(LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # not in a container, or in one without a limit
        return total


def in_use(process: int | None = None) -> float:
    """Return the bytes that a process and its descendants hold; shared pages count once.

    Pages of files do not count: the system takes them back where it needs them. It is this process,
    unless a number is given. Elsewhere than on Linux it is the most that this one alone has ever
    held.
    """
    if sys.platform != "linux":
        unit = 1 if sys.platform == "darwin" else 1024
        return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return sum(_proportional(pid) for pid in _family(process or os.getpid()))


def _family(root: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:  # it has ended
                continue
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    waiting = [root]
    while waiting:
        yield (pid := waiting.pop())
        waiting += children.get(pid, [])


def _proportional(pid: int) -> float:
    """Return a process' bytes, those it shares with others in proportion, without files."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has ended, or is not ours
        return 0.0
    kinds = ("Pss_Anon:", "Pss_Shmem:")
    return sum(1024.0 * int(line.split()[1]) for line in lines if line.startswith(kinds))
