"""Each score against its formula, worked out another way on networks small enough for it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from archwright.measure.zerocost import WORST, scores
from archwright.measure.zerocost.blocks import features

X = torch.randn(16, 4, generator=torch.Generator().manual_seed(0))
Y = torch.arange(16) % 3
SMALL = 1e-5


@pytest.fixture
def dense() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


@pytest.fixture
def conv() -> nn.Sequential:
    torch.manual_seed(0)
    first = nn.Conv2d(2, 4, 3, padding=1, bias=False)
    return nn.Sequential(
        first, nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )


def one(net: nn.Module, name: str, x: Tensor = X, y: Tensor = Y) -> float:
    return scores(net, x, y, [name])[name]


def gradients(net: nn.Module, x: Tensor = X, y: Tensor = Y) -> list[tuple[Tensor, Tensor]]:
    net.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    found = [p for p in net.parameters() if p.ndim > 1]
    return [(p.detach(), p.grad) for p in found if p.grad is not None]


def test_gradient_scores_look_at_weights_and_not_at_biases(dense: nn.Sequential) -> None:
    pairs = gradients(dense)
    expected = {
        "grad_norm": sum(float(g.norm()) for _, g in pairs),
        "snip": sum(float((w * g).abs().sum()) for w, g in pairs),
        "plain": sum(float((w * g).sum()) for w, g in pairs),
        "l2_norm": sum(float(w.norm()) for w, _ in pairs),
    }
    assert scores(dense, X, Y, list(expected)) == pytest.approx(expected, rel=1e-4)


def test_grasp_is_minus_weights_times_hessian_times_gradient() -> None:
    torch.manual_seed(0)
    net, y = nn.Linear(4, 1, bias=False), 3 + 2 * X[:, 0] - X[:, 1]
    w, scale = net.weight[0].detach(), 2 / (len(X) * y.var())
    hessian, gradient = scale * X.T @ X, scale * X.T @ (X @ w - y)
    assert one(net, "grasp", X, y) == pytest.approx(-float(w @ hessian @ gradient), rel=1e-4)


def test_fisher_squares_output_times_gradient_of_each_channel(conv: nn.Sequential) -> None:
    x = torch.randn(6, 2, 5, 5)
    y = torch.arange(6) % 3
    first = conv[0](x).detach().requires_grad_()
    pooled = conv[4](conv[3](conv[2](conv[1](first))))
    last = conv[5](pooled)
    nn.functional.cross_entropy(last, y).backward(inputs=[first], retain_graph=True)
    assert first.grad is not None
    inner = (first * first.grad).sum((2, 3)).square().mean(0).sum()
    by_last = torch.autograd.grad(nn.functional.cross_entropy(last, y), last)[0]
    outer = (last * by_last).square().mean(0).sum()
    expected = 0.5 * float((18 * inner + 4 * outer).detach())  # weights of a channel
    assert one(conv, "fisher", x, y) == pytest.approx(expected, rel=1e-3)


def test_zico_compares_the_gradients_of_the_halves(dense: nn.Sequential) -> None:
    halves = [[g.clone() for _, g in gradients(dense, X[k : k + 8], Y[k : k + 8])] for k in (0, 8)]
    total = 0.0
    for a, b in zip(*halves, strict=True):
        grads = np.stack([a.numpy(), b.numpy()]).astype(float)
        deviation = grads.std(0)
        ratio = np.abs(grads).mean(0)[deviation > 0] / deviation[deviation > 0]
        total += math.log(ratio.sum())
    assert one(dense, "zico") == pytest.approx(total, rel=1e-3)


def test_synflow_adds_up_all_positive_paths_once_a_layer(conv: nn.Sequential) -> None:
    kernel, last = conv[0].weight.detach().abs().double(), conv[5].weight.detach().abs().double()
    image = nn.functional.conv2d(torch.ones(1, 2, 5, 5).double(), kernel, padding=1)
    paths = float((last @ image.mean((2, 3))[0]).sum())
    assert one(conv, "synflow", torch.randn(4, 2, 5, 5), Y[:4]) == pytest.approx(2 * paths)


def test_synflow_does_not_saturate_with_the_activation(dense: nn.Sequential) -> None:
    bounded = nn.Sequential(dense[0], nn.Tanh(), dense[2])
    assert one(bounded, "synflow") == one(dense, "synflow")


def test_nwot_counts_the_units_that_two_examples_agree_on(dense: nn.Sequential) -> None:
    code = (dense[0](X) > 0).int().numpy()
    kernel = (code[:, None] == code[None]).sum(2)
    x, y = X[:5], Y[:5]  # more examples than units would be singular
    assert one(dense, "nwot", x, y) == pytest.approx(np.linalg.slogdet(kernel[:5, :5])[1], rel=1e-5)


@pytest.mark.parametrize("activation", [nn.GELU(), nn.SiLU(), nn.Tanh(), nn.Sigmoid()])
def test_other_activations_are_cut_at_zero_as_relu_is(
    dense: nn.Sequential, activation: nn.Module
) -> None:
    smooth = nn.Sequential(dense[0], activation, dense[2])
    names = ["nwot", "swap"]
    assert scores(smooth, X[:5], Y[:5], names) == scores(dense, X[:5], Y[:5], names)


def test_swap_counts_different_patterns(dense: nn.Sequential) -> None:
    patterns = {tuple(row) for row in (dense[0](X) > 0).int().T.tolist()}
    assert one(dense, "swap") == len(patterns)
    x, y = X.repeat(5, 1), Y.repeat(5)
    assert one(dense, "swap", x, y) == len(patterns), "80 examples do not fit in one word"
    doubled = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    with torch.no_grad():
        doubled[0].weight.copy_(dense[0].weight.repeat(2, 1))
        doubled[0].bias.copy_(dense[0].bias.repeat(2))
    assert one(doubled, "swap") == len(patterns), "a unit that repeats another adds nothing"


def test_without_activations_there_are_no_units() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3))
    assert scores(net, X, Y, ["nwot", "swap"]) == {"nwot": WORST, "swap": WORST}


def jacobian(net: nn.Module) -> np.ndarray:
    x = X.clone().requires_grad_()
    net(x).sum().backward()
    assert x.grad is not None
    return x.grad.numpy().astype(float)


def test_jacobian_scores_are_those_of_correlations(dense: nn.Sequential) -> None:
    rows = jacobian(dense)
    values = np.linalg.eigvalsh(np.corrcoef(rows)).clip(0) + SMALL
    expected = -np.sum(np.log(values) + 1 / values)
    assert one(dense, "jacob_cov") == pytest.approx(expected, rel=1e-3)
    classes = [rows[k::3] for k in range(3)]  # as in Y
    sums = [np.log(np.abs(np.corrcoef(each)) + SMALL).sum() for each in classes]
    assert one(dense, "epe_nas") == pytest.approx(np.abs(sums).sum(), rel=1e-3)


def test_epe_nas_compares_the_classes_where_they_are_many() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 120))
    x, y = torch.randn(240, 4), torch.arange(240) % 120
    found = one(net, "epe_nas", x, y)
    assert 0 < found < 120 * 2 * abs(math.log(SMALL))
    assert found != pytest.approx(one(net, "epe_nas", x, y % 100))


def test_values_are_put_in_classes_at_their_quantiles(dense: nn.Sequential) -> None:
    net = nn.Sequential(dense[0], dense[1], nn.Linear(8, 1))
    ordered = torch.arange(16.0)
    kinds = torch.tensor([0] * 4 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3)
    wide = nn.Sequential(dense[0], dense[1], nn.Linear(8, 1))
    wide.load_state_dict(net.state_dict())
    expected = sum(
        abs(float(np.log(np.abs(np.corrcoef(jacobian(net)[kinds == k])) + SMALL).sum()))
        for k in range(5)
    )
    assert one(wide, "epe_nas", X, ordered) == pytest.approx(expected, rel=1e-3)


def test_zen_grows_with_depth_and_not_with_the_scale_of_the_weights(conv: nn.Sequential) -> None:
    x = torch.randn(8, 2, 6, 6)
    more = [nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()]
    deeper = nn.Sequential(*conv[:3], *more, *conv[3:])
    before = one(conv, "zen", x, Y[:8])
    assert one(deeper, "zen", x, Y[:8]) > before
    with torch.no_grad():
        conv[0].weight.mul_(100)
    assert one(conv, "zen", x, Y[:8]) == before, "the weights are its own"


def test_features_are_taken_after_normalisation_and_activation(conv: nn.Sequential) -> None:
    x = torch.randn(4, 2, 6, 6)
    block = nn.ModuleDict({"inner": nn.Linear(3, 3)})
    block.forward = lambda x: 2 * x  # type: ignore[method-assign]
    net = nn.Sequential(conv[:3], nn.Sequential(block), *conv[3:])
    found = features(net, x, {})
    assert [tuple(each.shape) for each in found] == [(4, 4, 6, 6), (4, 4, 6, 6)]
    assert torch.equal(found[0], conv[:3](x)), "after the activation"
    assert torch.equal(found[1], 2 * found[0]), "what has children is a block, and pools are none"


def test_expressivity_is_the_entropy_of_the_spectrum() -> None:
    narrow = nn.Sequential(nn.Linear(4, 1), nn.Linear(1, 16), nn.Linear(16, 3))
    assert one(narrow, "expressivity") == pytest.approx(0, abs=1e-4), "one direction only"
    wide = nn.Sequential(nn.Linear(4, 16), nn.Linear(16, 3))
    assert 0.5 < one(wide, "expressivity") <= math.log(4) + 1e-4, "at most four directions"


def test_progressivity_is_the_least_growth_of_it() -> None:
    one_way = nn.Sequential(nn.Linear(4, 1), nn.Linear(1, 16), nn.Linear(16, 3))
    narrowing = nn.Sequential(nn.Linear(4, 16), nn.Linear(16, 1), nn.Linear(1, 3))
    assert one(one_way, "progressivity") == pytest.approx(0, abs=1e-4)
    assert one(narrowing, "progressivity") < -0.5
    assert one(nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3)), "progressivity") == WORST


def test_trainability_is_best_at_a_gain_of_one_and_worst_for_what_hands_through() -> None:
    class Scale(nn.Module):
        def __init__(self, gain: float) -> None:
            super().__init__()
            self.gain = gain
            self.inner = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return self.gain * x

    x = torch.randn(512, 4)
    y = torch.arange(512) % 3

    def net(gain: float) -> nn.Module:
        return nn.Sequential(nn.Linear(4, 4), Scale(gain), nn.Linear(4, 3))

    near, far, further = (one(net(gain), "trainability", x, y) for gain in (1.01, 2.0, 8.0))
    assert 0 > near > far > further
    assert near > -0.1  # the signs of 512 examples are not quite independent
    assert one(net(1.0), "trainability", x, y) == WORST


def test_blocks_that_halve_an_odd_image_or_flatten_it_are_compared_too() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.Conv2d(4, 6, 3, stride=2, padding=1),
        nn.Flatten(),
        nn.Linear(6 * 16, 8),
        nn.ReLU(),
        nn.Linear(8, 3),
    )
    found = one(net, "trainability", torch.randn(16, 2, 7, 7))
    assert math.isfinite(found)
    assert found < 0
