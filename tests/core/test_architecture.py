from __future__ import annotations

import json
import pickle
from random import Random

import pytest

from archwright.core.architecture import Architecture, active, decode, mutate, record, sample
from archwright.core.space import Choice, Range, Repeat, op, seq
from archwright.errors import SpaceError

SPACE = seq(
    stem=op("conv", width=Range(8, 16)),
    body=Repeat(
        Choice((op("pool"), op("conv", kernel=Choice((3, 5)), act=Choice(("relu", "tanh"))))),
        Range(1, 3),
    ),
)


def changed(one: Architecture, other: Architecture) -> set[str]:
    """Return the paths that both answer, and answer differently."""
    shared = one.answers.keys() & other.answers.keys()
    return {path for path in shared if one.answers[path] != other.answers[path]}


def test_a_sample_answers_every_hole_and_no_other() -> None:
    for seed in range(20):
        arch = sample(SPACE, Random(seed))
        assert set(arch.answers) == set(active(SPACE, arch))


def test_equal_seeds_give_equal_samples() -> None:
    assert sample(SPACE, Random(3)) == sample(SPACE, Random(3))


def test_the_key_depends_on_the_answers_and_not_on_their_order() -> None:
    one = Architecture((("a", 1), ("b", "relu")))
    assert one.key == Architecture((("b", "relu"), ("a", 1))).key
    assert one.key != Architecture((("a", 2), ("b", "relu"))).key
    assert one.key != Architecture((("a", True), ("b", "relu"))).key


def test_json_brings_an_architecture_back_as_it_was() -> None:
    arch = sample(SPACE, Random(0))
    assert Architecture.from_json(arch.to_json()) == arch
    assert json.loads(arch.to_json()) == arch.answers


def test_decoding_fills_the_holes_with_the_answers() -> None:
    arch = Architecture.of({"stem/width": 9, "body/depth": 1, "body/0": "pool"})
    tree = decode(SPACE, arch)
    assert tree.children[0]["width"] == 9
    assert tree.children[1].children == (op("pool"),)


def test_decoding_an_architecture_with_a_hole_left_open_is_refused() -> None:
    with pytest.raises(SpaceError, match="body/depth: the architecture has no answer"):
        decode(SPACE, Architecture.of({"stem/width": 9}))


def test_decoding_an_architecture_of_another_space_is_refused() -> None:
    foreign = Architecture.of({"stem/width": 99, "body/depth": 1, "body/0": "pool"})
    with pytest.raises(SpaceError, match="stem/width: 99 is not a whole number"):
        decode(SPACE, foreign)


def test_tied_copies_are_asked_once() -> None:
    asked: list[str] = []

    def decide(path: str, hole: Choice | Range) -> str | int | float | bool:
        asked.append(path)
        return hole.values[0]

    arch = record(Repeat(Choice((1, 2)), 3, tied=True), decide)
    assert asked == ["each"]
    assert arch.answers == {"each": 1}


def test_tied_copies_share_one_sampled_answer() -> None:
    space = Repeat(op("conv", width=Range(1, 1000)), 3, tied=True)
    tree = decode(space, sample(space, Random(0)))
    assert len(set(tree.children)) == 1


def test_a_mutation_changes_one_answer_and_keeps_the_others() -> None:
    rng = Random(0)
    parent = sample(SPACE, rng)
    for _ in range(50):
        child = mutate(SPACE, parent, rng)
        assert len(changed(parent, child)) == 1
        assert set(child.answers) == set(active(SPACE, child))


def test_repeated_mutations_reach_every_hole() -> None:
    rng = Random(0)
    parent = sample(SPACE, rng)
    moved = {path for _ in range(200) for path in changed(parent, mutate(SPACE, parent, rng))}
    assert moved == set(parent.answers)


def test_a_mutation_keeps_no_answer_that_no_longer_fits() -> None:
    space = Choice((op("conv", size=Choice((3, 5))), op("pool", size=Choice((2, 4)))))
    parent = Architecture.of({"": "conv", "conv/size": 3})
    children = {mutate(space, parent, Random(i)).to_json() for i in range(30)}
    found = [json.loads(child) for child in children]
    assert {"": "conv", "conv/size": 5} in found
    assert all(child.keys() in ({"", "conv/size"}, {"", "pool/size"}) for child in found)


def test_a_space_with_one_architecture_has_nothing_to_mutate() -> None:
    space = op("conv", kernel=Choice((3,)))
    with pytest.raises(SpaceError, match="nothing to mutate"):
        mutate(space, sample(space, Random(0)), Random(0))


def test_equal_architectures_have_equal_hashes_and_take_none_into_another_process() -> None:
    arch = sample(SPACE, Random(0))
    again = Architecture(arch.decisions)
    assert hash(arch) == hash(again)
    assert len({arch, again}) == 1
    sent = pickle.loads(pickle.dumps(arch))
    assert (sent, vars(sent)) == (arch, {"decisions": arch.decisions})
