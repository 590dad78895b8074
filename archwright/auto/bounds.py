"""Hard bounds: what is refused before it is built, and whether anything is left."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from archwright.auto import pools
from archwright.auto.job import Job
from archwright.core.architecture import Architecture, decode, mutate, sample
from archwright.core.objective import WORDS, Objective
from archwright.core.space import Node, Same
from archwright.core.trial import Proposal
from archwright.errors import SpaceError
from archwright.measure.cost import latency_ms
from archwright.nets.build import build
from archwright.nets.site import Signature
from archwright.nets.weigh import training_bytes, weigh
from archwright.train.plan import device

DESCENT = 600
"""Steps towards a smaller network before a bound is said to be out of reach."""


def within(job: Job) -> tuple[Architecture, ...]:
    """Return the known-good starts that keep the bounds, or else a small network that does.

    Raises:
        SpaceError: nothing in the space keeps the bounds.
    """
    fitting = [arch for arch in job.starts if not refuse(job, Proposal(arch))]
    starts = tuple(fitting) or (_smaller(job),)
    _fast_enough(job)
    return starts


def refuse(job: Job, proposal: Proposal) -> str:
    """Return why a candidate is not worth building: a bound, or what it would cost."""
    return limits(job)(job.problem.space, proposal.arch) or _too_large(job, proposal.arch)


def _too_large(job: Job, arch: Architecture) -> str:
    """Return that training it would need more memory than a worker may use, if it would."""
    split = job.splits[0]
    rows = job.setup.recipe.batch_for(len(split.train))
    need = training_bytes(decode(job.problem.space, arch), split.signature, rows)
    room = pools.share(job, device())
    if need <= room:
        return ""
    return f"training needs some {need / 1e9:,.1f} GB of memory, and there are {room / 1e9:,.1f}"


@dataclass(frozen=True)
class Limits:
    """What a network may cost, and the examples that it is for.

    Args:
        seen: The same, as they are in training: what is worked out once for all costs nothing.
    """

    signature: Signature
    seen: Signature
    bounds: tuple[Objective, ...]
    most_macs: float

    def fits(self, space: Node, arch: Architecture) -> bool:
        """Whether nothing is broken."""
        return not self(space, arch)

    def __call__(self, space: Node, arch: Architecture) -> str:
        """Return what is broken; an empty string if nothing is."""
        return _broken(self, Same(space), arch)


@lru_cache(maxsize=1024)  # strategies come back to the same candidates
def _broken(limits: Limits, key: Same, arch: Architecture) -> str:
    try:
        costs = weigh(decode(key.value, arch), limits.signature)
    except SpaceError as error:  # such as a cell whose output nothing reaches
        return str(error)
    for bound in limits.bounds:
        if bound.violated(costs):
            return f"{bound.metric} {costs[bound.metric]:,.0f} is above {bound.bound:,.0f}"
    if costs["macs"] <= limits.most_macs:
        return ""
    macs = weigh(decode(key.value, arch), limits.seen)["macs"]
    too_long = f"{macs:,.0f} MACs would take too long on this machine"
    return too_long if macs > limits.most_macs else ""


def limits(job: Job) -> Limits:
    """Return the limits of a run."""
    split = job.splits[0]
    seen = replace(split.signature, shape=tuple(split.x.shape[1:]))
    return Limits(split.signature, seen, job.problem.bounds, job.setup.most_macs)


def _smaller(job: Job) -> Architecture:
    """Walk downhill to a network that keeps the bounds."""
    space, rng = job.problem.space, Random(job.options.seed)
    bounds = [bound for bound in job.problem.bounds if bound.metric != "latency_ms"]
    arch = sample(space, rng)
    costs = _costs(job, arch)
    for _ in range(DESCENT):
        if not any(bound.violated(costs) for bound in bounds):
            return arch
        other = mutate(space, arch, rng)
        value = _costs(job, other)
        worst = max(bounds, key=lambda bound: costs[bound.metric] / (bound.bound or 1.0))
        if value[worst.metric] <= costs[worst.metric]:
            arch, costs = other, value
    broken = next(bound for bound in bounds if bound.violated(costs))
    raise SpaceError(
        f"nothing in the space has {WORDS[broken.metric]} of at most {broken.bound:,.0f}:"
        f" the smallest network found has {costs[broken.metric]:,.0f}; loosen the bound"
    )


def _costs(job: Job, arch: Architecture) -> dict[str, float]:
    """Return what a network costs: more than any bound where it cannot be built."""
    try:
        return weigh(decode(job.problem.space, arch), job.splits[0].signature)
    except SpaceError:
        return {"params": math.inf, "macs": math.inf}


def _fast_enough(job: Job) -> None:
    """Measure a network of very few multiplications, if there is a bound on latency."""
    bound = next((each for each in job.problem.bounds if each.metric == "latency_ms"), None)
    if bound is None:
        return
    space, rng, signature = job.problem.space, Random(job.options.seed), job.splits[0].signature
    arch = min((sample(space, rng) for _ in range(50)), key=lambda arch: _macs(job, arch))
    for other in (mutate(space, arch, rng) for _ in range(100)):
        arch = min(arch, other, key=lambda arch: _macs(job, arch))
    fastest = latency_ms(build(decode(space, arch), signature), signature.shape)
    if bound.violated({"latency_ms": fastest}):
        raise SpaceError(
            f"nothing in the space answers within {bound.bound:g} ms on this machine:"
            f" the fastest network found takes {fastest:.2g} ms; loosen the bound"
        )


def _macs(job: Job, arch: Architecture) -> float:
    return _costs(job, arch)["macs"]
