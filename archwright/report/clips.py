"""Clips of sound as pictures: the samples above, what they hold of each frequency below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.report.pictures import encoded

WIDE, WAVE_HIGH, SPECTRUM_HIGH = 128, 64, 64
FRAME = 256
"""Samples whose frequencies are shown in one column."""

RANGE = 70.0
"""Decibels from black to white."""


def data_uris(clips: NDArray[Any], rows: NDArray[np.int64]) -> list[str]:
    """Return a `data:image/png` URI for each of `rows`; low frequencies are at the bottom.

    Args:
        clips: (rows, 1, samples); silence at the end is left out.
    """
    return [
        encoded(np.concatenate([_wave(one), _spectrum(one)])) for one in map(_heard, clips[rows])
    ]


def _heard(clip: NDArray[Any]) -> NDArray[np.float64]:
    there = np.flatnonzero(clip[0])
    end = int(there[-1]) + 1 if len(there) else 0
    return np.pad(clip[0, :end].astype(np.float64), (0, max(0, FRAME - end)))


def _wave(clip: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return dark columns from the lowest to the highest sample on white."""
    loudest = np.abs(clip).max() or 1.0
    parts = np.array_split(clip, WIDE) if len(clip) >= WIDE else [clip] * WIDE
    down = np.arange(WAVE_HIGH)[:, None] / (WAVE_HIGH - 1) * 2 - 1
    low = np.array([part.min() for part in parts]) / loudest
    high = np.array([part.max() for part in parts]) / loudest
    inside = (-down <= high + 0.03) & (-down >= low - 0.03)
    return np.where(inside, 60, 255).astype(np.uint8)


def _spectrum(clip: NDArray[np.float64]) -> NDArray[np.uint8]:
    starts = np.linspace(0, max(0, len(clip) - FRAME), WIDE, dtype=int)
    frames = np.stack([clip[start : start + FRAME] for start in starts]) * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames))[:, 1:] ** 2  # (columns, frequencies)
    bands = power.reshape(WIDE, SPECTRUM_HIGH, -1).mean(2)
    level = 10 * np.log10(bands + 1e-9)
    bright = (level - level.max() + RANGE).clip(0, RANGE) / RANGE
    made: NDArray[np.uint8] = (255 * bright).round().astype(np.uint8).T[::-1]
    return made
