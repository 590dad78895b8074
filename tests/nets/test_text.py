"""Vocabularies, and the numbers of texts."""

import numpy as np
import pandas as pd

from archwright.nets.fit_text import fit_text, learn_merges, sizes
from archwright.nets.preprocess_text import ROWS, split_pieces, split_words, texts

FRAME = pd.DataFrame({"t": ["Low lower lowest", "low LOW 12", "new newer 34", "gone"]})


def spec(rows: list[int]) -> dict[str, object]:
    return fit_text(FRAME, np.array(rows), {"column": "t"})


def test_only_training_rows_make_the_vocabularies() -> None:
    known = spec([0, 1])["text"]
    assert "new" not in known["words"]  # type: ignore[index]
    assert "n" not in known["characters"]  # type: ignore[index]


def test_numbers_of_one_length_are_one_word() -> None:
    assert "00" in spec([1, 2])["text"]["words"]  # type: ignore[index]


def test_an_empty_text_and_an_unseen_word_have_their_own_numbers() -> None:
    made = texts(["", None, "zebra"], spec([0, 1, 2]))
    assert made.shape[:2] == (3, ROWS)
    assert not made[:2].any()
    assert made[2, 0, 0] == 1


def test_the_most_frequent_pair_is_joined_first() -> None:
    merges = learn_merges({"aab": 5, "aac": 4, "xy": 2}, 3)
    assert merges[0] == ("a", "a")
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    assert "".join(split_pieces("aab", ranks)) == "aab\u2581"


def test_signs_without_spaces_between_them_are_words_each() -> None:
    assert split_words("\u65e5\u672c go!") == ["\u65e5", "\u672c", "go", "!"]


def test_numbers_stay_below_the_sizes_of_the_vocabularies() -> None:
    how = spec([0, 1, 2])
    made = texts(FRAME, how)
    words, pieces, signs = sizes(how)
    assert made[:, 0].max() < words
    assert made[:, 1:3].max() < pieces
    assert made[:, 3:].max() < signs
