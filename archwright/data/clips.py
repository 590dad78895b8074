"""Sound from files and arrays -> rows of one array of 16-bit samples, at one rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.data.folders import Found, is_file_of, new_files, refuse
from archwright.data.raw import Raw
from archwright.data.waves import read_clip, resampled
from archwright.errors import DataError

How = Mapping[str, Any]

HIGHEST = 16_000
"""Samples a second; faster ones are brought down to it, which leaves speech as clear."""

COVERED, LONGEST, SHORTEST = 0.99, 20.0, 0.1
"""Clips are cut where this share of them ends, at most after so many seconds; they are filled with
silence up to so many."""

RATES = ("rate", "sample_rate", "sampling_rate", "sr")


@dataclass(frozen=True)
class Clip:
    """What one clip holds: samples, in -1 ... 1 unless they are whole numbers of 16 bits.

    Args:
        rate: Samples a second.
    """

    samples: NDArray[Any]
    rate: int
    channels: int = 1


def read_files_of(found: Found, how: How | None = None) -> Raw:
    """Return the clips of files with what is known of each.

    Args:
        how: How clips are read, where earlier ones have settled that.

    Raises:
        DataError: files cannot be read.
    """
    x, about, notes = together(read_clips(found.files), str(found.folder), how)
    return found.raw(*notes, arrays=x, modality="audio", about=about)


def together(
    clips: Sequence[Clip], place: str, how: How | None = None
) -> tuple[NDArray[np.int16], dict[str, Any], list[str]]:
    """Return clips as one array (rows, 1, samples), how that was done, and what to say of it.

    Raises:
        DataError: there are none, or one has no samples.
    """
    if not clips:
        raise DataError(f"{place}: there are no clips")
    empty = [i for i, clip in enumerate(clips) if clip.samples.ndim != 1 or not len(clip.samples)]
    if empty:
        shape = clips[empty[0]].samples.shape
        raise DataError(
            f"{place}: clip {empty[0] + 1} has the shape {shape}; a clip is a row of samples"
        )
    rates = Counter(clip.rate for clip in clips)
    rate = how["rate"] if how else min(HIGHEST, rates.most_common(1)[0][0])
    notes = _notes(clips, rates, rate)
    made = [at_rate(clip, rate) for clip in clips]
    ends = [len(clip) for clip in made]
    length = int(min(max(SHORTEST * rate, np.quantile(ends, COVERED)), LONGEST * rate))
    cut = sum(end > length for end in ends)
    if cut:
        longest = max(ends) / rate
        notes.append(
            f"{cut} of {len(ends)} clips are cut after {length / rate:.2f} s; the longest has "
            f"{longest:.2f} s."
        )
    x = np.zeros((len(made), 1, length), np.int16)
    for row, samples in enumerate(made):
        x[row, 0, : len(samples)] = np.rint(32767 * samples[:length].clip(-1, 1))
    return x, {"rate": rate}, notes


def given_rate(arrays: Mapping[str, Any], place: str) -> int:
    """Return the samples a second that stand beside arrays.

    Raises:
        DataError: they do not.
    """
    found = next((arrays[name] for name in RATES if name in arrays), None)
    if found is None or int(found) <= 0:
        raise DataError(f"{place}: say how many samples a second there are, as the array 'rate'")
    return int(found)


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """Return new clips at the rate of training, and file names where each is a file.

    Raises:
        DataError: there are none, or a file cannot be read.
    """
    from archwright.data.arrays import new_array

    if not isinstance(data, str | Path):
        return data, ()
    path = Path(data).expanduser()
    if path.suffix.lower() == ".npz" and path.is_file():
        return new_array(path, "clips"), ()
    files, names = new_files(path, "audio")
    if not files or not is_file_of(files[0], "audio"):
        raise DataError(f"{path}: no clip there; name a file of sound or a folder of them")
    return [at_rate(clip, spec["audio"]["rate"]) for clip in read_clips(files)], names


def read_clips(files: Sequence[Path]) -> list[Clip]:
    """Return what files hold; those that cannot be read are named, all of them at once."""
    found, broken = list[Clip](), list[str]()
    for path in files:
        try:
            rate, samples = read_clip(path)
        except ImportError as error:
            raise DataError(str(error)) from None
        except ValueError as error:
            broken.append(str(error))
            continue
        found.append(Clip(samples.mean(1), rate, samples.shape[1]))
    refuse(broken, len(files), "audio")
    return found


def at_rate(clip: Clip, rate: int) -> NDArray[Any]:
    """Return a clip's samples at a rate, in -1 ... 1."""
    samples = clip.samples
    floating = samples / 32767 if samples.dtype.kind in "iu" else np.nan_to_num(samples)
    return resampled(floating, clip.rate, rate)


def _notes(clips: Sequence[Clip], rates: Mapping[int, int], rate: int) -> list[str]:
    notes = []
    others = {each: count for each, count in rates.items() if each != rate}
    if others:
        shown = ", ".join(f"{count} at {each:,}" for each, count in sorted(others.items()))
        notes.append(f"Clips are brought to {rate:,} samples a second ({shown}).")
    wide = sum(clip.channels > 1 for clip in clips)
    if wide:
        notes.append(f"{wide} of {len(clips)} clips have several channels: their mean is taken.")
    silent = [i for i, clip in enumerate(clips) if not np.any(clip.samples)]
    if silent:
        notes.append(f"{len(silent)} clips are silent (the first is number {silent[0] + 1}).")
    return notes
