"""Reads new clips for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.data.waves import read_clip, resampled
from archwright.export.runtime import read_array

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
    found = path.rglob("*") if path.is_dir() else [path]
    files = sorted(file for file in found if file.suffix.lower() in SUFFIXES)
    files = [file for file in files if not any(s[0] == "." for s in file.relative_to(path).parts)]
    if not files:
        raise ValueError(f"{path}: no file of sound ({', '.join(SUFFIXES)})")
    rate, root = spec["audio"]["rate"], path if path.is_dir() else path.parent
    made = []
    for file in files:
        own, samples = read_clip(file)
        made.append(resampled(samples.mean(1), own, rate))
    return made, [file.relative_to(root).as_posix() for file in files]
