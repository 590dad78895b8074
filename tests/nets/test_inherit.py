"""Inheritance: what only grows computes what its parent did; the rest gets what fits."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from archwright.core.architecture import Architecture, decode, mutate, record
from archwright.core.space import Node, Value
from archwright.nets.build import build
from archwright.nets.inherit import Inherited, inherit
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.spaces import cell201, chain, mlp
from archwright.train.fit import Batches, Plan, fit
from archwright.train.recipe import Recipe

TABLE, IMAGE = mlp.mlp((15,)), chain.chain((1, 8, 8))
Rows = tuple[Signature, Tensor, Tensor]


@pytest.fixture(scope="module")
def wines() -> Rows:
    """Thirteen numbers and two invented categories."""
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    codes = np.stack([np.arange(len(x)) % 4, np.arange(len(x)) % 3], 1)
    rows = np.hstack([(x - x.mean(0)) / x.std(0), codes]).astype(np.float32)
    signature = Signature((15,), 3, categories=(4, 3))
    return signature, torch.from_numpy(rows), torch.from_numpy(y.astype(np.int64))


@pytest.fixture(scope="module")
def digits() -> Rows:
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    x = torch.from_numpy(data.images[:96, None].astype(np.uint8))
    return Signature((1, 8, 8), 10), x, torch.from_numpy(data.target[:96].astype(np.int64))


def table(**answers: Value) -> Architecture:
    """Two layers of 24 and 16 units, with the answers named."""
    known = mlp._start((24, 16), "relu", bins=8, norm="none", dropout=0.0).answers
    return changed(TABLE, Architecture.of(known), answers)


def image(**answers: Value) -> Architecture:
    """Two stages of 8 and 16 channels, with the answers named."""
    rest: dict[str, Value] = {"pooling/pooling": "global", "dense/dropout": 0.0}
    known = chain.start((8, 16), (1, 1), ("none", "max_pool"), 3, rest)
    return changed(IMAGE, known, answers)


def changed(space: Node, arch: Architecture, answers: dict[str, Value]) -> Architecture:
    """Return the architecture with other answers; what opens below has its least value."""
    wanted = {path.replace("__", "/"): value for path, value in answers.items()}
    merged = {**arch.answers, **wanted}
    return record(space, lambda path, hole: merged.get(path, hole.values[0]))


def untrained(space: Node, arch: Architecture, rows: Rows, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    net = build(decode(space, arch), rows[0])
    prepare(net, rows[1], rows[2], torch.arange(len(rows[1])))
    return net.eval()


def trained(space: Node, arch: Architecture, rows: Rows) -> nn.Module:
    net = untrained(space, arch, rows)
    data = Batches(rows[1], rows[2], torch.arange(len(rows[1])))
    recipe = Recipe(epochs=1, batch=32, lr=0.01, weight_decay=0.01)
    fit(net, data, recipe, Plan(), seed=0, steps=20, watch=lambda step, loss: None)
    return net.eval()


def told(
    space: Node, parent: Architecture, child: Architecture, rows: Rows
) -> tuple[Inherited, float]:
    """Return what was inherited, and the largest difference of the outputs."""
    old, new = trained(space, parent, rows), untrained(space, child, rows, seed=1)
    found = inherit(new, old, rows[0].shape)
    with torch.no_grad():
        before, after = old(rows[1].float()), new(rows[1].float())
    return found, float((before - after).abs().max() / before.abs().max().clamp_min(1))


BASE: dict[str, Value] = {}
DEEP: dict[str, Value] = {"body__layers__depth": 3, "body__layers__2__units": 20}
RESIDUAL: dict[str, Value] = {"body__residual": True}
GROWN_TABLES: dict[str, tuple[dict[str, Value], dict[str, Value]]] = {
    "more units in the first layer": (BASE, {"body__layers__0__units": 37}),
    "more units in the last layer": (BASE, {"body__layers__1__units": 50}),
    "twice the units behind layer normalisation": (
        {"body__norm": "layer"},
        {"body__layers__0__units": 48, "body__norm": "layer"},
    ),
    "more units behind batch normalisation": (
        {"body__norm": "batch"},
        {"body__layers__0__units": 31, "body__norm": "batch"},
    ),
    "more units round a residual layer": (RESIDUAL, {**RESIDUAL, "body__layers__0__units": 31}),
    "a layer": (BASE, {**DEEP, "body__layers__2__activation": "relu"}),
    "a layer and batch normalisation": (
        {"body__norm": "batch"},
        {**DEEP, "body__layers__2__activation": "relu", "body__norm": "batch"},
    ),
    "a residual layer of another activation": (
        RESIDUAL,
        {**RESIDUAL, **DEEP, "body__layers__2__activation": "gelu"},
    ),
    "a residual layer of ReLU": (
        RESIDUAL,
        {**RESIDUAL, **DEEP, "body__layers__2__activation": "relu"},
    ),
    "a residual way": (BASE, RESIDUAL),
    "batch normalisation": (BASE, {"body__norm": "batch"}),
    "dropout": (BASE, {"body__dropout": 0.3}),
    "bins where there were none": ({"columns__bins": 0}, {"columns__bins": 16}),
    "twice the bins": (BASE, {"columns__bins": 16}),
    "four times the bins": (BASE, {"columns__bins": 32}),
    "wider embeddings": ({"columns__embedding": 4}, {"columns__embedding": 16}),
}
LAYER = "body__stages__1__layers"
FLAT: dict[str, Value] = {"pooling__pooling": "flatten"}
SKIP: dict[str, Value] = {f"{LAYER}__1__convolution__skip": True}
TWO: dict[str, Value] = {f"{LAYER}__depth": 2}
RELU: dict[str, Value] = {f"{LAYER}__1__convolution__activation": "relu"}
SEPARABLE: dict[str, Value] = {f"{LAYER}__0": "separable"}
GROWN_IMAGES: dict[str, tuple[dict[str, Value], dict[str, Value]]] = {
    "more channels": (BASE, {"body__stages__0__width": 24}),
    "more channels before flattening": (FLAT, {**FLAT, "body__stages__1__width": 24}),
    "more channels of a separable convolution": (
        SEPARABLE,
        {**SEPARABLE, "body__stages__0__width": 16},
    ),
    "more channels round a residual layer": (
        {**TWO, **SKIP},
        {**TWO, **SKIP, "body__stages__1__width": 48},
    ),
    "a larger kernel": (BASE, {f"{LAYER}__0__convolution__kernel": 5}),
    "a larger separable kernel": (SEPARABLE, {**SEPARABLE, f"{LAYER}__0__separable__kernel": 5}),
    "a full convolution": (SEPARABLE, BASE),
    "a layer": (BASE, {**TWO, **RELU}),
    "a residual layer": (BASE, {**TWO, **SKIP}),
    "a separable layer": (
        BASE,
        {**TWO, f"{LAYER}__1": "separable", f"{LAYER}__1__separable__activation": "relu"},
    ),
    "a stage": (
        BASE,
        {
            "body__stages__depth": 3,
            "body__stages__2__width": 24,
            "body__stages__2__layers__0__convolution__activation": "relu",
        },
    ),
    "a residual way": (BASE, {f"{LAYER}__0__convolution__skip": True}),
    "batch normalisation": ({"body__norm": "none"}, BASE),
    "no batch normalisation": (BASE, {"body__norm": "none"}),
    "flattening": (BASE, FLAT),
    "a dense layer": (
        BASE,
        {"dense__layers__depth": 1, "dense__layers__0__units": 40},
    ),
    "units of a dense layer": (
        {"dense__layers__depth": 1},
        {"dense__layers__depth": 1, "dense__layers__0__units": 40},
    ),
    "dropout": (BASE, {"dense__dropout": 0.3}),
}


@pytest.mark.parametrize("kind", GROWN_TABLES)
def test_a_dense_network_that_is_given_more_computes_the_same(wines: Rows, kind: str) -> None:
    parent, child = (table(**answers) for answers in GROWN_TABLES[kind])
    found, difference = told(TABLE, parent, child, wines)
    assert difference < 1e-4
    assert found == Inherited(1.0, True)


@pytest.mark.parametrize("kind", GROWN_IMAGES)
def test_a_chain_that_is_given_more_computes_the_same(digits: Rows, kind: str) -> None:
    parent, child = (image(**answers) for answers in GROWN_IMAGES[kind])
    found, difference = told(IMAGE, parent, child, digits)
    assert difference < 1e-4
    assert found == Inherited(1.0, True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_is_called_exact_is_exact(wines: Rows, digits: Rows, seed: int) -> None:
    exact = 0
    for space, rows, arch in (
        (TABLE, wines, mlp.portfolio((15,))[seed]),
        (IMAGE, digits, chain.portfolio((1, 8, 8))[seed]),
    ):
        old, rng = trained(space, arch, rows), Random(seed)
        for _ in range(20):
            new = untrained(space, mutate(space, arch, rng), rows, seed=1)
            found = inherit(new, old, rows[0].shape)
            with torch.no_grad():
                before, after = old(rows[1].float()), new(rows[1].float())
            exact += found.exact
            assert not found.exact or torch.allclose(before, after, rtol=1e-4, atol=1e-4)
            assert 0 < found.share <= 1
    assert exact > 5, "some of the children only grew"


def test_copies_of_a_unit_do_not_stay_alike(wines: Rows) -> None:
    old = trained(TABLE, table(), wines)
    new = untrained(TABLE, table(body__layers__0__units=48), wines, seed=1)
    inherit(new, old, (15,))
    first, second = (m for m in new.modules() if isinstance(m, nn.Linear) and m.in_features != 16)
    assert torch.equal(first.weight[:24], first.weight[24:])
    assert not torch.allclose(second.weight[:, :24], second.weight[:, 24:])


@pytest.mark.parametrize(
    "answers",
    [{"body__layers__0__units": 10}, {"body__layers__1__activation": "tanh"}, {"columns__bins": 0}],
)
def test_what_cannot_be_kept_is_said_and_the_rest_inherited(
    wines: Rows, answers: dict[str, Value]
) -> None:
    found, difference = told(TABLE, table(), table(**answers), wines)
    assert not found.exact
    assert difference > 1e-4
    assert found.share > 0.5


def test_a_separable_child_of_a_convolution_keeps_its_own_operation(digits: Rows) -> None:
    old, child = trained(IMAGE, image(), digits), image(**SEPARABLE)
    new, as_it_was = untrained(IMAGE, child, digits, 1), untrained(IMAGE, child, digits, 1)
    found = inherit(new, old, (1, 8, 8))
    assert not found.exact
    assert found.share < 1
    for mine, before in zip(new[1][1].parameters(), as_it_was[1][1].parameters(), strict=True):  # type: ignore[index]
        if mine.ndim == 4:
            assert torch.equal(mine, before)


def test_a_child_that_shares_nothing_is_left_as_it_was() -> None:
    child, parent = nn.Sequential(nn.Linear(3, 4)), nn.Sequential(nn.Linear(5, 6))
    before = {name: tensor.clone() for name, tensor in child.state_dict().items()}
    assert inherit(child, parent, (3,)) == Inherited(0.0, False)
    assert all(torch.equal(tensor, before[name]) for name, tensor in child.state_dict().items())


def test_networks_of_another_form_get_what_has_the_same_place_and_shape() -> None:
    space, signature = cell201.cell201((3, 8, 8)), Signature((3, 8, 8), 10)
    first, second = cell201.portfolio((3, 8, 8))[:2]
    torch.manual_seed(0)
    old, new = (build(decode(space, arch), signature) for arch in (first, second))
    found = inherit(new, old, (3, 8, 8))
    assert 0 < found.share < 1
    assert not found.exact
    same = build(decode(space, first), signature).eval()
    assert inherit(same, old, (3, 8, 8)) == Inherited(1.0, True)
    x = torch.randn(4, 3, 8, 8)
    assert torch.equal(same(x), old.eval()(x))
