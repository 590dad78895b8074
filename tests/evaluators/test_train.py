"""The evaluator: complete metrics, means over folds, limits, and repeatable weights."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch

from archwright.core.architecture import Architecture, sample
from archwright.core.objective import CHEAP, CLASSIFICATION, REGRESSION, Objective
from archwright.core.trial import Proposal
from archwright.errors import TrialError
from archwright.evaluators import train as evaluator
from archwright.evaluators.checkpoints import Checkpoint, Checkpoints
from archwright.evaluators.train import Split, Train, endless, fresh, predict
from archwright.nets.site import Signature
from archwright.spaces import chain, mlp
from archwright.surrogates.stopping import Peers
from archwright.testing import check_evaluator
from archwright.train.fit import Plan
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=4, batch=32, lr=0.01, weight_decay=0.01, shift=0.1)
TABLE, IMAGE = mlp.mlp((13,)), chain.chain((1, 8, 8))
DEFAULT, PICTURE = mlp.portfolio((13,))[0], chain.portfolio((1, 8, 8))[0]


@pytest.fixture(scope="module")
def wines() -> Split:
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    rows = torch.from_numpy(np.random.default_rng(0).permutation(len(x)))
    signature = Signature((13,), 3)
    tensors = torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y.astype(np.int64))
    return Split(signature, *tensors, rows[:120], rows[120:], "table")


@pytest.fixture(scope="module")
def pictures() -> Split:
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    x = torch.from_numpy(data.images[:200, None].astype(np.uint8))
    y = torch.from_numpy(data.target[:200].astype(np.int64))
    rows = torch.arange(200)
    return Split(Signature((1, 8, 8), 10), x, y, rows[:150], rows[150:], "image")


def values(split: Split) -> Split:
    """The same rows with a value to predict."""
    signature = replace(split.signature, outputs=1, kind="regression")
    return replace(split, signature=signature, y=100 + 10 * split.x[:, 0])


def train(split: Split, **other: Any) -> Train:
    space = TABLE if len(split.signature.shape) == 1 else IMAGE
    aim = Objective("rmse" if split.signature.regression else "accuracy")
    return replace(Train(space, (split,), RECIPE, Plan(), aim), **other)


def test_training_on_a_table_keeps_the_contract(wines: Split) -> None:
    found = check_evaluator(train(wines), Proposal(DEFAULT), "accuracy")
    assert set(found.metrics) == {*CLASSIFICATION, *CHEAP, "step_ms"}
    assert found.metrics["accuracy"] > 0.9
    assert len(found.curve) == 4, "one point an epoch"


def test_training_on_images_keeps_the_contract(pictures: Split) -> None:
    found = check_evaluator(train(pictures), Proposal(PICTURE, 0.5), "accuracy")
    assert set(found.metrics) == {*CLASSIFICATION, *CHEAP, "step_ms"}


def test_training_for_a_value_keeps_the_contract(wines: Split) -> None:
    found = check_evaluator(train(values(wines)), Proposal(DEFAULT), "rmse")
    assert set(found.metrics) == {*REGRESSION, *CHEAP, "step_ms"}
    assert found.metrics["rmse"] < 10, "better than the mean"


def test_the_weights_that_come_back_are_those_that_were_scored(wines: Split) -> None:
    found = train(wines)(Proposal(DEFAULT))
    net = fresh(TABLE, DEFAULT, wines, seed=99)
    net.load_state_dict(found.artefacts["state"])  # type: ignore[arg-type]
    right = predict(net, wines, wines.valid).argmax(1) == wines.y[wines.valid].numpy()
    assert right.mean() == found.metrics["accuracy"]


def test_folds_are_averaged(wines: Split) -> None:
    swapped = replace(wines, train=wines.valid, valid=wines.train)
    both = train(wines, splits=(wines, swapped))(Proposal(DEFAULT))
    alone = [train(split)(Proposal(DEFAULT)) for split in (wines, swapped)]
    for name in CLASSIFICATION:
        mean = (alone[0].metrics[name] + alone[1].metrics[name]) / 2
        assert both.metrics[name] == pytest.approx(mean), name
    assert both.curve == alone[0].curve, "the first fold's"


def folds(split: Split) -> tuple[Split, ...]:
    rows = torch.cat([split.train, split.valid])
    parts = (rows[:100], rows[39:139], rows[78:])
    return tuple(replace(split, train=part, valid=split.valid) for part in parts)


def test_folds_trained_at_once_are_scored_as_those_trained_one_after_the_other(
    wines: Split,
) -> None:
    dry = Architecture.of(dict(DEFAULT.answers) | {"body/dropout": 0.0, "body/norm": "layer"})
    at_once = train(wines, splits=folds(wines), plan=Plan(fused=10**6))
    with mock.patch.object(evaluator, "fit_all", wraps=evaluator.fit_all) as trained:
        found = at_once(Proposal(dry))
    assert [len(call.args[0]) for call in trained.call_args_list] == [3]
    apart = train(wines, splits=folds(wines))(Proposal(dry))
    assert set(found.metrics) == set(apart.metrics)
    for name in CLASSIFICATION:
        assert found.metrics[name] == pytest.approx(apart.metrics[name], abs=1e-3), name
    for one, other in zip(found.curve, apart.curve, strict=True):
        assert one == pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("why", ["larger than measured", "not of one shape", "not planned"])
def test_folds_are_else_trained_one_after_the_other(wines: Split, why: str) -> None:
    parts, plan = folds(wines), Plan(fused=10**6)
    if why == "larger than measured":
        plan = Plan(fused=1000)
    elif why == "not planned":
        plan = Plan()
    else:
        odd = replace(wines.signature, categories=(9,))
        parts = (*parts, replace(parts[0], signature=odd, x=wines.x.abs().clamp(0, 8)))
    with mock.patch.object(evaluator, "fit_all", wraps=evaluator.fit_all) as trained:
        train(wines, splits=parts, plan=plan)(Proposal(DEFAULT, 0.25))
    assert [len(call.args[0]) for call in trained.call_args_list] == [1] * len(parts)


def test_one_fold_that_diverges_fails_the_trial(wines: Split) -> None:
    wild = train(wines, splits=folds(wines), plan=Plan(fused=10**6))
    with pytest.raises(TrialError, match=r"network 1 of 3 became (nan|inf)|not finite"):
        replace(wild, recipe=replace(RECIPE, lr=1e30))(Proposal(DEFAULT))


def test_fidelity_shortens_the_training(wines: Split) -> None:
    epochs = train(wines)(Proposal(DEFAULT, 0.25)).curve[-1]["epoch"]
    assert epochs == pytest.approx(1.0, abs=0.1)


def test_a_short_training_has_a_point_a_quarter(wines: Split) -> None:
    curve = train(wines)(Proposal(DEFAULT, 0.5)).curve
    assert [point["share"] for point in curve] == pytest.approx([0.25, 0.5, 0.75, 1], abs=0.13)


def test_a_network_that_its_peers_leave_no_hope_is_stopped_with_its_curve(wines: Split) -> None:
    aim = Objective("accuracy")
    lines = tuple(((0.25, 0.5, 0.75), (-2 - i, -2 - i, -2 - i)) for i in range(8))
    perfect = Peers(aim, 0.05, lines, ends=tuple(range(-2, -10, -1)), bar=-9)
    found = train(wines, peers=perfect)(Proposal(DEFAULT))
    assert found.stopped.startswith("stopped after 25 % of its schedule")
    assert [point["share"] for point in found.curve] == [0.25]
    assert found.metrics["accuracy"] == pytest.approx(found.curve[0]["accuracy"]), "as its peers"
    assert found.metrics["params"] > 0
    assert "log_loss" not in found.metrics
    assert not found.artefacts


def test_another_seed_gives_other_weights(wines: Split) -> None:
    one, other = fresh(TABLE, DEFAULT, wines, 0), fresh(TABLE, DEFAULT, wines, 1)
    same = fresh(TABLE, DEFAULT, wines, 0)
    first, second, third = (next(net.parameters()) for net in (one, same, other))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_a_time_limit_ends_the_trial_with_its_reason(wines: Split) -> None:
    with pytest.raises(TrialError, match="took longer than 0 s"):
        train(wines, limit=0.0)(Proposal(DEFAULT))


def test_being_asked_to_stop_ends_the_trial_with_the_reason(wines: Split) -> None:
    with pytest.raises(TrialError, match="asked to finish now"):
        train(wines, stop=lambda: "stopped: asked to finish now")(Proposal(DEFAULT))


@pytest.mark.parametrize("metric", ["params", "macs", "latency_ms"])
def test_a_bound_that_is_exceeded_fails_the_trial_before_training(
    wines: Split, metric: str
) -> None:
    bounded = train(wines, bounds=(Objective(metric, 1e-6),))
    with pytest.raises(TrialError, match=f"{metric} .* is above 1e-06"):
        bounded(Proposal(DEFAULT))


def test_a_network_that_diverges_fails_with_its_reason(wines: Split) -> None:
    wild = train(wines, recipe=replace(RECIPE, lr=1e30))
    with pytest.raises(TrialError, match=r"became (nan|inf)|not finite"):
        wild(Proposal(DEFAULT))


def test_a_metric_that_is_not_defined_fails_the_trial_and_says_why(wines: Split) -> None:
    only = replace(wines, valid=wines.valid[wines.y[wines.valid] < 2])
    aimed = train(only, aim=Objective("roc_auc"))
    with pytest.raises(TrialError, match="roc_auc is not defined: a class is missing"):
        aimed(Proposal(DEFAULT))
    assert "roc_auc" not in train(only)(Proposal(DEFAULT)).metrics


def test_whatever_is_drawn_from_the_space_is_scored(wines: Split) -> None:
    archs: list[Architecture] = [sample(TABLE, Random(seed)) for seed in range(4)]
    for arch in archs:
        found = train(wines)(Proposal(arch, 0.5))
        assert all(map(math.isfinite, found.metrics.values()))


def test_a_child_begins_with_its_parents_weights_and_is_trained_for_less(
    wines: Split, tmp_path: Path
) -> None:
    kept = Checkpoints(tmp_path)
    parent = train(wines)(Proposal(DEFAULT))
    state, output = (parent.artefacts[name] for name in ("state", "output"))
    kept.store(3, Checkpoint(DEFAULT, state, output))  # type: ignore[arg-type]
    wider = Architecture.of({**DEFAULT.answers, "body/layers/0/units": 200})
    child = train(wines, parents=kept)(Proposal(wider, parent=3))
    assert child.metrics["inherited"] == 1
    assert child.curve[-1]["epoch"] == parent.curve[-1]["epoch"] / 2
    alone = train(wines)(Proposal(wider))
    assert child.curve[0]["train_loss"] < alone.curve[0]["train_loss"]


def test_without_its_parents_weights_a_child_is_trained_as_ever(
    wines: Split, tmp_path: Path
) -> None:
    found = train(wines, parents=Checkpoints(tmp_path))(Proposal(DEFAULT, parent=3))
    alone = train(wines)(Proposal(DEFAULT))
    assert "inherited" not in found.metrics
    assert found.metrics["log_loss"] == alone.metrics["log_loss"]


def test_where_little_time_is_left_a_training_is_shorter_and_as_complete(wines: Split) -> None:
    long = replace(RECIPE, epochs=100_000)
    short, again = (
        train(wines, recipe=long, limit=60.0, left=left)(Proposal(DEFAULT))
        for left in (lambda: 1.0, lambda: 0.1)
    )
    assert 0 < again.curve[-1]["epoch"] < short.curve[-1]["epoch"] < 100_000
    assert short.curve[-1]["share"] == 1.0
    usual, late = (train(wines, left=left)(Proposal(DEFAULT)) for left in (endless, lambda: -1.0))
    assert late.curve[-1]["epoch"] == usual.curve[-1]["epoch"], "others decide when to stop"
