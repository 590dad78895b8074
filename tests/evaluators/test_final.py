"""Training to the end: by steps or by the clock, and what the network says of the test rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from archwright.core.trial import Proposal
from archwright.errors import TrialError
from archwright.evaluators.final import Final, restored, seen
from archwright.evaluators.train import Split, predict
from archwright.nets.site import Signature
from archwright.spaces import chain
from archwright.train.fit import Plan
from archwright.train.recipe import Recipe

SHAPE = (1, 8, 8)
SPACE, ARCH = chain.chain(SHAPE), chain.portfolio(SHAPE)[1]
RECIPE = Recipe(epochs=4, batch=32, lr=0.005, weight_decay=0.02, muon=0.1)


@pytest.fixture(scope="module")
def split() -> Split:
    found = load_digits()
    x = torch.from_numpy(found.images).float().unsqueeze(1)
    rows = torch.arange(400)
    y = torch.from_numpy(found.target)
    return Split(Signature(SHAPE, 10), x, y, rows[:300], rows[300:], "image")


def run(training: Final) -> tuple[Mapping[str, float], Any]:
    """What the training of the default network gives: its metrics and its artefacts."""
    result = training(Proposal(ARCH))
    return result.metrics, result.artefacts


def final(split: Split, left: float = 1000.0, flips: tuple[int, ...] = ()) -> Final:
    return Final(
        space=SPACE,
        split=split,
        recipe=RECIPE,
        plan=Plan(),
        seed=0,
        steps=40,
        flips=flips,
        left=lambda: left,
    )


def test_the_weights_are_those_that_gave_the_answers(split: Split) -> None:
    metrics, made = run(final(split))
    assert metrics["steps"] == 40
    assert metrics["epochs"] == pytest.approx(40 * 32 / 300)
    net = restored(SPACE, ARCH, split, made["state"])
    output = predict(net, split, split.valid)
    np.testing.assert_allclose(output, made["output"], atol=1e-5)
    assert (output.argmax(1) == split.y[split.valid].numpy()).mean() > 0.7


def test_mirror_images_have_a_say(split: Split) -> None:
    _, made = run(final(split, flips=(-1,)))
    net = restored(SPACE, ARCH, split, made["state"])
    images = split.x[split.valid].float()
    with torch.inference_mode():
        both = (net.eval()(images) + net(images.flip(-1))) / 2
        torch.testing.assert_close(seen(net, (-1,))(images), both)
    np.testing.assert_allclose(both.softmax(1).numpy(), made["output"], atol=1e-4)


def test_the_clock_ends_it_early_and_not_in_the_middle_of_the_schedule(split: Split) -> None:
    metrics, made = run(final(split, left=0.0))
    assert 1 <= metrics["steps"] < 40
    assert np.isfinite(made["output"]).all()


def test_a_reason_to_stop_gives_it_up(split: Split) -> None:
    training = final(split)
    stopped = Final(**{**vars(training), "stop": lambda: "asked to"})
    with pytest.raises(TrialError, match="asked to"):
        stopped(Proposal(ARCH))
