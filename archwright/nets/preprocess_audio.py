"""Turns sound into the samples that a network takes; the rules of `preprocess` hold here.

Loudness and spectra are the network's own business. Past its end a clip is silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

LOUDEST = 32767


def clips(raw: Any, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the network's input, (clips, 1, samples) float32 whole numbers of 16 bits.

    Args:
        raw: (clips, samples), or a list of clips that differ in length, at the rate of training;
            whole numbers of 16 bits, or floating point in -1 ... 1.
        spec: What `preprocess.json` holds.

    Raises:
        ValueError: a clip has no samples, or several channels.
    """
    return sampled(raw, spec["audio"]["length"]).astype(np.float32)


def sampled(raw: Any, length: int) -> np.ndarray:
    """Return clips as int16, cut or filled with silence to one length."""
    made = np.zeros((len(raw), 1, length), np.int16)
    for row, one in enumerate(raw):
        clip = np.asarray(one)
        clip = clip[0] if clip.ndim == 2 and len(clip) == 1 else clip
        if clip.ndim != 1 or not len(clip):
            raise ValueError(f"clip {row + 1} has the shape {clip.shape}; it takes one of samples")
        if clip.dtype.kind == "f":
            clip = np.rint(LOUDEST * np.nan_to_num(clip).clip(-1, 1))
        made[row, 0, : len(clip)] = clip[:length]
    return made
