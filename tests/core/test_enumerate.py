from __future__ import annotations

import itertools
from random import Random

import pytest

from archwright.core.architecture import Architecture, active, sample
from archwright.core.enumerate import index_of, nth
from archwright.core.space import Choice, Dag, Node, Range, Repeat, op, seq, size
from archwright.errors import SpaceError

CONDITIONAL = Choice(
    (op("conv", kernel=Choice((3, 5)), width=Range(8, 10)), op("pool"), op("skip"))
)
SPACES: dict[str, Node] = {
    "no hole": op("conv", kernel=3),
    "a root hole": CONDITIONAL,
    "layers": seq(
        stem=op("conv", width=Range(4, 6, log=True)), body=Repeat(CONDITIONAL, Range(0, 2))
    ),
    "depths that are chosen": Repeat(Choice(("a", "b")), Choice((1, 3))),
    "tied copies": Repeat(CONDITIONAL, Range(1, 3), tied=True),
    "a fixed depth": Repeat(Choice((1, 2, 3)), 2),
    "a cell": Dag(((0, 1, CONDITIONAL), (Choice((0, 1)), 2, CONDITIONAL))),
    "two sources": Dag(((Choice(("0+1", "0+2")), 3, (Choice(("a", "b")), Choice(("c", "d")))),)),
    "vertices": Dag(((0, 1, op("identity")),), vertices=(Choice(("a", "b", "c")),)),
}
DARTS_SIZED = Repeat(CONDITIONAL, 24)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_every_index_is_another_architecture_and_has_the_way_back(space: Node) -> None:
    found = [nth(space, index) for index in range(size(space))]
    assert len({arch.key for arch in found}) == len(found)
    assert [index_of(space, arch) for arch in found] == list(range(size(space)))
    for arch in found:
        assert list(arch.answers) == list(active(space, arch)), "in the order of the walk"


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_what_is_sampled_is_among_what_is_numbered(space: Node) -> None:
    for seed in range(20):
        arch = sample(space, Random(seed))
        assert nth(space, index_of(space, arch)) == arch


def test_a_space_of_ten_to_the_eighteen_is_not_enumerated() -> None:
    last = size(DARTS_SIZED) - 1
    assert last > 10**18
    for index in (0, 1, last // 3, last):
        assert index_of(DARTS_SIZED, nth(DARTS_SIZED, index)) == index


def test_ranges_of_any_size_are_numbered() -> None:
    space = seq(one=op("conv", width=Range(1, 10**12, log=True)), two=Range(-5, 5))
    corners = itertools.product((1, 10**6, 10**12), (-5, 0, 5))
    for width, two in corners:
        arch = Architecture.of({"one/width": width, "two": two})
        assert nth(space, index_of(space, arch)) == arch


@pytest.mark.parametrize("index", [-1, 8])
def test_an_index_outside_the_space_is_refused(index: int) -> None:
    with pytest.raises(SpaceError, match=f"no architecture {index}: the space holds 8"):
        nth(CONDITIONAL, index)


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"": "fly"}, "'fly' is not one of the answers"),
        ({"": "conv", "conv/width": 8}, "conv/kernel: None is not one of the answers"),
        ({"": "conv", "conv/kernel": 3, "conv/width": 99}, "conv/width: 99 is not a number from 8"),
        ({"": "conv", "conv/kernel": 3}, "conv/width: None is not a number from 8 to 10"),
    ],
)
def test_a_foreign_architecture_has_no_index(answers: dict[str, int | str], complaint: str) -> None:
    with pytest.raises(SpaceError, match=complaint):
        index_of(CONDITIONAL, Architecture.of(answers))


def test_a_foreign_depth_is_named_with_its_path() -> None:
    with pytest.raises(SpaceError, match="body/depth: 9 is not one of the answers"):
        index_of(SPACES["layers"], Architecture.of({"stem/width": 4, "body/depth": 9}))
