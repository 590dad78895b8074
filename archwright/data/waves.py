"""One file of sound -> its samples, at any rate; copied into `model.py` as it stands.

WAV files of whole numbers are read by the standard library; soundfile is imported for all others.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

WIDTHS = {1: ("u1", 128), 2: ("<i2", 32768), 4: ("<i4", 2**31)}


def read_clip(path: Path) -> tuple[int, np.ndarray]:
    """Return the rate, in samples a second, and the samples (samples, channels) in -1 ... 1.

    Raises:
        ValueError: the file is damaged, empty, or no sound.
        ImportError: soundfile is needed, and not there.
    """
    try:
        if path.suffix.lower() == ".wav" and (found := _plain(path)) is not None:
            return found
        return _other(path)
    except (EOFError, OSError, wave.Error, RuntimeError) as error:
        raise ValueError(f"{path}: damaged, or no sound ({error})") from None


def _plain(path: Path) -> tuple[int, np.ndarray] | None:
    """Return what a WAV file of whole numbers holds; None if it is of another kind."""
    try:
        with wave.open(str(path), "rb") as file:
            width, channels = file.getsampwidth(), file.getnchannels()
            rate, data = file.getframerate(), file.readframes(file.getnframes())
    except wave.Error as error:
        if "unknown format" in str(error):  # floating point, or packed
            return None
        raise
    data = data[: len(data) // (width * channels) * width * channels]
    if not data or not rate:
        raise ValueError(f"{path}: holds no sound at all")
    if width == 3:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        values, most = wide.reshape(-1).view("<i4"), 2**31
    else:
        dtype, most = WIDTHS[width]
        values = np.frombuffer(data, np.dtype(dtype))
    found = (values.astype(np.float32) - (128 if width == 1 else 0)) / most
    return rate, found.reshape(-1, channels)


def _other(path: Path) -> tuple[int, np.ndarray]:
    try:
        import soundfile
    except ImportError:
        raise ImportError(
            f"{path}: to read this kind of file, run: pip install soundfile"
        ) from None
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if not len(samples):
        raise ValueError(f"{path}: holds no sound at all")
    return int(rate), samples


def resampled(clip: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return a clip at another rate: what both can hold of its spectrum.

    A tenth of a second of silence around it keeps its two ends from mixing.
    """
    if rate == wanted:
        return clip
    around = rate // 10
    count = max(1, round(len(clip) * wanted / rate))
    padded = np.pad(clip.astype(np.float64), around)
    total = round(len(padded) * wanted / rate)
    spectrum = np.fft.rfft(padded)
    made = np.zeros(total // 2 + 1, complex)
    both = min(len(spectrum), len(made))
    made[:both] = spectrum[:both]
    start = round(around * wanted / rate)
    found = np.fft.irfft(made, total)[start : start + count] * total / len(padded)
    return found.astype(np.float32)
