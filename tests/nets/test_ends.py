"""How networks end, by the kind of task."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from archwright.core.space import op
from archwright.core.truth import Kind
from archwright.nets.build import build
from archwright.nets.ops_common import Averaged, Ranks
from archwright.nets.ops_tabular import Together
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.train.fit import Batches, Plan, fit, outputs
from archwright.train.recipe import Recipe

ROWS = torch.arange(300)
X = torch.rand((300, 4), generator=torch.Generator().manual_seed(0))
TARGETS: dict[Kind, Tensor] = {
    "classification": (3 * X[:, 0]).long(),
    "ordinal": (5 * X[:, 0]).long(),
    "multilabel": torch.stack([X[:, 0] > 0.5, X[:, 1] > 0.3], 1),
    "regression": torch.stack([X[:, 0], 500 + 100 * X[:, 1]], 1),
    "multitask": torch.stack([(3 * X[:, 0]).floor(), 500 + 100 * X[:, 1]], 1),
}
WIDTHS = (3, 1)


def trained(kind: Kind) -> nn.Module:
    y = TARGETS[kind]
    torch.manual_seed(0)
    widths = WIDTHS if kind == "multitask" else ()
    count = int(y.max()) + 1 if y.dtype == torch.int64 else sum(widths) or y.shape[1]
    net = build(op("output"), Signature((4,), count, kind, widths=widths))
    prepare(net, X, y, ROWS, widths)
    recipe = Recipe(epochs=40, batch=50, lr=0.05, weight_decay=0.0)
    data = Batches(X, y, ROWS, widths=widths)
    fit(net, data, recipe, Plan(), seed=0, steps=240, watch=lambda *_: None)
    return net


@pytest.mark.parametrize("kind", TARGETS)
def test_each_kind_is_learnt(kind: Kind) -> None:
    y, out = TARGETS[kind], outputs(trained(kind), X, ROWS)
    match kind:
        case "classification" | "ordinal":
            assert (out.argmax(1) == y).float().mean() > 0.8
        case "multilabel":
            assert ((out > 0) == y).float().mean() > 0.9
        case "regression":
            assert ((out - y).std(0) / y.std(0)).max() < 0.25
        case "multitask":
            assert (out[:, :3].argmax(1) == y[:, 0]).float().mean() > 0.8
            assert (out[:, 3] - y[:, 1]).std() / y[:, 1].std() < 0.35


def test_classes_in_order_get_probabilities_that_add_up() -> None:
    net = trained("ordinal")
    said = net(X[:9]).exp()
    assert said.shape == (9, 5)
    torch.testing.assert_close(said.sum(1), torch.ones(9))


def test_a_network_that_says_nothing_gives_each_class_its_share() -> None:
    y = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    net = nn.Sequential(nn.Linear(1, 1), Ranks(3))
    prepare(net, torch.zeros(100, 1), y, torch.arange(100))
    said = net[1](torch.zeros(1, 1)).exp()[0]
    torch.testing.assert_close(said, (y.bincount() + 1) / 103, atol=1e-4, rtol=0)


def test_rows_far_out_keep_finite_logarithms_and_gradients() -> None:
    ranks, far = Ranks(4), torch.tensor([[-500.0], [0.0], [500.0]], requires_grad=True)
    said = ranks(far)
    said.sum().backward()
    assert torch.isfinite(said).all()
    assert torch.isfinite(far.grad).all()  # type: ignore[arg-type]
    assert said.argmax(1).tolist()[::2] == [0, 3]


def test_two_classes_in_order_are_a_logistic_regression() -> None:
    said = Ranks(2)(torch.tensor([[0.7]]))
    torch.testing.assert_close(said.exp()[0, 1], torch.tensor(0.7).sigmoid())


def test_labels_of_several_networks_are_averaged_as_probabilities() -> None:
    first, second = nn.Linear(4, 2), nn.Linear(4, 2)
    said = Averaged(nn.ModuleList([first, second]), (0.75, 0.25), "multilabel")(X).sigmoid()
    expected = 0.75 * first(X).sigmoid() + 0.25 * second(X).sigmoid()
    np.testing.assert_allclose(said.detach(), expected.detach(), atol=1e-5)


@pytest.mark.parametrize("far", [12.0, -12.0, 16.0])
def test_labels_that_are_nearly_certain_are_averaged_as_exactly_as_others(far: float) -> None:
    logits = torch.tensor([[far], [far + 1]])
    shares = logits.double().sigmoid().mean(0)
    expected = (shares / ((-logits.double()).sigmoid().mean(0))).log()
    members = Together(2, "multilabel").eval()(logits)[0]
    networks = [nn.Linear(1, 1), nn.Linear(1, 1)]
    for net, value in zip(networks, logits, strict=True):
        nn.init.zeros_(net.weight)
        nn.init.constant_(net.bias, float(value))
    both = Averaged(nn.ModuleList(networks), (0.5, 0.5), "multilabel")(torch.zeros(1, 1))[0]
    for found in (members, both):
        np.testing.assert_allclose(found.detach(), expected, rtol=1e-5)


def test_each_target_of_several_networks_is_averaged_as_what_it_is() -> None:
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    both = Averaged(nn.ModuleList([first, second]), (0.75, 0.25), "multitask", WIDTHS)(X)
    odds = 0.75 * first(X)[:, :3].softmax(1) + 0.25 * second(X)[:, :3].softmax(1)
    values = 0.75 * first(X)[:, 3] + 0.25 * second(X)[:, 3]
    np.testing.assert_allclose(both[:, :3].softmax(1).detach(), odds.detach(), atol=1e-5)
    np.testing.assert_allclose(both[:, 3].detach(), values.detach(), atol=1e-5)
