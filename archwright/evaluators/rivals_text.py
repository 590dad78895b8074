"""The rivals for texts: TF-IDF of words and pairs of words, and a linear model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.evaluators.rivals import Contest, Made, Make, each_label
from archwright.nets.preprocess_text import WORD, listed_texts

Array = NDArray[Any]


def of_texts(contest: Contest) -> list[Make]:
    """Return what makes the rivals for texts: logistic regression and a support vector machine."""
    return [_ridge] if contest.split.signature.regression else [_logistic_regression, _svm]


def _logistic_regression(contest: Contest) -> Made:
    from sklearn.linear_model import LogisticRegression

    model = _weighted(each_label(LogisticRegression(C=10.0, max_iter=200), contest))
    return Made("TF-IDF + logistic regression", model, _texts(contest))


def _svm(contest: Contest) -> Made:
    from sklearn.svm import LinearSVC

    model = _weighted(each_label(LinearSVC(random_state=contest.seed), contest))
    return Made("TF-IDF + linear SVM", model, _texts(contest))


def _ridge(contest: Contest) -> Made:
    from sklearn.linear_model import Ridge

    return Made("TF-IDF + ridge regression", _weighted(Ridge()), _texts(contest))


def _weighted(model: Any) -> Any:
    """Return a model of all words and marks of whole texts, and of their pairs."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    how = {"token_pattern": WORD.pattern, "ngram_range": (1, 2), "sublinear_tf": True}
    return make_pipeline(TfidfVectorizer(**how), model)


def _texts(contest: Contest) -> Callable[[Array], Array]:
    """Return what gives the texts of some rows as they were read."""
    (column,) = contest.inputs.columns
    listed = np.array(listed_texts(contest.inputs, column), dtype=object)
    return lambda rows: listed[rows]
