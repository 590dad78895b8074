from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from archwright.core.ranks import combine, ranks, spearman, weights

RNG = np.random.default_rng(0)


def test_ranks_are_those_of_scipy_ties_included() -> None:
    values = RNG.integers(0, 20, 50).astype(float)
    assert np.array_equal(ranks(values), rankdata(values))


def test_what_is_not_defined_shares_the_lowest_rank_with_the_worst() -> None:
    found = ranks([2.0, np.nan, -np.inf, np.inf, 3.0])
    assert found.tolist() == [3.0, 1.5, 1.5, 5.0, 4.0]


def test_ranks_of_nothing_are_nothing() -> None:
    assert ranks([]).tolist() == []
    assert combine({"a": []}).tolist() == []


def test_spearman_is_that_of_scipy() -> None:
    a = RNG.normal(size=40)
    b = np.round(a + RNG.normal(size=40), 1)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_what_does_not_vary_agrees_with_nothing() -> None:
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0
    assert spearman([1, 2, 3], [5, 5, 5]) == 0.0
    assert spearman([1], [2]) == 0.0


def test_before_ten_networks_are_trained_all_scores_weigh_the_same() -> None:
    table = {"good": np.arange(9.0), "bad": -np.arange(9.0)}
    assert weights(table, -np.arange(9.0)) == {"good": 1.0, "bad": 1.0}


def test_a_score_weighs_the_square_of_its_correlation_and_nothing_below_a_fifth() -> None:
    losses = RNG.normal(size=200)
    table = {
        "perfect": -losses,
        "fair": -losses + RNG.normal(size=200),
        "noise": RNG.normal(size=200),
        "reversed": losses,
    }
    found = weights(table, losses)
    assert found["perfect"] == pytest.approx(1.0)
    assert found["fair"] == pytest.approx(spearmanr(table["fair"], -losses).statistic ** 2)
    assert 0.3 < found["fair"] < 0.7
    assert found["noise"] == found["reversed"] == 0.0


def test_the_sum_of_logarithms_punishes_one_bad_rank_more_than_it_rewards_a_good_one() -> None:
    uneven, even, rest = [10, 1], [6, 5], [[k, k + 1.5] for k in (2, 3, 4)]
    first, second = np.transpose([uneven, even, *rest])
    found = combine({"first": first, "second": second})
    assert found[1] > found[0], "two middle ranks are better than one high and one low"
    assert found.max() <= 0


def test_one_score_alone_keeps_its_order_and_the_best_gets_0() -> None:
    values = RNG.permutation(30).astype(float)
    found = combine({"only": values})
    assert np.array_equal(np.argsort(found), np.argsort(values))
    assert found.max() == 0.0


def test_a_score_of_weight_0_or_without_one_does_not_count() -> None:
    one, other = RNG.normal(size=20), RNG.normal(size=20)
    alone = combine({"one": one})
    assert np.array_equal(combine({"one": one, "other": other}, {"one": 1.0}), alone)
    assert not np.array_equal(combine({"one": one, "other": other}), alone)
    assert not combine({"one": one}, {"one": 0.0}).any(), "nothing is preferred"
