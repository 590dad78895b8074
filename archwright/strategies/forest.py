"""Surrogate search by a random forest; the forest itself is in `surrogates/`."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.strategies.surrogate import Scores, SurrogateSearch
from archwright.surrogates.forest import RandomForest


@dataclass(frozen=True)
class Forest:
    """Surrogate search with the model of SMAC (Hutter et al., 2011): a random forest.

    Candidates and everything else are those of `SurrogateSearch`; SMAC proposes every second one
    at random, we do not.

    Args:
        trees: How many.
        scores: Of untrained networks, for the first proposals.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    trees: int = 30
    scores: Scores | None = None
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        model = RandomForest(self.trees)
        search = SurrogateSearch(model, scores=self.scores, fidelity=self.fidelity)
        return search.ask(space, history, n, rng)
