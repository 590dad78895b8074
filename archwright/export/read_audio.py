"""Reads new clips for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.data.waves import read_clip, resampled
from archwright.export.runtime import files_below, read_array

APPLY, NEEDS = "archwright.nets.preprocess_audio:clips", ", and soundfile for other than WAV files"
NEW, RAW = "clips/", "a list of arrays of samples at the rate of training"
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def read(path: Path, spec: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """Return the clips of an npz or npy file, of a file of sound, or of a folder of these.

    Raises:
        ValueError: there is nothing to read, or a file is damaged.
    """
    if path.suffix.lower() in (".npz", ".npy"):
        return read_array(path), ()
    files, names = files_below(path, SUFFIXES)
    if not files or files[0].suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: no file of sound ({', '.join(SUFFIXES)})")
    made = []
    for file in files:
        rate, samples = read_clip(file)
        made.append(resampled(samples.mean(1), rate, spec["audio"]["rate"]))
    return made, names
