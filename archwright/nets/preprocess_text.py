"""Turns texts into the numbers of their parts; the rules of `preprocess` hold here.

A text is read three times: by words, by pieces of words, by characters. Which of these a network
looks at is its own choice. Number 0 is past the end, 1 a part that training has not seen. Where
there is a pretrained encoder, further rows hold the text as that one reads it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from archwright.nets.preprocess_wordpiece import tokens

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")
"""A run of letters and digits, a Chinese or Japanese sign, or a mark."""

DIGIT = re.compile(r"\d")
TRACKS = {"word": (0, 1), "piece": (1, 3), "character": (3, 9)}
"""An example has nine rows: one of words, two of pieces, six of characters, as the longer need."""

ROWS = 9
UNSEEN = 1
FIRST = 2


def texts(raw: Any, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the network's input, (texts, 9 or more, length) float32 whole numbers.

    Args:
        raw: Texts, or columns by name, one of which is that of training; None is an empty text.
        spec: What `preprocess.json` holds.

    Raises:
        ValueError: there is no such column.
    """
    return numbered(raw, spec).astype(np.float32)


def numbered(raw: Any, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the same in the smallest type that holds it."""
    how = spec["text"]
    listed, length = listed_texts(raw, how["column"]), how["length"]
    words, signs = codes(how["words"]), codes(how["characters"])
    ranks = {tuple(pair): rank for rank, pair in enumerate(how["merges"])}
    pieces = codes(how["pieces"])
    known: dict[str, list[int]] = {}
    encoder = how.get("encoder") or {"vocabulary": (), "tokens": 0}
    places = {piece: place for place, piece in enumerate(encoder["vocabulary"])}
    rows = rows_of(encoder["tokens"], length)
    smallest = np.int16 if len(places) < 2**15 else np.int32
    made = np.zeros((len(listed), rows, length), smallest)
    for row, text in enumerate(listed):
        found = split_words(text)[: 2 * length]
        split: list[int] = []
        for word in found:
            if word not in known:
                known[word] = [pieces.get(p, UNSEEN) for p in split_pieces(word, ranks)]
            split += known[word]
        parts = {
            "word": [words.get(bare(word), UNSEEN) for word in found],
            "piece": split,
            "character": [signs.get(sign, UNSEEN) for sign in spaced(text)[: 6 * length]],
        }
        for track, (first, last) in TRACKS.items():
            numbers = parts[track][: (last - first) * length]
            made[row, first:last].reshape(-1)[: len(numbers)] = numbers
        if rows > ROWS:
            numbers = tokens(text, encoder, places)
            made[row, ROWS:].reshape(-1)[: len(numbers)] = numbers
    return made


def rows_of(tokens: int, length: int) -> int:
    """Return how many rows an example has, if a pretrained encoder reads so many tokens."""
    return ROWS - (-tokens // length)


def listed_texts(raw: Any, column: str) -> list[str]:
    """Return texts as a list, an empty one for each that is missing."""
    if isinstance(raw, Mapping) or hasattr(raw, "columns"):
        if column not in raw:
            raise ValueError(f"missing column {column!r}, which holds the texts")
        raw = raw[column]
    return ["" if value is None or value != value else str(value) for value in raw]


def split_words(text: str) -> list[str]:
    """Return the words and marks of a text in small letters."""
    return WORD.findall(text.lower())


def bare(word: str) -> str:
    """Return a word with all digits alike, so that numbers of one length are one word."""
    return DIGIT.sub("0", word)


def spaced(text: str) -> str:
    """Return a text with one space where there are several, or ends of lines."""
    return " ".join(text.split())


def split_pieces(word: str, ranks: Mapping[tuple[str, str], int]) -> list[str]:
    """Return the pieces of a word by byte-pair encoding (arXiv:1508.07909), here of characters.

    Args:
        ranks: Which pairs are joined, the most frequent in training first.
    """
    parts = [*word[:-1], word[-1:] + "\u2581"]
    while len(parts) > 1:
        pairs = [
            (ranks.get(pair, len(ranks)), i) for i, pair in enumerate(itertools.pairwise(parts))
        ]
        rank, at = min(pairs)
        if rank == len(ranks):
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def codes(parts: Sequence[str]) -> dict[str, int]:
    """Return the number of each part of a vocabulary."""
    return {part: FIRST + i for i, part in enumerate(parts)}
