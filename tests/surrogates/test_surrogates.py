"""What every surrogate promises, whatever it is made of."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from archwright.core.architecture import sample
from archwright.core.ranks import spearman
from archwright.surrogates.base import Rows, Surrogate, encode
from archwright.surrogates.ensemble_mlp import Ensemble
from archwright.surrogates.forest import RandomForest
from archwright.surrogates.gp import GaussianProcess
from archwright.testing import TOY
from tests.surrogates.rows import both, column, losses, rows

MODELS: dict[str, Surrogate] = {
    "gp": GaussianProcess(),
    "forest": RandomForest(),
    "ensemble": Ensemble(),
}
every = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


@every
def test_it_ranks_what_it_has_not_seen(model: Surrogate) -> None:
    seen, unseen = rows(40), rows(60, seed=1)
    mean, _ = model.fit(seen, losses(seen)).predict(unseen)
    assert spearman(mean, losses(unseen)) > 0.8


@every
def test_it_is_right_about_most_rows_within_three_deviations(model: Surrogate) -> None:
    seen, unseen = rows(40), rows(60, seed=1)
    mean, deviation = model.fit(seen, losses(seen)).predict(unseen)
    assert (deviation > 0).all()
    assert np.mean(np.abs(mean - losses(unseen)) < 3 * deviation) > 0.8


@every
def test_it_is_surer_of_what_it_has_seen(model: Surrogate) -> None:
    seen, unseen = rows(30), rows(60, seed=1)
    fitted = model.fit(seen, losses(seen))
    assert fitted.predict(seen)[1].mean() < 0.9 * fitted.predict(unseen)[1].mean()


@every
def test_equal_arguments_give_equal_predictions(model: Surrogate) -> None:
    seen, unseen = rows(20), rows(10, seed=1)
    before = np.random.get_state()[1].tolist()
    first, second = (model.fit(seen, losses(seen)).predict(unseen) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.random.get_state()[1].tolist() == before, "uses the global randomness"


@every
def test_predictions_do_not_depend_on_what_else_is_asked(model: Surrogate) -> None:
    seen, unseen = rows(20), rows(10, seed=1)
    fitted = model.fit(seen, losses(seen))
    few = fitted.predict(unseen.take(np.array([3, 7])))
    # Sums over other shapes are added up in another order.
    assert np.allclose(few, np.array(fitted.predict(unseen))[:, [3, 7]], atol=1e-5)


@every
def test_two_rows_are_enough(model: Surrogate) -> None:
    two = Rows(np.eye(2, 4, dtype=np.float32), np.array([[0.0], [1.0]], dtype=np.float32))
    mean, deviation = model.fit(two, np.array([-1.0, 1.0])).predict(two)
    assert np.isfinite([mean, deviation]).all()
    assert mean[0] <= mean[1]


@every
def test_equal_rows_with_unequal_losses_are_met_between_them(model: Surrogate) -> None:
    once = rows(12)
    told = losses(once)
    mean, deviation = model.fit(both(once, once), np.append(told - 0.5, told + 0.5)).predict(once)
    assert np.isfinite([mean, deviation]).all()
    assert np.abs(mean - told).mean() < 0.5


@every
def test_equal_losses_are_no_obstacle(model: Surrogate) -> None:
    mean, deviation = model.fit(rows(8), np.zeros(8)).predict(rows(20, seed=1))
    assert np.isfinite(deviation).all()
    assert (deviation > 0).all()
    assert (np.abs(mean) < 3 * deviation).all()


@every
def test_a_feature_that_never_varied_is_no_obstacle(model: Surrogate) -> None:
    seen, unseen = rows(40), rows(60, seed=1)
    fitted = model.fit(column(seen, np.full(40, 1.5)), losses(seen))
    for value in (1.5, 0.5):
        mean, deviation = fitted.predict(column(unseen, np.full(60, value)))
        assert np.isfinite(deviation).all()
        assert spearman(mean, losses(unseen)) > 0.8


@every
def test_rows_without_features_are_served(model: Surrogate) -> None:
    seen = rows(30)
    bare = Rows(seen.answers, np.zeros((30, 0), dtype=np.float32))
    mean, _ = model.fit(bare, losses(seen)).predict(bare)
    assert spearman(mean, losses(seen)) > 0.8


@every
def test_it_reads_architectures_of_every_kind(model: Surrogate) -> None:
    archs = [sample(TOY, Random(seed)) for seed in range(30)]
    told = np.array([float(arch.answers["hidden/units"]) for arch in archs])
    told = (told - told.mean()) / told.std()
    seen = encode(TOY, archs)
    assert spearman(model.fit(seen, told).predict(seen)[0], told) > 0.8


def test_rows_are_taken_in_the_order_that_is_asked_for() -> None:
    four = rows(4)
    taken = four.take(np.array([2, 0]))
    assert len(taken) == 2
    assert np.array_equal(taken.answers, four.answers[[2, 0]])
    assert np.array_equal(taken.features, four.features[[2, 0]])
