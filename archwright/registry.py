"""Names of what can be chosen, as `module:object` strings; plug-ins join by entry points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from math import nan
from typing import Any

from archwright.errors import SpaceError, nearest

SPACES = {
    "table": "archwright.spaces.table:table",
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
    "series": "archwright.spaces.series:series",
    "text": "archwright.spaces.text:text",
    "audio": "archwright.spaces.audio:audio",
    "forecast": "archwright.spaces.forecast:forecast",
    "mixed": "archwright.spaces.mixed:mixed",
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


@dataclass(frozen=True)
class Modality:
    """A kind of data: what it is called, and where the code lies that knows it.

    Everything else is the same for all kinds. So a new one is an entry here, a reader in `data`,
    and what is its own of operations, spaces, recipe and rivals.

    Args:
        data, one, many: Words for data of this kind, for an example of it, and for several.
        space: What is searched unless a space is named.
        shape: Of an example that spaces are shown for; of several inputs, that of each.
        scorable: Whether untrained networks can be told apart by zero-cost scores.
        inputs: A `nets.fit.Inputs`: how raw inputs become what networks take.
        read: From new data and the spec to raw inputs, and file names where rows are files.
        reader: The module that reads new data in `model.py`; it says what that is told there.
        recipe: From the number of training rows to the recipe that networks start from.
        rivals: From an `evaluators.rivals.Contest` to what makes the rivals, the cheaper first.
        pictures: From inputs and row numbers to pictures for the report; rows have their cells.
        outlooks: From a record and places among its test rows to pictures with the answers drawn.
        past_end: What stands past the end of examples, where those may differ in length.
    """

    data: str
    one: str
    many: str
    space: str
    shape: tuple[Any, ...]
    scorable: bool
    inputs: str
    read: str
    reader: str
    recipe: str
    rivals: str
    pictures: str = ""
    outlooks: str = ""
    past_end: float | None = None


MODALITIES = {
    "table": Modality(
        *("tables", "row", "rows"),
        space="table",
        shape=(16,),
        scorable=False,
        inputs="archwright.nets.fit:TABLE",
        read="archwright.data.tables:read_new",
        reader="archwright.export.read_table",
        recipe="archwright.train.recipe:table_recipe",
        rivals="archwright.evaluators.rivals_table:of_tables",
    ),
    "image": Modality(
        *("images", "image", "images"),
        space="chain",
        shape=(3, 32, 32),
        scorable=True,
        inputs="archwright.nets.fit:IMAGE",
        read="archwright.data.images:read_new",
        reader="archwright.export.read_image",
        recipe="archwright.train.recipe:image_recipe",
        rivals="archwright.evaluators.rivals:of_images",
        pictures="archwright.report.pictures:data_uris",
    ),
    "series": Modality(
        *("series", "series", "series"),
        space="series",
        shape=(1, 128),
        scorable=False,
        inputs="archwright.nets.fit:SERIES",
        read="archwright.data.series:read_new",
        reader="archwright.export.read_series",
        recipe="archwright.train.recipe:series_recipe",
        rivals="archwright.evaluators.rivals_series:of_series",
        pictures="archwright.report.curves:data_uris",
        past_end=nan,
    ),
    "text": Modality(
        *("texts", "text", "texts"),
        space="text",
        shape=(9, 32),
        scorable=False,
        inputs="archwright.nets.fit:TEXT",
        read="archwright.data.texts:read_new",
        reader="archwright.export.read_text",
        recipe="archwright.train.recipe:text_recipe",
        rivals="archwright.evaluators.rivals_text:of_texts",
    ),
    "audio": Modality(
        *("audio", "clip", "clips"),
        space="audio",
        shape=(1, 16_000),
        scorable=False,
        inputs="archwright.nets.fit:AUDIO",
        read="archwright.data.clips:read_new",
        reader="archwright.export.read_audio",
        recipe="archwright.train.recipe:audio_recipe",
        rivals="archwright.evaluators.rivals_audio:of_audio",
        pictures="archwright.report.clips:data_uris",
        past_end=0,
    ),
    "forecast": Modality(
        *("forecasts", "window", "windows"),
        space="forecast",
        shape=(1, 128),
        scorable=False,
        inputs="archwright.nets.fit:FORECAST",
        read="archwright.data.forecast_sources:read_new",
        reader="archwright.export.read_forecast",
        recipe="archwright.train.recipe:forecast_recipe",
        rivals="archwright.evaluators.rivals_forecast:of_forecasts",
        outlooks="archwright.report.outlooks:data_uris",
    ),
    "mixed": Modality(
        *("several inputs", "row", "rows"),
        space="mixed",
        shape=((8,), (9, 32), (3, 32, 32), (1, 8_000)),
        scorable=False,
        inputs="archwright.nets.fit_mixed:MIXED",
        read="archwright.data.mixed:read_new",
        reader="archwright.export.read_mixed",
        recipe="archwright.train.recipe:mixed_recipe",
        rivals="archwright.evaluators.rivals_mixed:of_several",
        pictures="archwright.report.mixed:data_uris",
    ),
}


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
    return load(known[name])


def load(where: str) -> Any:
    """Return what `module:object` names."""
    module, attribute = where.split(":")
    return getattr(import_module(module), attribute)


def portfolio(space: str) -> Any:
    """Return the function that gives a space's known-good starts; it stands beside the space."""
    find("spaces", space)
    return getattr(import_module(names("spaces")[space].split(":")[0]), "portfolio", lambda _: [])
