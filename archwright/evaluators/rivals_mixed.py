"""The rivals for several inputs: of each input the rivals that it has where it is the only one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from archwright.evaluators.rivals import Contest, Made, Make, entrants
from archwright.nets.fit_mixed import Part, parts


def of_several(contest: Contest) -> list[Make]:
    """Return what makes the rivals: the first of each input, then the second of each."""
    each = [[partial(_made, make, *one) for make in entrants(one[1])] for one in _alone(contest)]
    most = max(map(len, each))
    return [makers[i] for i in range(most) for makers in each if i < len(makers)]


def _made(make: Make, part: Part, alone: Contest, whole: Contest) -> Made:
    """Return a rival on one input, named by it. It takes less than networks do: not handed over."""
    made = make(replace(alone, seconds=whole.seconds))
    return replace(made, name=f"{part.title}: {made.name}", alone=False)


def _alone(contest: Contest) -> Iterator[tuple[Part, Contest]]:
    """Yield each input, and the contest as if it were the only one."""
    split, first = contest.split, 0
    whole = split.signature
    inputs = parts(contest.inputs.types)
    for part, signature in zip(inputs, whole.parts, strict=True):
        last = first + math.prod(signature.shape)
        own = replace(signature, outputs=whole.outputs, kind=whole.kind)
        x = split.x[:, first:last].unflatten(1, signature.shape)
        alone = replace(split, signature=own, x=x, modality=part.modality)
        yield part, replace(contest, split=alone, inputs=part.raw(contest.inputs))
        first = last
