"""The rivals for texts: TF-IDF of words and pairs of words, and a linear model."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.evaluators.rivals import Made, Make
from archwright.evaluators.train import Split

Array = NDArray[Any]


def of_texts(regression: bool) -> list[Make]:
    """Return what makes the rivals for texts: logistic regression and a support vector machine."""
    return [_ridge] if regression else [_logistic_regression, _svm]


def counted(row: Array) -> list[str]:
    """Return the words of a text that training has seen, and their pairs, as numbers in text."""
    words = [str(number) for number in row if number > 1]
    return [*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))]


@dataclass(eq=False)
class Svm:
    """A linear support vector machine; its margins, as logits, are its probabilities."""

    model: Any

    @property
    def classes_(self) -> Any:
        return self.model.classes_

    def fit(self, x: Any, y: Array) -> None:
        self.model.fit(x, y)

    def predict_proba(self, x: Any) -> Array:
        margins = self.model.decision_function(x)
        if margins.ndim == 1:
            margins = np.stack([-margins, margins], 1)
        odds = np.exp(margins - margins.max(1, keepdims=True))
        found: Array = odds / odds.sum(1, keepdims=True)
        return found


def _weighted() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=counted, sublinear_tf=True)


def _logistic_regression(split: Split, seed: int, seconds: float) -> Made:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(_weighted(), LogisticRegression(C=10.0, max_iter=200))
    return "TF-IDF + logistic regression", model, _words(split)


def _svm(split: Split, seed: int, seconds: float) -> Made:
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    model = Svm(make_pipeline(_weighted(), LinearSVC(random_state=seed)))
    return "TF-IDF + linear SVM", model, _words(split)


def _ridge(split: Split, seed: int, seconds: float) -> Made:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    return "TF-IDF + ridge regression", make_pipeline(_weighted(), Ridge()), _words(split)


def _words(split: Split) -> Callable[[Array], Array]:
    """Return the numbers of each text's words."""
    return lambda rows: split.x[rows][:, 0].numpy()
