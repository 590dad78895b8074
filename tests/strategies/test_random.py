"""Random search: the baseline."""

from __future__ import annotations

from random import Random

from archwright.core.trial import History
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, run


def test_random_search_does_not_look_at_the_past() -> None:
    past = run(RandomSearch(), trials=5)
    fresh = RandomSearch().ask(TOY, History(), 3, Random(1))
    assert RandomSearch().ask(TOY, past, 3, Random(1)) == fresh


def test_random_search_proposes_at_its_fidelity() -> None:
    (proposal,) = RandomSearch(fidelity=0.25).ask(TOY, History(), 1, Random(0))
    assert (proposal.fidelity, proposal.origin, proposal.parent) == (0.25, "random", None)


def test_other_random_numbers_give_other_architectures() -> None:
    keys = {RandomSearch().ask(TOY, History(), 1, Random(seed))[0].arch.key for seed in range(20)}
    assert len(keys) == 20
