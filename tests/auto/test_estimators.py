"""The scikit-learn estimators: scikit-learn's own checks, and use among its tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from archwright import BudgetError, Classifier, Regressor, SpaceError

EXPECTED_FAILURES: dict[str, str] = {}
"""Name of a check to the reason why it fails; there is none at present."""

SHORT: dict[str, Any] = {"trials": 1, "epochs": 4, "random_state": 0}


@parametrize_with_checks(
    [Classifier(**SHORT), Regressor(**SHORT)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_scikit_learns_own_checks_pass(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_classifier_works_in_a_pipeline_and_in_cross_validation() -> None:
    x, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), Classifier(**{**SHORT, "epochs": 10}))
    found = cross_val_score(pipeline, x, y, cv=3)
    assert found.mean() > 0.85, found


def test_a_regressor_beats_the_mean_in_cross_validation() -> None:
    x, y = load_diabetes(return_X_y=True)
    found = cross_val_score(Regressor(**{**SHORT, "epochs": 10}), x, y, cv=2, scoring="r2")
    assert found.mean() > 0.2, found


def test_parameters_can_be_searched_over() -> None:
    x, y = make_classification(90, 5, random_state=0)
    grid = GridSearchCV(Classifier(**SHORT), {"strategy": ["random", "evolution"]}, cv=2)
    assert grid.fit(x, y).best_params_["strategy"] in ("random", "evolution")


def test_a_frame_with_categories_and_gaps_is_taken_as_it_is() -> None:
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "b", "c"], 200)
    frame = pd.DataFrame({"kind": kind, "size": rng.normal(size=200)})
    frame.loc[::9, "size"] = np.nan
    found = Classifier(**{**SHORT, "epochs": 20}).fit(frame, kind == "b")
    assert found.score(frame, kind == "b") > 0.95
    assert list(found.feature_names_in_) == ["kind", "size"]
    strange = pd.DataFrame({"kind": ["z", None], "size": [np.nan, 1.0]})
    assert found.predict(strange).shape == (2,)


def test_labels_come_back_as_they_were_given() -> None:
    x, y = make_classification(90, 5, random_state=0)
    words = np.where(y == 1, "yés", "no")
    found = Classifier(**SHORT).fit(x, words)
    assert list(found.classes_) == ["no", "yés"]
    assert set(found.predict(x)) <= {"no", "yés"}
    np.testing.assert_allclose(found.predict_proba(x).sum(1), 1)


def test_equal_seeds_give_equal_predictions() -> None:
    x, y = load_diabetes(return_X_y=True)
    one, other = (Regressor(**SHORT).fit(x, y).predict(x) for _ in range(2))
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_search_behind_fit_can_be_looked_at() -> None:
    x, y = make_classification(90, 5, random_state=0)
    found = Classifier(trials=2, epochs=3, random_state=0).fit(x, y)
    assert len(found.history_.done) == 2
    assert found.architecture_.answers


def test_before_fit_there_is_nothing_to_predict_with() -> None:
    for estimator in (Classifier(), Regressor()):
        with pytest.raises(NotFittedError):
            estimator.predict([[1.0]])


def test_mistakes_are_told_when_fitting_and_not_before() -> None:
    x, y = make_classification(90, 5, random_state=0)
    with pytest.raises(BudgetError, match="cannot be read"):
        clone(Classifier(budget="soon")).fit(x, y)
    with pytest.raises(SpaceError, match=r"'accurracy'.*did you mean 'accuracy'"):
        Classifier(objective="accurracy").fit(x, y)
    with pytest.raises(SpaceError, match=r"'evolutoin'.*did you mean 'evolution'"):
        Classifier(strategy="evolutoin").fit(x, y)
