"""Sound from files and arrays."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data.load import load
from archwright.data.waves import read_clip, resampled
from archwright.errors import DataError

RATE = 8000


def tone(pitch: float, seconds: float = 0.2, rate: int = RATE) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def save(path: Path, samples: np.ndarray, rate: int = RATE, width: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.rint(samples * (2 ** (8 * width - 1) - 1)).astype(np.int64)
    whole = whole + 128 if width == 1 else whole
    data = whole.astype("<i8").view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1] if samples.ndim == 2 else 1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)


def folder(at: Path, clips: int = 20) -> Path:
    """Low and high tones, in class folders."""
    for i in range(clips):
        save(at / ("low", "high")[i % 2] / f"{i}.wav", tone((300, 900)[i % 2] + i))
    return at


@pytest.mark.parametrize(("width", "off"), [(1, 1e-2), (2, 1e-4), (3, 1e-6), (4, 1e-6)])
def test_whole_numbers_of_all_widths_are_read(width: int, off: float, tmp_path: Path) -> None:
    both = np.stack([tone(300), -tone(200)], 1)
    save(tmp_path / "a.wav", both, width=width)
    rate, found = read_clip(tmp_path / "a.wav")
    assert rate == RATE
    np.testing.assert_allclose(found, both, atol=off)


def test_other_files_need_soundfile_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    with pytest.raises(ImportError, match="pip install soundfile"):
        read_clip(tmp_path / "a.flac")
    place = folder(tmp_path / "clips")
    (place / "low" / "x.flac").write_bytes(b"fLaC")
    with pytest.raises(DataError, match="pip install soundfile"):
        load(place)


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".wav"])
def test_other_files_are_read_by_soundfile(suffix: str, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile", reason="archwright[audio] is not installed")
    subtype = {".flac": "PCM_16", ".ogg": "VORBIS", ".wav": "FLOAT"}[suffix]
    soundfile.write(tmp_path / f"a{suffix}", tone(300), RATE, subtype=subtype)
    rate, found = read_clip(tmp_path / f"a{suffix}")
    assert (rate, found.shape) == (RATE, (1600, 1))
    np.testing.assert_allclose(found[:, 0], tone(300), atol=0.05 if suffix == ".ogg" else 1e-4)


@pytest.mark.parametrize(("rate", "wanted"), [(8000, 16_000), (44_100, 8000), (8000, 8000)])
def test_a_tone_stays_the_same_at_another_rate(rate: int, wanted: int) -> None:
    found = resampled(tone(440, 0.5, rate), rate, wanted)
    expected = tone(440, 0.5, wanted)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found[50:-50], expected[50:-50], atol=0.02)


def test_class_folders_of_clips_are_a_task(tmp_path: Path) -> None:
    task = load(folder(tmp_path))
    assert (task.modality, task.classes, task.read) == ("audio", ("high", "low"), {"rate": RATE})
    assert task.inputs.shape == (20, 1, 1600)
    assert task.inputs.dtype == np.int16
    assert task.files[0] == "high/1.wav"


def test_rates_channels_lengths_and_silence_are_brought_together_and_told(tmp_path: Path) -> None:
    place = folder(tmp_path)
    save(place / "low" / "fast.wav", tone(300, 0.2, 16_000), 16_000)
    save(place / "low" / "wide.wav", np.stack([tone(300)] * 2, 1))
    save(place / "low" / "long.wav", tone(300, 30.0))
    save(place / "low" / "none.wav", np.zeros(1600))
    task = load(place)
    told = " ".join(task.notes)
    assert "brought to 8,000 samples a second (1 at 16,000)" in told
    assert "1 of 24 clips have several channels" in told
    assert "the longest has 30.00 s" in told
    assert "1 clips are silent" in told
    at = task.files.index("low/fast.wav")
    assert not task.inputs[at, 0, 1600:].any()


def test_damaged_clips_are_named_all_at_once(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "low" / "a.wav").write_bytes(b"RIFF")
    (place / "low" / "b.wav").write_bytes(b"")
    save(place / "low" / "c.wav", np.zeros(0))
    with pytest.raises(DataError, match=r"3 of 23 clips .*a\.wav.*b\.wav.*c\.wav"):
        load(place)


def test_a_table_may_name_clips(tmp_path: Path) -> None:
    for i in range(20):
        save(tmp_path / "clips" / f"{i:03}.wav", tone(300 + 50 * i))
    names = [f"{i:03}.wav" for i in range(20)]
    frame = pd.DataFrame({"file": names, "pitch": 300.5 + 50 * np.arange(20)})
    frame.to_csv(tmp_path / "clips" / "labels.csv", index=False)
    for source in (tmp_path / "clips", tmp_path / "clips" / "labels.csv"):
        task = load(source)
        assert (task.modality, task.kind, task.target_name) == ("audio", "regression", "pitch")


def test_arrays_of_clips_need_their_rate() -> None:
    x = np.stack([tone((300, 900)[i % 2] + i) for i in range(20)])
    y = np.array(["low", "high"] * 10)
    task = load({"x": x, "y": y, "rate": RATE}, modality="audio")
    assert task.inputs.shape == (20, 1, 1600)
    ragged = {"x": np.concatenate([x.reshape(-1), tone(1)]), "offsets": [*range(0, 32_001, 1600)]}
    ragged["offsets"][-1] = 33_600
    again = load({**ragged, "y": y, "rate": np.array(RATE)}, modality="audio")
    np.testing.assert_array_equal(task.inputs[:19, :, :1600], again.inputs[:19, :, :1600])
    listed = load({"x": list(x), "y": y, "rate": RATE}, modality="audio")
    np.testing.assert_array_equal(task.inputs, listed.inputs)
    with pytest.raises(DataError, match="say how many samples a second"):
        load({"x": x, "y": y}, modality="audio")
    with pytest.raises(DataError, match="a clip is a row of samples"):
        load({"x": x[:, None], "y": y, "rate": RATE}, modality="audio")


def test_clips_for_the_test_may_be_of_another_length_and_rate(tmp_path: Path) -> None:
    for i in range(6):
        save(tmp_path / "new" / ("low", "high")[i % 2] / f"{i}.wav", tone(300, 0.3, 16_000), 16_000)
    task = load(folder(tmp_path / "old"), test=tmp_path / "new")
    assert len(task.splits.test) == 6
    assert task.inputs.shape == (26, 1, 2400)
