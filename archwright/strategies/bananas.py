"""Surrogate search by an ensemble of small networks; they themselves are in `surrogates/`."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.strategies.surrogate import Scores, SurrogateSearch
from archwright.surrogates.ensemble_mlp import Ensemble


@dataclass(frozen=True)
class Bananas:
    """Surrogate search with the model of BANANAS (White et al., 2021, arXiv:1910.11858).

    Candidates and everything else are those of `SurrogateSearch`. So improvement is expected under
    the mean and the deviation over the members, where the paper draws a value from them (Thompson
    sampling), and one network is proposed at a time, not ten.

    Args:
        members: How many networks predict.
        scores: Of untrained networks, for the first proposals.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    members: int = 5
    scores: Scores | None = None
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        model = Ensemble(self.members)
        search = SurrogateSearch(model, scores=self.scores, fidelity=self.fidelity)
        return search.ask(space, history, n, rng)
