"""Spaces from networks with marked parts."""

from __future__ import annotations

import pickle
from random import Random

import pytest
import torch
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.enumerate import nth
from archwright.core.space import Op, op, seq, size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.marked import either, mark, space_of
from archwright.testing import check_network
from tests.spaces.owned import Block, Owned

SHAPE = (1, 6, 6)
SIGNATURE = Signature(SHAPE, 3)
DEEP = {"stem": "large", "act": "GELU", "body": "deep", "body/deep/1": "Identity"}


def made(space: Op, answers: dict[str, str]) -> nn.Module:
    """A network of the space, from weights drawn with seed 0."""
    torch.manual_seed(0)
    return build(decode(space, Architecture.of(answers)), SIGNATURE)


@pytest.mark.parametrize("source", [Owned(), Owned], ids=["module", "class"])
def test_the_answers_put_the_chosen_parts_in_place(source: object) -> None:
    space = space_of(source)
    assert size(space) == 2 * 2 * (1 + 2)
    net = made(space, DEEP)
    assert net.stem.kernel_size == (5, 5)
    assert isinstance(net.act, nn.GELU)
    assert [type(part) for part in net.body] == [Block, nn.Identity]
    assert net(torch.rand(2, *SHAPE)).shape == (2, 3)


def test_every_network_of_it_keeps_the_contract() -> None:
    space = seq(normalise=op("normalise"), body=space_of(Owned(4)), head=op("output"))
    for seed in range(3):
        check_network(space, sample(space, Random(seed)), SHAPE)


def test_weights_are_fresh_and_follow_the_seed() -> None:
    given = Owned()
    first, again = made(space_of(given), DEEP), made(space_of(given), DEEP)
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    torch.manual_seed(1)
    later = build(decode(space_of(given), Architecture.of(DEEP)), SIGNATURE)
    assert not torch.equal(first.head.weight, later.head.weight)
    assert not torch.equal(first.body[0].shift, given.body.options[1][0].shift)


def test_a_given_network_is_never_changed() -> None:
    given = Owned()
    before = {name: tensor.clone() for name, tensor in given.state_dict().items()}
    made(space_of(given), DEEP)
    assert all(torch.equal(tensor, before[name]) for name, tensor in given.state_dict().items())


def test_the_space_can_be_sent_to_another_process_and_stored() -> None:
    space = space_of(Owned())
    again = pickle.loads(pickle.dumps(space))
    assert (again, repr(again)) == (space, repr(space)) == (space_of(Owned), repr(space_of(Owned)))
    assert made(again, DEEP).stem.kernel_size == (5, 5)
    assert space_of(Owned(5)) != space


def test_costs_of_a_network_of_ones_own_are_counted() -> None:
    macs = 36 * 8 * 25 + 36 * 8 * 8 * 9 + 8 * 3
    assert trace(made(space_of(Owned), DEEP), SHAPE) == ((3,), macs)


def test_a_marked_network_runs_with_its_defaults() -> None:
    net, x = either(nn.ReLU(), nn.Tanh()), torch.randn(4)
    assert torch.equal(net(x), x.relu())


def test_a_part_used_twice_is_chosen_once() -> None:
    act = either(nn.ReLU(), nn.Tanh())
    space = space_of(nn.Sequential(nn.Linear(4, 4), act, nn.Linear(4, 3), act))
    assert size(space) == 2
    net = build(decode(space, Architecture.of({"1": "Tanh"})), Signature((4,), 3))
    assert [type(part) for part in net] == [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh]


def test_parts_of_a_finished_network_are_marked_by_name() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(4, 8), nn.ReLU()), nn.Linear(8, 3))
    marked = mark(net, {"0.1": [nn.GELU(), nn.GELU("tanh")], "1": {"bare": nn.Identity()}})
    assert type(net[0][1]) is nn.ReLU  # the one that was given is as it was
    space = space_of(marked)
    archs = [nth(space, i).answers for i in range(size(space))]
    assert len(archs) == 3 * 2
    assert archs[0] == {"0/1": "original", "1": "original"}
    assert {arch["0/1"] for arch in archs} == {"original", "GELU_0", "GELU_1"}


def test_names_of_options_come_from_their_classes() -> None:
    two = either(nn.Linear(2, 2), nn.Linear(2, 2), nn.Identity(), last=nn.ReLU())
    assert two.labels == ("Linear_0", "Linear_1", "Identity", "last")


class Fixed(nn.Module):
    """Cannot draw its weights anew."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.act = either(nn.ReLU(), nn.Tanh())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * self.act(x)


def test_what_is_no_space_is_refused_with_a_way_out() -> None:
    with pytest.raises(SpaceError, match=r"Linear: no part is marked.*archwright.either"):
        space_of(nn.Linear(2, 2))
    with pytest.raises(SpaceError, match="at least two"):
        either(nn.ReLU())
    with pytest.raises(SpaceError, match="b is 3, not a module"):
        either(a=nn.ReLU(), b=3)  # type: ignore[arg-type]
    with pytest.raises(SpaceError, match="list all options in one"):
        either(nn.ReLU(), either(nn.ReLU(), nn.Tanh()))
    with pytest.raises(SpaceError, match="put it inside of a Sequential"):
        space_of(either(nn.ReLU(), nn.Tanh()))
    with pytest.raises(SpaceError, match="takes a module, or what makes one"):
        space_of(3)  # type: ignore[arg-type]
    with pytest.raises(SpaceError, match=r"no part 'headd'.*'head'"):
        mark(Owned(), {"headd": [nn.Identity()]})
    with pytest.raises(SpaceError, match=r"holds a dot or a slash"):
        either(nn.ReLU(), **{"a.b": nn.Tanh()})


def test_weights_that_cannot_be_drawn_anew_are_refused_unless_the_class_is_given() -> None:
    with pytest.raises(SpaceError, match=r"the network \(Fixed\) has weights but no"):
        space_of(Fixed())
    assert size(space_of(Fixed)) == 2


def test_what_makes_other_parts_each_time_is_refused() -> None:
    space, more = space_of(Owned), space_of(nn.Sequential(either(nn.ReLU(), nn.Tanh())))
    tree = Op("module", (space.params[0], *more.params[1:]))
    with pytest.raises(SpaceError, match="must mark the same parts each time"):
        build(decode(tree, Architecture.of({"0": "ReLU"})), SIGNATURE)
