"""Networks for series: padding, gaps, MiniRocket and ridge regression."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import RidgeCV

from archwright.core.architecture import decode
from archwright.nets.build import build, is_fitted
from archwright.nets.fit_ridge import ALPHAS, _strongest, channels
from archwright.nets.ops_sequence import BAND, Crafted, Ridge, Rocket, standardised
from archwright.nets.prepare import prepare
from archwright.nets.preprocess_series import series as preprocessed
from archwright.nets.site import Signature
from archwright.spaces.series import portfolio, series
from archwright.train.fit import Batches, Plan, fit
from archwright.train.plan import choose
from archwright.train.recipe import series_recipe

SPEC = {"series": {"channels": 2, "length": 6, "means": [1.0, -1.0]}}


@pytest.mark.parametrize("number", [0, 2, 3, 5, 6])
def test_what_is_past_the_end_does_not_reach_a_network_by_pooling(number: int) -> None:
    """The padded part changes what is near it by at most what zeros at the edge do."""
    shape, rows = (1, 160), torch.arange(12)
    torch.manual_seed(0)
    x = torch.randn(12, *shape).cumsum(2)
    arch = portfolio(shape)[number]
    net = build(decode(series(shape), arch), Signature(shape, 3))
    x[:, :, 120:] = torch.nan
    prepare(net, x, rows % 3, rows)
    with torch.inference_mode():
        padded, short = net.eval()(x), net(x[:, :, :120])
    torch.testing.assert_close(padded, short, atol=0.05, rtol=0.05)


def test_series_are_standardised_where_they_have_values() -> None:
    x = torch.tensor([[[1.0, 3.0, torch.nan]], [[5.0, 7.0, 9.0]]])
    mean, std = channels(x)
    assert (mean.item(), std.item()) == (5.0, pytest.approx(8**0.5))
    scaled, known = standardised(x, mean, std, own=False)
    assert scaled[0, 0, 2] == 0
    assert known[0, 0].tolist() == [True, True, False]
    own, _ = standardised(x, mean, std, own=True)
    torch.testing.assert_close(own[0, 0], torch.tensor([-1.0, 1.0, 0.0]))


def test_minirocket_counts_how_often_a_kernel_is_above_its_bias() -> None:
    rocket = Rocket(1, False, (1, 2), 3, 1, changes=True)
    x = torch.randn(5, 1, 30)
    found = rocket(x)
    assert found.shape == (5, 2 * 2 * 84 * 3)
    kernels = rocket.weight[:, :9].unsqueeze(1)
    made = torch.nn.functional.conv1d(x, kernels, padding=4)
    ramp = (made / BAND + 0.5).clamp(0, 1)
    torch.testing.assert_close(found[:, :84], ramp.mean(2))
    torch.testing.assert_close(found[:, :84], (made > 0).float().mean(2), atol=0.05, rtol=0)
    assert sorted(kernels[0, 0].tolist()) == [-1.0] * 6 + [2.0] * 3


def test_rounding_does_not_matter_where_a_series_stands_still_at_a_bias() -> None:
    rocket = Rocket(1, False, (1,), 2, 1, changes=False)
    still = torch.zeros(2, 1, 400)
    still[1] = 1e-6  # kernels add up to nothing, but for rounding
    first, second = rocket(still)
    torch.testing.assert_close(first, second, atol=1e-3, rtol=0)


def test_the_penalty_of_the_ridge_is_that_of_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 90, generator=generator, dtype=torch.float64)
    y = x[:, :2] @ torch.randn(2, 3, generator=generator, dtype=torch.float64)
    y += torch.randn(40, 3, generator=generator, dtype=torch.float64)
    x, y = x - x.mean(0), y - y.mean(0)
    known = RidgeCV(alphas=ALPHAS).fit(x.numpy(), y.numpy())
    weight, answers = _strongest(x, y)
    np.testing.assert_allclose(weight.T.numpy(), known.coef_, rtol=1e-6, atol=1e-9)
    others = torch.arange(40) != 7
    again = RidgeCV(alphas=[known.alpha_]).fit(x[others].numpy(), y[others].numpy())
    np.testing.assert_allclose(answers[7], again.predict(x[7:8].numpy())[0], rtol=1e-6, atol=1e-9)


def test_a_ridge_learns_classes_and_values_and_is_not_sure_of_either() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 1, 50, generator=generator)
    y = torch.arange(40) % 2
    x[y == 1] += torch.sin(torch.arange(50) / 2)
    arch, shape = portfolio((1, 50))[1], (1, 50)
    net = build(decode(series(shape), arch), Signature(shape, 2))
    prepare(net, x, y, torch.arange(40))
    odds = net.eval()(x).softmax(1)
    assert (odds.argmax(1) == y).all()
    assert float(odds.min()) > 0.001, "forty rows make nothing certain"
    value = build(decode(series(shape), arch), Signature(shape, 1, "regression"))
    prepare(value, x, 100.0 + y, torch.arange(40))
    torch.testing.assert_close(value.eval()(x)[:, 0], 100.0 + y, atol=0.3, rtol=0)
    assert not any(p.requires_grad for p in net.parameters())
    assert isinstance(net[0][-1], Ridge)


def test_crafted_filters_answer_to_rises_falls_and_peaks_alone() -> None:
    flat = Crafted(2)(torch.ones(1, 2, 100))[:, :, 40:60]
    rise = Crafted(2)(torch.arange(100.0).expand(1, 2, 100))[0, :, 50]
    torch.testing.assert_close(flat, torch.zeros_like(flat), atol=1e-4, rtol=0)
    assert (rise[0::3] > 0).all()
    assert (rise[1::3] == 0).all()


def test_gaps_are_filled_in_a_line_and_the_end_is_left_open() -> None:
    nan = np.nan
    x = np.array(
        [[[1, nan, 3, nan, nan], [nan, 5, nan, 6, nan]], [[nan] * 5, [2, nan, nan, nan, nan]]]
    )
    made = preprocessed(x, SPEC)
    np.testing.assert_array_equal(made[0], [[1, 2, 3, 3, nan, nan], [5, 5, 5.5, 6, nan, nan]])
    np.testing.assert_array_equal(made[1, :, :2], [[1, nan], [2, nan]])
    assert made.dtype == np.float32


def test_series_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="the network takes 2 channels"):
        preprocessed(np.ones((3, 6)), SPEC)
    with pytest.raises(ValueError, match="series 1 has 7 steps, the longest in training had 6"):
        preprocessed(np.ones((3, 2, 7)), SPEC)
    with pytest.raises(ValueError, match="series 2 holds no value at all"):
        preprocessed(np.stack([np.ones((2, 6)), np.full((2, 6), np.nan)]), SPEC)


def test_a_network_with_nothing_to_train_is_left_as_it_is_and_can_be_timed() -> None:
    shape, rows = (1, 30), torch.arange(20)
    x, y = torch.randn(20, *shape), rows % 2
    net = build(decode(series(shape), portfolio(shape)[1]), Signature(shape, 2))
    prepare(net, x, y, rows)
    trees = [decode(series(shape), arch) for arch in portfolio(shape)[:2]]
    assert [is_fitted(tree) for tree in trees] == [False, True]
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    data, recipe = Batches(x, y, rows), series_recipe(20)
    assert fit(net, data, recipe, Plan(), seed=0, steps=9, watch=lambda *_: None) == 9
    assert choose(net, data, recipe, (1,)).seconds > 0
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_a_ridge_learns_a_class_and_a_value_at_once() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 1, 50, generator=generator)
    y = torch.stack([torch.arange(40) % 2, 1000.0 + torch.arange(40) % 2], 1)
    x[y[:, 0] == 1] += torch.sin(torch.arange(50) / 2)
    arch, shape = portfolio((1, 50))[1], (1, 50)
    signature = Signature(shape, 3, "multitask", widths=(2, 1))
    net = build(decode(series(shape), arch), signature)
    prepare(net, x, y, torch.arange(40), signature.widths)
    said = net.eval()(x)
    assert (said[:, :2].argmax(1) == y[:, 0]).all()
    assert float(said[:, :2].softmax(1).min()) > 0.001, "forty rows make nothing certain"
    torch.testing.assert_close(said[:, 2], y[:, 1], atol=0.3, rtol=0)
