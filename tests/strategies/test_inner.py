"""Strategies that hold another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest

from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.errors import SpaceError
from archwright.strategies.asha import Asha
from archwright.strategies.base import Strategy
from archwright.strategies.halving import SuccessiveHalving
from archwright.strategies.hyperband import Hyperband
from archwright.strategies.inner import at, check
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.priorband import PriorBand
from archwright.strategies.random import RandomSearch
from archwright.strategies.shrink import Shrink
from archwright.strategies.warm import WarmStart
from archwright.testing import TOY


@dataclass(frozen=True)
class Picky:
    """Serves no space."""

    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        raise SpaceError("stem/kernel: not for me")

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        return []


@pytest.mark.parametrize(
    "wrap",
    [
        lambda then: Asha(then),
        lambda then: SuccessiveHalving(then),
        lambda then: Hyperband(then),
        lambda then: PriorBand((), then),
        lambda then: Shrink(then),
        lambda then: Portfolio((), then),
        lambda then: WarmStart((), then),
    ],
)
def test_the_inner_strategy_may_refuse_the_space(wrap: Callable[[Strategy], Strategy]) -> None:
    with pytest.raises(SpaceError, match="stem/kernel: not for me"):
        check(wrap(Picky()), TOY)
    check(wrap(RandomSearch()), TOY)


def test_the_fidelity_of_a_strategy_can_be_changed() -> None:
    assert at(RandomSearch(), 0.5) == RandomSearch(0.5)


def test_what_a_strategy_holds_changes_its_fidelity_with_it() -> None:
    assert at(Portfolio((), RandomSearch()), 0.5) == Portfolio((), RandomSearch(0.5), 0.5)
