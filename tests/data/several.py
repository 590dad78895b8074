"""Rows of several inputs in files, for tests: images, clips, texts and columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from tests.data.test_clips import save, tone

WORDS = ["the", "of", "a", "day", "is", "house", "tree", "rain", "sun", "wind"]


def pixels(bright: int, wide: int, rng: np.random.Generator) -> np.ndarray:
    """An image in colour, with a bright middle or without."""
    made = rng.integers(0, 100, (8, wide, 3)).astype(np.uint8)
    made[2:6, 2:6] += np.uint8(150 * bright)
    return made


def rows(folder: Path, count: int = 40) -> pd.DataFrame:
    """Write the files of so many rows, of which each input tells something; return the rows.

    Row 3 has no image, row 5 no clip, row 7 no text, row 9 no number.
    """
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    told = rng.integers(0, 2, (count, 4))
    for i, (bright, high, *_) in enumerate(told):
        made = pixels(bright, 8 + i % 3, rng)
        Image.fromarray(made).save(folder / "photos" / f"{i}.png")
        save(folder / "clips" / f"{i}.wav", tone(900 if high else 300, 0.1 + 0.01 * (i % 4)))
    said = [" ".join(rng.permutation([*WORDS, "offer" if one else "dinner"])) for one in told[:, 2]]
    frame = pd.DataFrame(
        {
            "photo": [f"photos/{i}.png" for i in range(count)],
            "clip": [f"clips/{i}.wav" for i in range(count)],
            "said": said,
            "size": (told[:, 3] + rng.normal(0, 0.3, count)).round(3),
            "town": [["here", "there", "away"][i % 3] for i in range(count)],
            "label": np.where(told.sum(1) >= 2, "yes", "no"),
        }
    )
    for row, column in ((3, "photo"), (5, "clip"), (7, "said"), (9, "size")):
        frame.loc[row, column] = None
    return frame


def table(folder: Path, count: int = 40) -> Path:
    """Write such rows and their table; return the table's path."""
    path = folder / "data.csv"
    rows(folder, count).to_csv(path, index=False)
    return path
