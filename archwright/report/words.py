"""Numbers in words that people read: shares, durations, counts, differences."""

from __future__ import annotations

import math

from archwright.core.objective import WORDS, Objective

SHARES = ("accuracy", "balanced_accuracy", "subset_accuracy")
"""Metrics that are shares, and read best in per cent."""

NOTHING = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"

ERRORS = ("nrmse", "rmse", "mae", "log_loss", "rank_error")
"""Metrics whose differences read best in per cent of the larger one."""


def score(metric: str, value: float, rows: int = 0) -> str:
    """Return a metric's value as text, as exactly as `rows` test rows allow."""
    if not math.isfinite(value):
        return NOTHING
    if metric in SHARES:
        return f"{100 * value:.{2 if rows >= 2000 else 1}f} %"
    if metric in ("params", "macs"):
        return f"{value:,.0f}"
    return number(value) if metric in ERRORS or metric not in WORDS else f"{value:.3f}"


def number(value: float) -> str:
    """Return a number with four significant digits and no exponent where that reads well."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size and (size < 1e-4 or size >= 1e9):
        return f"{value:.3g}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def compact(value: float) -> str:
    """Return a large count in three digits: `61.7 k`, `1.20 M`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:.0f}"


def duration(seconds: float) -> str:
    """Return a time in its two largest units: `4 min 51 s`."""
    if not math.isfinite(seconds):
        return "unlimited"
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _pair(whole // 60, "min", whole % 60, "s")
    return _pair(whole // 3600, "h", whole % 3600 // 60, "min")


def gap(aim: Objective, better: float, worse: float) -> str:
    """Return how far apart two values of the aim are: in points, in per cent or as they are."""
    apart = abs(better - worse)
    if aim.metric in SHARES:
        return f"{100 * apart:.{1 if apart >= 0.001 else 2}f} points"
    if aim.metric in ERRORS:
        return f"{100 * apart / max(abs(better), abs(worse), 1e-300):.2g} %"
    return f"{apart:.2g}"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shape(sizes: tuple[int, ...]) -> str:
    return f" {TIMES} ".join(map(str, sizes))


def _pair(large: int, unit: str, small: int, part: str) -> str:
    return f"{large} {unit} {small} {part}" if small else f"{large} {unit}"
