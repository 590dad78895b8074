"""Series of examples as SVG data URIs, to be put straight into a page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDE, HIGH = 160, 96
MOST_CHANNELS, MOST_STEPS = 6, 400
"""So many channels of a series are drawn, and so many of its steps, spread evenly."""

COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")


def data_uris(series: NDArray[Any], rows: NDArray[np.int64]) -> list[str]:
    """Return a `data:image/svg+xml` URI for each of `rows`.

    Each channel has one scale for all, so that series stay comparable; gaps are left open.

    Args:
        series: (rows, channels, length), NaN where there is no value.
    """
    shown = series[rows][:, :MOST_CHANNELS]
    if not len(rows):
        return []
    known = np.isfinite(series[:, :MOST_CHANNELS])
    lows = series[:, :MOST_CHANNELS].min((0, 2), initial=np.inf, where=known)
    highs = series[:, :MOST_CHANNELS].max((0, 2), initial=-np.inf, where=known)
    return [_encode(one, lows, highs) for one in shown]


def _encode(one: NDArray[Any], lows: NDArray[Any], highs: NDArray[Any]) -> str:
    steps = np.unique(np.linspace(0, one.shape[1] - 1, MOST_STEPS, dtype=int))
    across = steps / max(1, one.shape[1] - 1) * WIDE
    lines = []
    for channel, colour, low, high in zip(one, COLOURS, lows, highs, strict=False):
        down = HIGH - 4 - (channel[steps] - low) / ((high - low) or 1.0) * (HIGH - 8)
        path = path_of(across, down)
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.2"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}">'
    text = f'{head}<rect width="100%" height="100%" fill="#fff"/>{"".join(lines)}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"


def path_of(across: NDArray[Any], down: NDArray[Any]) -> str:
    """Return the drawing commands of a line that is broken at gaps."""
    words, pen = list[str](), False
    for x, y in zip(across, down, strict=True):
        if np.isfinite(y):
            words.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}")
        pen = bool(np.isfinite(y))
    return "".join(words)
