"""Names of what can be chosen, as `module:object` strings; plug-ins join by entry points."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from archwright.errors import SpaceError, nearest

SPACES = {
    "mlp": "archwright.spaces.mlp:mlp",
    "chain": "archwright.spaces.chain:chain",
    "cell201": "archwright.spaces.cell201:cell201",
    "nas101": "archwright.spaces.nas101:nas101",
    "nasnet": "archwright.spaces.nasnet:nasnet",
    "darts": "archwright.spaces.darts:darts",
    "macro": "archwright.spaces.macro:macro",
    "mobile": "archwright.spaces.mobile:mobile",
    "resnet": "archwright.spaces.resnet:resnet",
    "densenet": "archwright.spaces.densenet:densenet",
    "hierarchical": "archwright.spaces.hierarchical:hierarchical",
}
STRATEGIES = {
    "surrogate": "archwright.strategies.surrogate:SurrogateSearch",
    "random": "archwright.strategies.random:RandomSearch",
    "evolution": "archwright.strategies.evolution:RegularizedEvolution",
    "grid": "archwright.strategies.grid:GridSearch",
    "greedy": "archwright.strategies.greedy:Greedy",
    "local": "archwright.strategies.local:LocalSearch",
    "genetic": "archwright.strategies.genetic:Genetic",
    "nsga2": "archwright.strategies.nsga2:Nsga2",
    "reinforce": "archwright.strategies.reinforce:Reinforce",
    "halving": "archwright.strategies.halving:SuccessiveHalving",
    "hyperband": "archwright.strategies.hyperband:Hyperband",
    "asha": "archwright.strategies.asha:Asha",
    "priorband": "archwright.strategies.priorband:PriorBand",
    "shrink": "archwright.strategies.shrink:Shrink",
    "warm": "archwright.strategies.warm:WarmStart",
    "components": "archwright.strategies.components:ComponentSearch",
    "progressive": "archwright.strategies.progressive:Progressive",
    "forest": "archwright.strategies.forest:Forest",
    "bananas": "archwright.strategies.bananas:Bananas",
}
OPTUNA = "optuna:"
"""What begins the names of Optuna's samplers, see `strategies.optuna_sampler`."""

DEFAULT_SPACES = {"table": "mlp", "image": "chain"}


def names(group: str) -> dict[str, str]:
    """Return what is registered under `spaces` or `strategies`, plug-ins included."""
    return {"spaces": SPACES, "strategies": STRATEGIES}[group] | _plugins(group)


@cache  # looking through all that is installed takes 10 ms
def _plugins(group: str) -> dict[str, str]:
    return {each.name: each.value for each in entry_points(group=f"archwright.{group}")}


def find(group: str, name: str) -> Any:
    """Return the object registered under a name.

    Raises:
        SpaceError: there is none.
    """
    known = names(group)
    if group == "strategies" and name.startswith(OPTUNA):
        return import_module("archwright.strategies.optuna_sampler").named(name[len(OPTUNA) :])
    if name not in known:
        one = {"spaces": "space", "strategies": "strategy"}[group]
        raise SpaceError(f"no such {one}: {name!r}{nearest(name, known)}")
    module, attribute = known[name].split(":")
    return getattr(import_module(module), attribute)


def portfolio(space: str) -> Any:
    """Return the function that gives a space's known-good starts; it stands beside the space."""
    find("spaces", space)
    return getattr(import_module(names("spaces")[space].split(":")[0]), "portfolio", lambda _: [])
