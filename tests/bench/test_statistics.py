from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from archwright.bench.statistics import band, estimate, holm, iqm, mean, wilcoxon


def test_the_interquartile_mean_is_that_of_the_middle_half() -> None:
    assert iqm(np.array([100.0, 1.0, 2.0, 3.0, -50.0, 4.0, 5.0, 7.0])) == 3.5
    values = np.random.default_rng(0).normal(size=37)
    assert iqm(values) == pytest.approx(stats.trim_mean(values, 0.25))
    rows = np.random.default_rng(1).normal(size=(5, 12))
    assert iqm(rows) == pytest.approx([iqm(row) for row in rows])


def test_an_interval_covers_what_scipys_bootstrap_covers() -> None:
    values = np.random.default_rng(0).exponential(size=60)
    found = estimate([values.tolist()], mean)
    known = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert found.value == pytest.approx(values.mean())
    # Two bootstraps of thousands of draws differ by a few hundredths of the interval's width.
    width = known.high - known.low
    assert found.low == pytest.approx(known.low, abs=0.08 * width)
    assert found.high == pytest.approx(known.high, abs=0.08 * width)


def test_strata_keep_their_weight() -> None:
    found = estimate([[0.0, 0.0, 0.0], [10.0]], mean)
    assert (found.low, found.value, found.high) == (2.5, 2.5, 2.5)


def test_equal_values_have_no_interval() -> None:
    found = estimate([[3.0] * 5], iqm)
    assert (found.low, found.value, found.high) == (3.0, 3.0, 3.0)


def test_an_estimate_is_the_same_whenever_it_is_made() -> None:
    assert estimate([[1.0, 5.0, 2.0, 8.0]], mean) == estimate([[1.0, 5.0, 2.0, 8.0]], mean)


def test_a_band_holds_at_each_point_what_an_estimate_does() -> None:
    curves = np.random.default_rng(0).normal(size=(30, 4)).cumsum(1)
    middle, low, high = band(curves, iqm)
    assert middle == pytest.approx([iqm(column) for column in curves.T])
    for k in range(4):
        point = estimate([curves[:, k].tolist()], iqm)
        assert (low[k], high[k]) == pytest.approx((point.low, point.high))


def test_the_signed_rank_test_is_scipys_on_the_seeds_that_differ() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=20), rng.normal(0.5, size=20)
    assert wilcoxon(first.tolist(), second.tolist()) == stats.wilcoxon(first, second).pvalue
    padded = wilcoxon([*first, 1.0, 2.0], [*second, 1.0, 2.0])
    assert padded == stats.wilcoxon(first, second).pvalue


def test_searches_that_never_differ_have_no_difference() -> None:
    assert wilcoxon([1.0, 2.0], [1.0, 2.0]) == 1.0


def test_many_equal_differences_are_no_reason_to_warn() -> None:
    assert wilcoxon([1.0] * 30, [0.0] * 30) < 0.001
    assert wilcoxon([600.0] * 99 + [20.0], [600.0] * 100) == 1.0
    few = wilcoxon([1.0, 2.0] * 6, [0.0] * 12)
    assert few == stats.wilcoxon([1.0, 2.0] * 6, method="approx").pvalue
    assert few < 0.005, "exact is 2 / 2^12"


def test_holms_correction_on_a_known_example() -> None:
    # 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.04 x 1; the last may not be below the one before it.
    assert holm([0.01, 0.04, 0.03, 0.02]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
