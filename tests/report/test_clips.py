"""Pictures of clips."""

import base64
import io

import numpy as np
from PIL import Image

from archwright.report.clips import SPECTRUM_HIGH, WAVE_HIGH, data_uris


def picture(uri: str) -> np.ndarray:
    head, data = uri.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_a_high_tone_is_bright_above_a_low_one_and_silence_is_drawn_too() -> None:
    at = np.arange(3000)
    clips = np.zeros((4, 1, 4000), np.int16)
    clips[0, 0, :3000] = 9000 * np.sin(0.3 * at)
    clips[1, 0, :3000] = 9000 * np.sin(2.5 * at)
    clips[3, 0, :2] = 1
    low, high, silent, short = map(picture, data_uris(clips, np.arange(4)))
    heights = [each[WAVE_HIGH:].mean(1).argmax() for each in (low, high)]
    assert heights[0] > SPECTRUM_HIGH * 0.8 > SPECTRUM_HIGH * 0.4 > heights[1]
    assert {each.shape for each in (low, high, silent, short)} == {low.shape}
    assert low[WAVE_HIGH // 2].max() < 100, "dark around the middle"
    assert silent[0].min() == 255 > silent[WAVE_HIGH // 2].max(), "a line in the middle alone"
