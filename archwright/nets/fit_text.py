"""Fits the vocabularies of words, pieces of words and characters to training texts."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from archwright.nets import pretrained
from archwright.nets.preprocess_text import (
    FIRST,
    bare,
    listed_texts,
    numbered,
    rows_of,
    spaced,
    split_pieces,
    split_words,
)
from archwright.nets.preprocess_wordpiece import tokens
from archwright.nets.site import Pretrained

MOST_WORDS, MOST_CHARACTERS, MERGES = 30_000, 500, 4_000
LEAST = 2
"""A word or sign of one training text alone is taken as unseen: so networks meet those too."""

COVERED, LONGEST, SHORTEST = 0.99, 256, 4
"""Texts are cut after so many words that this share of training texts stay whole, in bounds."""

COARSE = 16
"""What a pretrained encoder reads is cut after a multiple of so many tokens: so a few more texts
seldom change it."""


def fit_text(inputs: Any, rows: Any, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a spec that turns texts like these rows into numbers.

    Args:
        inputs: A data frame with the column of texts.
        rows: Which of them may be looked at.
        about: `Task.about`: `column`, its name, and `encoder`, the folder of a pretrained one.
    """
    column, folder = about["column"], about.get("encoder")
    listed = listed_texts(inputs.iloc[rows], column)
    split = [split_words(text) for text in listed]
    counts = Counter(word for words in split for word in words)
    merges = learn_merges(counts, MERGES)
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    pieces = Counter[str]()
    for word, count in counts.items():
        for piece in split_pieces(word, ranks):
            pieces[piece] += count
    most = float(np.quantile([len(words) for words in split], COVERED))
    return {
        "modality": "text",
        "text": {
            "column": column,
            "length": int(min(LONGEST, max(SHORTEST, np.ceil(most)))),
            "words": _kept((bare(w) for words in split for w in words), MOST_WORDS),
            "pieces": [piece for piece, count in _ordered(pieces) if count >= LEAST],
            "merges": [list(pair) for pair in merges],
            "characters": _kept((sign for t in listed for sign in spaced(t)), MOST_CHARACTERS),
            **({"encoder": _encoder(folder, listed)} if folder else {}),
        },
    }


def _encoder(folder: str, listed: Sequence[str]) -> dict[str, Any]:
    """Return how texts like these become the numbers of a pretrained encoder."""
    how = {"folder": folder, **pretrained.reading(folder)}
    places = pretrained.sizes(folder).places
    known = {piece: place for place, piece in enumerate(how["vocabulary"])}
    counts = [len(tokens(text, how | {"tokens": places}, known)) for text in listed]
    most = COARSE * math.ceil(np.quantile(counts, COVERED) / COARSE)
    return how | {"tokens": min(places, most)}


def sizes(spec: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return how many numbers words, pieces and characters have, those of no part included."""
    how = spec["text"]
    words, pieces, signs = (FIRST + len(how[kind]) for kind in ("words", "pieces", "characters"))
    return words, pieces, signs


def encoder(spec: Mapping[str, Any]) -> Pretrained | None:
    """Return the pretrained encoder, if there is one."""
    how = spec["text"].get("encoder")
    return Pretrained(how["folder"], how["tokens"]) if how else None


def array(inputs: Any, spec: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Return all texts of a task as numbers, int16 where that does."""
    return numbered(inputs, spec)


def shape(spec: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of one text."""
    how, given = spec["text"], encoder(spec)
    return (rows_of(given.tokens if given else 0, how["length"]), how["length"])


def learn_merges(counts: Mapping[str, int], most: int) -> list[tuple[str, str]]:
    """Return the pairs that byte-pair encoding joins, in order.

    Args:
        counts: How often each word is found in training.
    """
    words = [[*word[:-1], word[-1:] + "\u2581"] for word in counts]
    weights = list(counts.values())
    pairs, where = Counter[tuple[str, str]](), dict[tuple[str, str], set[int]]()
    for i, parts in enumerate(words):
        for pair in itertools.pairwise(parts):
            pairs[pair] += weights[i]
            where.setdefault(pair, set()).add(i)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapify(heap)
    merges = list[tuple[str, str]]()
    while len(merges) < most and heap:
        count, best = heappop(heap)
        if -count != pairs[best]:  # it has been counted anew since
            if pairs[best] >= LEAST and -count > pairs[best]:
                heappush(heap, (-pairs[best], best))
            continue
        if -count < LEAST:
            break
        merges.append(best)
        more = set[tuple[str, str]]()
        for i in where.pop(best):
            more |= _join(words[i], best, weights[i], pairs)
            for pair in zip(words[i], words[i][1:], strict=False):
                where.setdefault(pair, set()).add(i)
        for pair in sorted(more - {best}):
            heappush(heap, (-pairs[pair], pair))
    return merges


def _join(
    parts: list[str], best: tuple[str, str], weight: int, pairs: Counter[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Join a pair wherever a word has it, keep the counts right, and return the pairs there now."""
    for pair in itertools.pairwise(parts):
        pairs[pair] -= weight
    at = 0
    while at < len(parts) - 1:
        if (parts[at], parts[at + 1]) == best:
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        at += 1
    found = set(itertools.pairwise(parts))
    for pair in itertools.pairwise(parts):
        pairs[pair] += weight
    return found


def _kept(parts: Any, most: int) -> list[str]:
    """Return what is found at least twice, the most frequent first."""
    ordered = _ordered(Counter(parts))
    return [part for part, count in ordered if count >= LEAST][:most]


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
