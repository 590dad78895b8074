from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from archwright import registry
from archwright.bench.entrants import Entrant, parse, strategy
from archwright.bench.table import Scores, Table
from archwright.core.architecture import sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.errors import SpaceError
from archwright.spaces.macro import macro
from archwright.strategies.asha import Asha
from archwright.strategies.grid import GridSearch
from archwright.strategies.surrogate import SurrogateSearch


@dataclass(frozen=True)
class Scored:
    """Takes scores, and refuses the spaces it is told to."""

    scores: Scores | None = None
    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        if space == registry:
            raise SpaceError("never")

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]


@dataclass(frozen=True)
class Choosy(Scored):
    """Serves no space."""

    def check(self, space: Node) -> None:
        raise SpaceError("one: cannot be served")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"scored": f"{__name__}:Scored", "choosy": f"{__name__}:Choosy"}
    classes = {"scored": Scored, "choosy": Choosy}
    before = registry.find

    def find(group: str, name: str) -> Any:
        return classes[name] if name in here else before(group, name)

    monkeypatch.setattr(registry, "find", find)


@pytest.mark.parametrize(
    ("name", "entrant"),
    [
        ("random", Entrant("random")),
        ("surrogate+zc", Entrant("surrogate", ("zc",))),
        ("surrogate+nwot+macs", Entrant("surrogate", ("nwot", "macs"))),
        ("random@0.06", Entrant("random", fidelity=0.06)),
        ("surrogate+zc@0.5", Entrant("surrogate", ("zc",), 0.5)),
        ("optuna:TPE", Entrant("optuna:TPE")),
    ],
)
def test_a_name_is_taken_apart(name: str, entrant: Entrant) -> None:
    assert parse(name) == entrant


@pytest.mark.parametrize("name", ["random@", "random@x", "random@0", "random@2", "random@nan"])
def test_a_share_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SpaceError, match="share of the full training"):
        parse(name)


def test_an_unknown_strategy_is_answered_with_the_nearest(tiny: Table) -> None:
    with pytest.raises(SpaceError, match="did you mean 'evolution'"):
        strategy("evolutoin", tiny)


def test_scores_are_given_to_who_asks_for_them(tiny: Table) -> None:
    table = replace(tiny, scores=lambda space, arch: {"params": 1.0})
    assert strategy("scored", table) == Scored()
    assert strategy("scored+zc", table) == Scored(table.scores)


def test_some_of_the_scores_can_be_named(tiny: Table) -> None:
    table = replace(tiny, scores=lambda space, arch: {"params": 1.0, "flops": 2.0, "nwot": 3.0})
    made = strategy("scored+nwot+params", table)
    assert isinstance(made, Scored)
    assert made.scores is not None
    assert made.scores(table.space, table.optima[0]) == {"nwot": 3.0, "params": 1.0}
    with pytest.raises(SpaceError, match="no score 'nwott'; did you mean 'nwot'"):
        strategy("scored+nwott", table)


def test_scores_that_nobody_has_or_takes_are_told(tiny: Table) -> None:
    with pytest.raises(SpaceError, match="tiny/none holds no zero-cost scores"):
        strategy("scored+zc", tiny)
    with pytest.raises(SpaceError, match="'random' takes no scores"):
        strategy("random+zc", tiny)


def test_strategies_with_rungs_climb_the_fidelities_of_the_table(tiny: Table) -> None:
    assert strategy("asha", tiny, (0.06, 1.0)) == Asha(rungs=(0.06, 1.0))


def test_a_strategy_that_cannot_serve_the_space_is_refused_with_the_place(tiny: Table) -> None:
    with pytest.raises(SpaceError, match="one: cannot be served"):
        strategy("choosy", tiny)


def test_auto_is_what_a_search_would_choose_with_the_scores_that_it_would_measure(
    tiny: Table,
) -> None:
    assert isinstance(strategy("auto", tiny), GridSearch)  # no larger than the search
    space = macro((3, 32, 32))
    large = replace(tiny, space=space, optima=(sample(space, Random(0)),))
    scored = replace(large, scores=lambda space, arch: {"macs": 1.0, "nwot": 2.0, "zen": 3.0})
    made = strategy("auto@0.5", scored)
    assert isinstance(made, SurrogateSearch)
    assert made.fidelity == 0.5
    assert made.scores is not None
    assert made.scores(space, large.optima[0]) == {"macs": 1.0, "nwot": 2.0}
    assert strategy("auto", large) == SurrogateSearch()
