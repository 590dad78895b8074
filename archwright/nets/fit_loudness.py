"""Fits how loud clips are, and how loud each band of their spectrograms."""

from __future__ import annotations

import torch
from torch import Tensor

from archwright.nets.ops_audio import LogMel, Wave

HEARD = 500
"""Clips that are listened to, spread evenly."""


def fit_loudness(front: LogMel | Wave, rows: Tensor) -> None:
    """Set the scale of the samples and, of a spectrogram, each band's mean and deviation.

    Args:
        rows: Clips, (clips, 1, samples).
    """
    some = rows[:: -(-len(rows) // HEARD)]
    front.scale.copy_(some.square().mean().sqrt().clamp_min(1.0))
    if isinstance(front, LogMel):
        bands = torch.cat([front.spectrogram(part) for part in some.split(32)])
        front.mean.copy_(bands.mean((0, 2)).unsqueeze(1))
        front.std.copy_(bands.std((0, 2)).nan_to_num(1.0).clamp_min(1e-3).unsqueeze(1))
