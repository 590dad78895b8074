"""Linear models of runs of words and characters."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.feature_extraction.text import TfidfTransformer

from archwright.nets.fit_grams import fit_grams, table
from archwright.nets.fit_text import fit_text
from archwright.nets.ops_text import Grams
from archwright.nets.preprocess_text import texts

LISTED = [f"{word} day {i % 7} of all" for i in range(40) for word in ("good", "bad")]
ROWS = np.arange(80)


def numbers(listed: list[str]) -> torch.Tensor:
    frame = pd.DataFrame({"t": listed})
    return torch.from_numpy(texts(frame, fit_text(frame, np.arange(len(frame)), {"column": "t"})))


def net(outputs: int = 2, words: int = 2, characters: int = 4) -> Grams:
    return Grams(words, characters, 4096, outputs, strength=1.0)


def test_a_run_counts_by_how_often_it_is_found_and_how_rare_it_is() -> None:
    x = numbers(["a b a", "a c c", "a b b", "c b a"])
    grams = net(words=1, characters=0)
    y = torch.tensor([0, 1, 0, 1])
    fit_grams(grams, x, y, torch.arange(4))
    found = table(grams, x, torch.arange(4)).toarray()
    counts = np.array([[2, 1, 0], [1, 0, 2], [1, 2, 0], [1, 1, 1]])
    rare = TfidfTransformer().fit(counts).idf_
    places = [int(x[0, 0, 0]), int(x[0, 0, 1]), int(x[1, 0, 1])]
    norm = np.sqrt((counts * rare**2).sum(1, keepdims=True))
    np.testing.assert_allclose(found[:, places], counts * rare / norm, rtol=1e-5)


def test_words_and_characters_weigh_the_same_and_runs_are_told_apart_by_order() -> None:
    grams = net()
    x = numbers(["one two three", "three two one", "one two three"])
    made = table(grams, x, torch.arange(3)).toarray()
    np.testing.assert_array_equal(made[0], made[2])
    assert np.abs(made[0] - made[1])[:4096].sum() > 0, "pairs of words differ"
    assert made[0, :4096].any()
    assert made[0, 4096:].any()


@pytest.mark.parametrize("train", [np.arange(0, 80, 2), np.arange(40), np.array([0, 1])])
def test_classes_are_learnt_and_one_that_is_absent_is_unlikely(train: np.ndarray) -> None:
    x, y = numbers(LISTED), torch.from_numpy(2 * (ROWS % 2))  # of three classes, 1 is absent
    grams = net(outputs=3)
    fit_grams(grams, x, y, torch.from_numpy(train))
    found = grams(x).softmax(1)
    seen = torch.unique(y[torch.from_numpy(train)])
    assert (found[train].argmax(1) == y[train]).all()
    assert float(found[:, 1].max()) < 0.5
    if len(seen) > 1:
        assert (found.argmax(1) == y).all()


def test_values_are_learnt() -> None:
    x, y = numbers(LISTED), torch.from_numpy(10.0 + 3.0 * (ROWS % 2)).float()
    grams = net(outputs=1)
    fit_grams(grams, x, y, torch.arange(60))
    assert float((grams(x[60:])[:, 0] - y[60:]).abs().mean()) < 0.5


def test_a_class_and_a_value_are_learnt_at_once() -> None:
    x, classes = numbers(LISTED), torch.from_numpy(ROWS % 2).float()
    y = torch.stack([classes, 10 + 3 * classes], 1)
    grams = net(outputs=3)
    fit_grams(grams, x, y, torch.arange(60), (2, 1))
    said = grams(x[60:])
    assert (said[:, :2].argmax(1) == y[60:, 0]).all()
    assert float((said[:, 2] - y[60:, 1]).abs().mean()) < 0.5


def test_an_empty_text_says_what_the_bias_says() -> None:
    grams = net()
    fit_grams(grams, numbers(LISTED), torch.from_numpy(ROWS % 2), torch.arange(80))
    torch.testing.assert_close(grams(torch.zeros(1, 9, 5))[0], grams.bias.detach())
