"""The promise on the clock. The budget is wall-clock for everything, and is looked at only here."""

from __future__ import annotations

import contextlib
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archwright.errors import BudgetError

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
SHORTEST = 20.0
"""Seconds; loading torch, exporting and reporting alone take about half of that."""

FIRST_MODEL_SHARE, FIRST_MODEL_SECONDS = 0.2, 30.0
"""A usable model is on disk within this share of the budget, or so many seconds, if sooner."""


@dataclass
class Clock:
    """How much of the budget is gone, and whether the user wants to finish now.

    Args:
        budget: Seconds for everything; infinite without a promise.
        started: When the command started, by `time.monotonic`.
        closing: Seconds kept back for export and report.
        search_until: Seconds after the start at which no trial may run any more.
        finish_now: Set by the first interrupt.
        model_ready: Set when a first trial is done; before that no trial is cut short.
    """

    budget: float = float("inf")
    started: float = 0.0
    closing: float = 0.0
    search_until: float = float("inf")
    finish_now: bool = False
    model_ready: bool = False

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def left(self) -> float:
        """Return the seconds left for work, what closing takes being kept back."""
        return self.budget - self.closing - self.elapsed()

    def search_left(self) -> float:
        return 0.0 if self.finish_now else self.search_until - self.elapsed()

    def search_over(self) -> str:
        """Return why a trial must stop now, or nothing."""
        if not self.model_ready:
            return self.final_over()
        if not (reason := self.asked()) and self.search_left() <= 0:
            reason = "stopped: the time for the search was over"
        return reason

    def asked(self) -> str:
        """Return why everything must stop now, or nothing."""
        return "stopped: asked to finish now" if self.finish_now else ""

    def final_over(self) -> str:
        """Return why the final training must stop now, or nothing."""
        return "stopped: the budget was used up" if self.left() <= 0 else ""

    def first_model_by(self) -> float:
        """Return the seconds after the start at which a usable model is to be on disk."""
        return min(FIRST_MODEL_SHARE * self.budget, FIRST_MODEL_SECONDS)


def parse_budget(budget: str | float) -> float:
    """Return seconds; a number is seconds already, `90s`, `10m`, `1h30m` and `2d` are understood.

    Raises:
        BudgetError: it cannot be read, or is too short to be kept.
    """
    seconds = _read(budget) if isinstance(budget, str) else float(budget)
    if not SHORTEST <= seconds < float("inf"):
        raise BudgetError(
            f"a budget of {budget} cannot be kept: loading, training, export and report need"
            f" {SHORTEST:.0f} s at least; try --budget 60s"
        )
    return seconds


def _read(text: str) -> float:
    compact = text.replace(" ", "").lower()
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        return float(compact)
    if not re.fullmatch(r"(\d+(\.\d+)?[smhdw])+", compact):
        raise BudgetError(f"the budget {text!r} cannot be read; write 90s, 10m, 1h30m or 2d")
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", compact)
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def duration(seconds: float) -> str:
    """Return seconds in words of at most two units: `45 s`, `4 min 10 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@contextlib.contextmanager
def interruptible(clock: Clock) -> Iterator[None]:
    """Turn the first Ctrl-C into "finish now"; the second one stops at once, as always."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(_signal: int, _frame: Any) -> None:
        clock.finish_now = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
