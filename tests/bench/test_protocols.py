from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from archwright import registry
from archwright.bench import protocols
from archwright.bench.protocols import Terms, play
from archwright.bench.table import Table
from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.errors import SpaceError

Step = tuple[str, str, float]


@dataclass(frozen=True)
class Script:
    """Proposes two layers at a fidelity, line by line."""

    lines: tuple[Step, ...]
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        if len(history) >= len(self.lines):
            return []
        first, second, fidelity = self.lines[len(history)]
        return [Proposal(Architecture.of({"one": first, "two": second}), fidelity, None, "grid")]


@dataclass
class Scripts:
    """Puts a script where a strategy of the registry was."""

    patch: pytest.MonkeyPatch
    before: Any = field(default=registry.find)

    def __call__(self, *lines: Step) -> None:
        self.patch.setattr(registry, "find", lambda group, name: lambda **_: Script(lines))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Scripts:
    return Scripts(monkeypatch)


def test_a_search_ends_when_the_optimum_is_proposed(tiny: Table, script: Scripts) -> None:
    script(("mb3", "mb3", 1.0), ("mb3", "identity", 1.0), ("mb6", "mb6", 1.0), ("mb3", "mb6", 1.0))
    run = play(tiny, "script", 0, Terms("oracle", 600))
    assert run.hit == 3
    assert run.reported == (92.0, 92.0, 94.0)


def test_a_network_equal_to_the_optimum_counts_unless_the_terms_are_strict(
    tiny: Table, script: Scripts
) -> None:
    one = Architecture.of({"one": "mb6", "two": "identity"})
    table = Table(**{**vars(tiny), "optima": (one,)})
    script(("identity", "mb6", 1.0), ("mb6", "identity", 1.0))
    assert play(table, "script", 0, Terms("oracle", 600)).hit == 1
    assert play(table, "script", 0, Terms("oracle", 600, strict=True)).hit == 2


def test_who_never_finds_it_has_no_hit(tiny: Table, script: Scripts) -> None:
    script(("mb3", "mb3", 1.0))
    run = play(tiny, "script", 0, Terms("oracle", 600))
    assert (run.hit, run.reported) == (0, (92.0,))


def test_honest_reports_the_test_of_the_best_validation_not_the_best_test(
    tiny: Table, script: Scripts
) -> None:
    script(("identity", "mb6", 1.0), ("mb3", "mb6", 1.0), ("mb6", "mb6", 1.0))
    run = play(tiny, "script", 0, Terms("honest", 192))
    assert run.reported == (92.0, 93.0, 93.0), "the short training prefers mb3 to mb6"
    assert run.hit == 0


def test_a_search_ends_with_its_trials(tiny: Table) -> None:
    assert len(play(tiny, "random", 0, Terms("honest", 4)).reported) == 4


def test_a_space_can_be_exhausted(tiny: Table) -> None:
    # Nine pairs, of which (identity, x) and (x, identity) are one network for both x.
    assert len(play(tiny, "random", 0, Terms("honest", 192)).reported) == 7


def test_strict_searches_train_again_what_they_propose_again(tiny: Table, script: Scripts) -> None:
    script(("mb3", "mb3", 1.0), ("mb3", "mb3", 1.0), ("mb6", "mb6", 1.0))
    run = play(tiny, "script", 0, Terms("oracle", 600, strict=True))
    assert (run.hit, len(run.reported)) == (3, 3)
    assert play(tiny, "script", 0, Terms("oracle", 600)).hit == 2, "once is enough otherwise"


def test_under_timed_a_full_training_that_is_still_to_come_is_paid_for(
    tiny: Table, script: Scripts
) -> None:
    script(("mb3", "mb3", 0.5), ("mb6", "mb6", 0.5), ("mb6", "mb3", 1.0), ("mb3", "mb3", 1.0))
    run = play(tiny, "script", 0, Terms("timed", 10_000))
    assert run.reported == (92.0, 92.0, 93.0, 93.0)  # short trainings prefer the first one
    assert run.clock == (1500.0, 2000.0, 2000.0, 3000.0)


def test_under_timed_the_clock_ends_the_search(
    tiny: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocols, "SECONDS", 2500.0)
    assert play(tiny, "random", 0, Terms("timed", 10_000)).clock == (1000.0, 2000.0, 3000.0)


def test_short_trainings_are_refused_where_only_full_ones_are_known(
    tiny: Table, script: Scripts
) -> None:
    script(("mb3", "mb3", 0.25))
    with pytest.raises(SpaceError, match=r"trains for 0.25.*need `timed`"):
        play(tiny, "script", 0, Terms("oracle", 600))


def test_equal_seeds_play_alike_and_different_ones_do_not(tiny: Table) -> None:
    first, again = (play(tiny, "random", 0, Terms("honest", 5)).reported for _ in range(2))
    assert first == again
    others = {play(tiny, "random", seed, Terms("honest", 5)).reported for seed in range(5)}
    assert len(others) > 1


def test_exploring_is_the_share_drawn_at_random(tiny: Table, script: Scripts) -> None:
    assert play(tiny, "random", 0, Terms("honest", 3)).exploring == 1.0
    script(("mb3", "mb3", 1.0))
    assert play(tiny, "script", 0, Terms("honest", 3)).exploring == 0.0
