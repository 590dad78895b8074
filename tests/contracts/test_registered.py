"""Everything that is registered keeps its contract; a plug-in joins by being registered."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from archwright import registry
from archwright.executors.inline import Inline
from archwright.executors.processes import Processes
from archwright.testing import (
    TOY,
    check_executor,
    check_isolation,
    check_space,
    check_strategy,
)

TABLES = [(1,), (13,)]
IMAGES = [(1, 1, 1), (1, 8, 8), (3, 5, 7), (1, 16, 16)]
SERIES = [(1, 1), (1, 5), (3, 40), (1, 130)]
TEXTS = [(9, 1), (9, 12)]
CLIPS = [(1, 1), (1, 300), (1, 4000)]
WINDOWS = [(1, 1), (1, 9), (3, 40)]
SEVERAL = [((3,), (9, 4)), ((1, 6, 5), (1, 300)), ((5,), (9, 3), (3, 8, 8), (1, 900), (1, 4, 4))]
SHAPES = {
    "table": TABLES,
    "mlp": TABLES,
    "chain": IMAGES,
    "cell201": IMAGES,
    "nas101": IMAGES,
    "nasnet": IMAGES,
    "darts": IMAGES,
    "macro": IMAGES,
    "mobile": IMAGES,
    "resnet": IMAGES,
    "densenet": IMAGES,
    "hierarchical": IMAGES,
    "series": SERIES,
    "text": TEXTS,
    "audio": CLIPS,
    "forecast": WINDOWS,
    "mixed": SEVERAL,
}
"""What examples each space is for; who registers a space says so here."""

DEEP = ("darts", "nasnet", "hierarchical", "macro", "mobile", "mixed")
"""Networks of hundreds of small layers, or of several encoders: fewer are tried, and with the slow
tests."""

HEAVY = ("forest", "bananas")
"""Strategies that fit some models a second: with the slow tests too."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in HEAVY else [])
        for name in registry.names("strategies")
    ],
)
def test_every_registered_strategy_keeps_the_contract(name: str) -> None:
    check_strategy(registry.find("strategies", name)())


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        pytest.param(name, shape, marks=[pytest.mark.slow] if name in DEEP else [])
        for name in registry.names("spaces")
        for shape in SHAPES[name]
    ],
    ids=str,
)
def test_every_registered_space_keeps_the_contract(name: str, shape: tuple[Any, ...]) -> None:
    samples = 1 if name in DEEP else 2 if shape[-1] > 8 else 4
    make, starts = registry.find("spaces", name), registry.portfolio(name)
    check_space(make, [shape], starts, samples=samples)


def test_a_space_of_every_kind_of_node_keeps_the_contract() -> None:
    check_space(lambda shape: TOY, [(2, 6, 6)], samples=6)


@pytest.mark.parametrize("modality", registry.MODALITIES.values(), ids=lambda each: each.data)
def test_all_that_a_modality_names_is_there(modality: registry.Modality) -> None:
    assert modality.space in registry.names("spaces")
    registry.find("spaces", modality.space)(modality.shape)
    named = (modality.inputs, modality.read, modality.recipe, modality.rivals, modality.pictures)
    for where in filter(None, named):
        assert registry.load(where)
    reader = import_module(modality.reader)
    assert callable(reader.read)
    assert all(isinstance(word, str) for word in (reader.APPLY, reader.NEW, reader.RAW))


def test_the_executor_of_this_process_keeps_the_contract() -> None:
    with Inline() as executor:
        check_executor(executor)


@pytest.mark.slow  # the server that forks loads torch; the hanging process is killed after 2 s
def test_a_process_per_trial_keeps_the_contract_and_isolates_what_a_trial_does() -> None:
    with Processes(2) as executor:
        check_executor(executor)
    with Processes(1, seconds=2.0, memory=4 << 30) as executor:
        check_isolation(executor)
