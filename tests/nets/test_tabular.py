"""Blocks for tables: where numbers are cut, what members say, what an unseen category is."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archwright.core.architecture import decode
from archwright.core.space import Op, op, seq
from archwright.nets.build import build
from archwright.nets.fit_edges import aimed_edges, spread_edges
from archwright.nets.inherit import Inherited, inherit
from archwright.nets.ops_tabular import Fields, Pieces, Swap, Together, Waves
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.spaces.table import portfolio, table
from archwright.train.fit import criterion

GENERATOR = torch.Generator().manual_seed(0)
BODY = op("mlp", width=16, layers=1, norm=False, activation="relu", dropout=0.0, shared=False)
UNIT = torch.ones(())


def several(signature: Signature, members: int = 4) -> nn.Module:
    """An untrained network of several members, in training."""
    whole = op("table", numbers=op("plain"), embedding=4, members=members, swap=0.0, body=BODY)
    torch.manual_seed(0)
    return build(seq(network=whole), signature).train()


def test_a_frequent_value_counts_for_one_piece() -> None:
    values = torch.cat([torch.zeros(900), torch.linspace(1, 100, 100)])
    edges = spread_edges(values, 8)
    assert edges[0] == 0
    assert (edges > 0).sum() >= 4, "plain quantiles would be zero but for the last"
    assert (edges.diff() >= 0).all()


def test_a_constant_column_has_edges() -> None:
    assert torch.equal(spread_edges(torch.full((10,), 2.0), 4), torch.full((5,), 2.0))


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_aimed_edges_lie_where_the_target_changes(kind: str) -> None:
    values = torch.rand(2000, generator=GENERATOR)
    above = values > 0.37
    y = above.long() if kind == "classes" else 5.0 * above
    edges = aimed_edges(values, y, 8, torch.linspace(0, 1, 9))
    assert len(edges) == 9
    assert (edges.diff() >= 0).all()
    assert (edges - 0.37).abs().min() < 0.002, "quantiles alone are at 0.375"


def test_a_rare_value_that_tells_much_is_a_piece_of_its_own() -> None:
    values = torch.rand(8000, generator=GENERATOR)
    values[::200] = 0.7  # forty rows, half a hundredth
    edges = aimed_edges(values, (values == 0.7).long(), 8, torch.linspace(0, 1, 9))
    assert ((edges - 0.7).abs() < 0.001).sum() == 2


@pytest.mark.parametrize("make", [lambda: Pieces(2, 8, 4, False), lambda: Waves(2, 4, 1.0, 4)])
def test_numbers_are_embedded_each_in_its_own_range(make: type[nn.Module]) -> None:
    torch.manual_seed(0)
    module = make()
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    x = torch.stack([torch.rand(64), 1000 + 50 * torch.rand(64)], 1)
    prepare(nn.Sequential(module), x, torch.arange(64) % 2, torch.arange(64))
    made = module(x)
    assert made.shape == (64, 2, 4)
    assert (made.std(0) > 1e-3).all(), "each number of each column tells rows apart"
    torch.testing.assert_close(made[:, 0], module(x.roll(1, 1).roll(1, 1))[:, 0])


def test_members_are_trained_on_their_own_losses() -> None:
    net, x, y = several(Signature((3,), 3)), torch.randn(5, 3), torch.arange(5) % 3
    said = net(x)
    assert said.shape == (20, 3)
    each = [nn.functional.cross_entropy(said[i::4], y) for i in range(4)]
    torch.testing.assert_close(criterion(said, y, UNIT, 0.0), torch.stack(each).mean())
    assert len({round(loss.item(), 5) for loss in each}) == 4, "members differ from the start"


def test_the_answer_is_the_mean_of_the_members_probabilities() -> None:
    net, x = several(Signature((3,), 3)), torch.randn(5, 3)
    each = net(x).softmax(1).view(5, 4, 3)
    torch.testing.assert_close(net.eval()(x).softmax(1), each.mean(1))


def test_the_answer_is_the_mean_of_the_members_values_in_the_targets_unit() -> None:
    signature = Signature((3,), 1, "regression")
    net, x, y = several(signature), torch.randn(50, 3), 1000 + 100 * torch.rand(50)
    prepare(net, x, y, torch.arange(50))
    said = net(x)
    torch.testing.assert_close(net.eval()(x), said.view(50, 4, 1).mean(1))
    assert 500 < said.mean().item() < 1500


def test_labels_and_classes_in_order_are_averaged_as_probabilities_too() -> None:
    x = torch.randn(5, 3)
    net = several(Signature((3,), 2, "multilabel"))
    each = net(x).sigmoid().view(5, 4, 2)
    torch.testing.assert_close(net.eval()(x).sigmoid(), each.mean(1))
    net = several(Signature((3,), 4, "ordinal"))
    each = net(x).softmax(1).view(5, 4, 4)
    torch.testing.assert_close(net.eval()(x).softmax(1), each.mean(1))


def test_one_member_alone_is_itself() -> None:
    x = torch.randn(4, 2)
    torch.testing.assert_close(Together(1, "regression").eval()(x), x)
    torch.testing.assert_close(Together(1, "classification").eval()(x), x.log_softmax(1))


def test_categories_are_no_wider_than_they_have_values_and_the_unseen_is_nothing() -> None:
    fields = Fields(1, (3, 500), 8, nn.Identity(), nn.Identity())
    made = fields(torch.tensor([[0.5, 0.0, 0.0], [0.5, 2.0, 499.0]]))
    assert made.shape == (2, 1 + 3 + 8)
    assert not made[0, 1:].any()
    assert made[1, 1:].all()


def test_some_numbers_are_taken_from_the_row_above_in_training_alone() -> None:
    swap, x = Swap(0.25), torch.arange(4000.0).view(2000, 2)
    made = swap(x)
    taken = made != x
    assert 0.2 < taken.float().mean() < 0.3
    assert torch.equal(made[taken], x.roll(1, 0)[taken])
    assert torch.equal(swap.eval()(x), x)


def test_categories_are_swapped_like_numbers() -> None:
    fields, x = Fields(1, (50,), 4, nn.Identity(), Swap(0.5)), torch.rand(200, 2)
    x[:, 1] = torch.arange(200) % 50
    same = fields(x) == fields.eval()(x)
    assert 0.3 < same[:, 0].float().mean() < 0.7
    assert 0.3 < same[:, 1:].all(1).float().mean() < 0.7


def test_a_network_that_is_made_anew_inherits_everything() -> None:
    space, signature = table((6,)), Signature((6,), 3)
    for arch in portfolio((6,)):
        old, new = (build(decode(space, arch), signature).eval() for _ in range(2))
        assert inherit(new, old, (6,)) == Inherited(1.0, True)
        x = torch.randn(4, 6)
        assert torch.equal(new(x), old(x))


def test_more_members_inherit_what_all_share() -> None:
    few, many = several(Signature((6,), 3), 2), several(Signature((6,), 3), 4)
    found = inherit(many, few, (6,))
    assert not found.exact
    assert 0 < found.share < 1
    shared = [dict(net.named_parameters()) for net in (few, many)]
    name = next(name for name in shared[0] if name.endswith("shared.weight"))
    assert torch.equal(shared[0][name], shared[1][name])


def test_wide_tables_have_no_embedded_numbers_and_no_attention() -> None:
    names = {node.name for node in _ops(table((3000,)))}
    assert {"table", "mlp", "plain"} <= names
    assert not {"pieces", "waves", "tokens"} & names
    starts = portfolio((501,))
    assert len(set(starts)) == len(starts)
    assert {"pieces", "waves", "tokens"} <= {node.name for node in _ops(table((64,)))}


def _ops(node: object) -> list[Op]:
    """Return every operation in a space."""
    inside = getattr(node, "children", getattr(node, "options", ()))
    if isinstance(node, Op):
        inside = [value for _, value in node.params]
    found = [each for child in inside for each in _ops(child)]
    return [node, *found] if isinstance(node, Op) else found
