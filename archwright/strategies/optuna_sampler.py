"""Optuna's samplers as strategies, named `optuna:TPE`, `optuna:GP` ...

They cost what Optuna costs: a few milliseconds an ask, and more with every trial.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState, create_trial

from archwright.core.architecture import active, record
from archwright.core.space import Choice, Hole, Node, Value
from archwright.core.trial import History, Proposal, Trial
from archwright.errors import SpaceError, nearest

SAMPLERS: Mapping[str, Callable[..., BaseSampler]] = {
    "TPE": TPESampler,
    "GP": GPSampler,
    "NSGAII": NSGAIISampler,
    "Random": RandomSampler,
}
"""Those that look at the finished trials alone. CmaEs, QMC, Grid, BruteForce and NSGAIII keep
notes of what they were asked before, so that they are no functions of a history."""

GENERATION = 50
"""How many trials NSGAII takes for a generation; the key is where Optuna notes which it is."""
GENERATION_KEY = "NSGAIISampler:generation"

SCRATCH = 1000
"""So many asked trials may lie in a mirror, per trial that it shows, before it is made anew."""

Row = tuple[str, float]
"""A finished trial's key and loss."""


@dataclass(frozen=True)
class OptunaSampler:
    """Fills each hole with what an Optuna trial suggests.

    The sampler is made anew for each ask, with a seed from `rng`, over an Optuna study that holds
    the finished trials in order of number. That study is kept between asks, and only what is new
    is added to it; where trials finish out of order it is made again.

    Args:
        sampler: One of `SAMPLERS`.
        fidelity: The share of the full recipe each proposal is trained for.

    Raises:
        SpaceError: there is no such sampler.
    """

    sampler: str = "TPE"
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            known = nearest(f"optuna:{self.sampler}", [f"optuna:{name}" for name in SAMPLERS])
            raise SpaceError(f"no such strategy: 'optuna:{self.sampler}'{known}")

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        done = [t for t in history.done if t.proposal.fidelity == self.fidelity]
        with _quiet():
            mirror = _mirror(self, space, _row(done[0]) if done else None)
            mirror.show(space, done)
            return [self._proposal(space, mirror, bool(done), rng) for _ in range(n)]

    def _proposal(self, space: Node, mirror: Mirror, informed: bool, rng: Random) -> Proposal:
        study = mirror.study(SAMPLERS[self.sampler](seed=rng.randrange(2**31)))
        trial = study.ask()

        def decide(path: str, hole: Hole) -> Value:
            if isinstance(hole, Choice):
                chosen = trial.suggest_categorical(path, hole.values)
                return hole.values[hole.values.index(chosen)]
            return trial.suggest_int(path, hole.low, hole.high, log=hole.log)

        arch = record(space, decide)
        study.tell(trial, state=TrialState.FAIL)  # samplers do not look at failed trials
        return Proposal(arch, self.fidelity, None, "model" if informed else "random")


def named(sampler: str) -> Callable[..., OptunaSampler]:
    """Return the strategy class with that sampler; what is left open is the fidelity.

    Raises:
        SpaceError: there is no such sampler.
    """
    OptunaSampler(sampler)
    return partial(OptunaSampler, sampler)


class Mirror:
    """Finished trials in an Optuna storage, open for more."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._rows: list[Row] = []
        self._asked = 0
        self._storage = InMemoryStorage()
        optuna.create_study(storage=self._storage, study_name="mirror", direction="minimize")

    def study(self, sampler: BaseSampler) -> optuna.Study:
        """Return the study, for one ask."""
        self._asked += 1
        return optuna.load_study(study_name="mirror", storage=self._storage, sampler=sampler)

    def show(self, space: Node, done: Sequence[Trial]) -> None:
        """Hold these trials and no others."""
        rows = [_row(trial) for trial in done]
        many = self._asked > SCRATCH + 2 * len(rows)
        if many or rows[: len(self._rows)] != self._rows:
            self._clear()
        study = optuna.load_study(study_name="mirror", storage=self._storage)
        for number in range(len(self._rows), len(done)):
            holes = active(space, done[number].arch)
            study.add_trial(
                create_trial(
                    value=done[number].losses[0],
                    params=done[number].arch.answers,
                    distributions={path: _distribution(hole) for path, hole in holes.items()},
                    system_attrs={GENERATION_KEY: number // GENERATION},
                )
            )
        self._rows = rows


@lru_cache(maxsize=4)
def _mirror(strategy: OptunaSampler, space: Node, first: Row | None) -> Mirror:
    """Return a mirror to be kept; what it holds is checked, so which one it is makes no change."""
    return Mirror()


@lru_cache(maxsize=1024)
def _distribution(hole: Hole) -> BaseDistribution:
    if isinstance(hole, Choice):
        return CategoricalDistribution(hole.values)
    return IntDistribution(hole.low, hole.high, log=hole.log)


def _row(trial: Trial) -> Row:
    return trial.arch.key, trial.losses[0]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's notices, such as that a feature is new, from the user."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
