from __future__ import annotations

import pickle
import random
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from archwright.core.architecture import mutate, sample
from archwright.errors import SpaceError
from archwright.evaluators.train import Split
from archwright.evaluators.zerocost import ZeroCost
from archwright.measure.zerocost import ZERO_COST
from archwright.nets.site import Signature
from archwright.spaces import chain

SPACE = chain.chain((1, 8, 8))
WIDER, ARCH = chain.portfolio((1, 8, 8))[:2]


@pytest.fixture(scope="module")
def pictures() -> Split:
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    x = torch.from_numpy(data.images[:200, None].astype(np.uint8))
    y = torch.from_numpy(data.target[:200].astype(np.int64))
    rows = torch.arange(200)
    return Split(Signature((1, 8, 8), 10), x, y, rows[:150], rows[150:], "image")


def test_an_architecture_is_scored_by_the_names_that_are_asked_for(pictures: Split) -> None:
    found = ZeroCost(pictures, ("params", "nwot"))
    assert list(found(SPACE, ARCH)) == ["params", "nwot"]
    assert found(SPACE, WIDER)["params"] > found(SPACE, ARCH)["params"]


def test_scores_are_a_function_of_their_arguments(pictures: Split) -> None:
    measured = ZeroCost(pictures, tuple(ZERO_COST))
    states = random.getstate(), torch.get_rng_state()
    first = measured(SPACE, ARCH)
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1]), "draws from the global generator"
    measured(SPACE, WIDER)
    torch.manual_seed(99)
    assert measured(SPACE, ARCH) == first
    assert pickle.loads(pickle.dumps(measured))(SPACE, ARCH) == first


def test_another_seed_gives_other_weights_and_rows(pictures: Split) -> None:
    one, other = ZeroCost(pictures, tuple(ZERO_COST)), ZeroCost(pictures, tuple(ZERO_COST), 1)
    a, b = one(SPACE, ARCH), other(SPACE, ARCH)
    assert {name for name in ZERO_COST if a[name] == b[name]} == {"params", "macs", "complexity"}
    assert not torch.equal(one.rows[1], other.rows[1])


def test_only_training_rows_are_looked_at(pictures: Split) -> None:
    poisoned = pictures.x.clone()
    poisoned[pictures.valid] = 255
    blind = replace(pictures, x=poisoned)
    names = ("jacob_cov", "grad_norm")
    assert ZeroCost(blind, names)(SPACE, ARCH) == ZeroCost(pictures, names)(SPACE, ARCH)


def test_fewer_rows_than_a_mini_batch_are_enough(pictures: Split) -> None:
    small = replace(pictures, train=torch.arange(10))
    assert len(ZeroCost(small).rows[0]) == 10
    assert ZeroCost(small)(SPACE, ARCH)["nwot"] > 0


def test_a_foreign_architecture_and_an_unknown_score_are_refused(pictures: Split) -> None:
    with pytest.raises(SpaceError, match="has no answer for this hole"):
        ZeroCost(pictures)(chain.chain((1, 16, 16)), sample(_other(), Random(0)))
    with pytest.raises(SpaceError, match="did you mean 'nwot'"):
        ZeroCost(pictures, ("nwott",))(SPACE, ARCH)


def test_neighbours_can_be_told_apart(pictures: Split) -> None:
    measured = ZeroCost(pictures)
    mutants = [mutate(SPACE, ARCH, Random(seed)) for seed in range(5)]
    found = [tuple(measured(SPACE, arch).values()) for arch in [ARCH, *mutants]]
    assert len(set(found)) == len(found)


def _other() -> Any:
    from archwright.spaces.mlp import mlp

    return mlp((3,))
