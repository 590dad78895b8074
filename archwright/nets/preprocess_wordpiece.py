"""Turns texts into the numbers of a pretrained encoder; the rules of `preprocess` hold here.

WordPiece (arXiv:1609.08144) as BERT has it: words and marks by themselves, and of each word the
longest pieces that the vocabulary knows, from its start on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST = 100
"""A longer word is taken as unknown."""

CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2FA1F), (0xF900, 0xFAFF))
"""Signs of which each is a word of its own."""


def tokens(text: str, how: Mapping[str, Any], known: Mapping[str, int]) -> list[int]:
    """Return the numbers of a text's pieces, between those of its start and its end.

    Args:
        how: `tokens`, at most so many; `lower`, whether letters are made small and plain;
            `unknown`, `start` and `end`, the pieces of these names.
        known: The number of each piece.
    """
    found = []
    for word in basic_words(text, how["lower"]):
        found += word_pieces(word, known) or [known[how["unknown"]]]
        if len(found) > how["tokens"]:
            break
    inside = found[: how["tokens"] - 2]
    return [known[how["start"]], *inside, known[how["end"]]]


def basic_words(text: str, lower: bool) -> list[str]:
    """Return words and marks; what is neither, such as control signs, is left out."""
    if lower:
        text = unicodedata.normalize("NFD", text.lower())
    signs = []
    for sign in text:
        kind = unicodedata.category(sign)
        if sign.isspace():
            signs.append(" ")
        elif kind.startswith("C") or sign == "\ufffd" or (lower and kind == "Mn"):
            continue
        elif is_mark(sign, kind) or any(a <= ord(sign) <= b for a, b in CHINESE):
            signs.append(f" {sign} ")
        else:
            signs.append(sign)
    return "".join(signs).split()


def is_mark(sign: str, kind: str) -> bool:
    """Whether a sign is a mark: punctuation, or any of ASCII that is no letter or digit."""
    return kind.startswith("P") or (sign.isascii() and not sign.isalnum())


def word_pieces(word: str, known: Mapping[str, int]) -> list[int]:
    """Return the numbers of a word's pieces; none where it cannot be made of such."""
    found, start = [], 0
    while start < len(word) <= LONGEST:
        ahead = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if ahead + word[start:end] in known), None)
        if end is None:
            return []
        found.append(known[ahead + word[start:end]])
        start = end
    return found
