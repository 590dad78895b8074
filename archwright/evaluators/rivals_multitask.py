"""The rivals for several targets: of each target those that it has where it is the only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from archwright.core.truth import Kind, goals
from archwright.evaluators.rivals import Array, Contest, Made, Make, entrants, said
from archwright.nets.site import Signature


def of_targets(contest: Contest) -> list[Make]:
    """Return what makes the rivals: the first of each target, then the second of each."""
    makers = [entrants(one) for one in _alone(contest)]
    return [partial(_together, some) for some in zip(*makers, strict=False)]


def _alone(contest: Contest) -> list[Contest]:
    """Return for each target the contest as if it were the only one, and its share of the time."""
    split, widths = contest.split, contest.split.signature.widths
    found = []
    for y, width in goals(split.y, widths, split.signature.outputs):
        kind: Kind = "classification" if width > 1 else "regression"
        signature = replace(split.signature, kind=kind, outputs=width, widths=())
        alone = replace(split, signature=signature, y=y, unit=None)
        found.append(replace(contest, split=alone, seconds=contest.seconds / len(widths)))
    return found


def _together(makers: Sequence[Make], contest: Contest) -> Made:
    contests = _alone(contest)
    made = [make(one) for make, one in zip(makers, contests, strict=True)]
    return Made(
        name=" and ".join(dict.fromkeys(one.name for one in made)),
        model=Together(tuple(made), tuple(one.split.signature for one in contests)),
        table=lambda rows: rows,
        note="; ".join(dict.fromkeys(one.note for one in made if one.note)),
        alone=False,
        told=lambda: "; ".join(dict.fromkeys(told for one in made if (told := one.told()))),
    )


@dataclass(frozen=True)
class Together:
    """A model for each target; takes row numbers.

    Args:
        signatures: What each of the models answers.
    """

    made: tuple[Made, ...]
    signatures: tuple[Signature, ...]

    def fit(self, rows: Array, y: Array) -> None:
        """Fit each model on its own target.

        Args:
            y: (rows, targets), classes by their number.
        """
        for one, signature, known in zip(self.made, self.signatures, y.T, strict=True):
            goal = known if signature.regression else known.astype(np.int64)
            one.model.fit(one.table(rows), goal)

    def predict(self, rows: Array) -> Array:
        """Return what answers each target, side by side."""
        pairs = zip(self.made, self.signatures, strict=True)
        return np.column_stack([said(one, signature, rows) for one, signature in pairs])
