from __future__ import annotations

from random import Random

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.trial import History, Proposal, State, Trial
from archwright.report.choices import changes, importances, lineage, placed, readable
from archwright.spaces.mlp import mlp


def done(number: int, arch: Architecture, loss: float, parent: int | None = None) -> Trial:
    proposal = Proposal(arch, 1.0, parent, "random" if parent is None else "mutation")
    return Trial(number, proposal, State.DONE, (loss,), {"rmse": loss})


def test_the_choice_that_decides_the_loss_comes_first() -> None:
    rng = Random(0)
    archs = [sample(mlp((4,)), rng) for _ in range(80)]
    losses = [{"none": 3.0, "batch": 1.0, "layer": 2.0}[str(a.answers["body/norm"])] for a in archs]
    pairs = zip(archs, losses, strict=True)
    found = importances(History([done(i, a, v) for i, (a, v) in enumerate(pairs)]))
    assert next(iter(found.shares)) == "normalisation"
    assert found.shares["normalisation"] > 0.8
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.explained > 0.6
    assert found.trials == 80


def test_losses_that_no_choice_explains_are_said_to_be_so() -> None:
    rng = Random(0)
    archs = [sample(mlp((4,)), rng) for _ in range(60)]
    noisy = History([done(i, arch, rng.random()) for i, arch in enumerate(archs)])
    assert importances(noisy).explained < 0.2


def test_seven_trials_are_too_few() -> None:
    rng = Random(0)
    few = History([done(i, sample(mlp((4,)), rng), i) for i in range(7)])
    assert importances(few).shares == {}
    assert importances(few).trials == 7


def test_equal_losses_have_no_important_choice() -> None:
    rng = Random(0)
    equal = History([done(i, sample(mlp((4,)), rng), 1.0) for i in range(12)])
    assert importances(equal).shares == {}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("body/norm", "normalisation"),
        ("body/stages/depth", "number of stages"),
        ("body/stages/0/width", "width of stage"),
        ("body/stages/2/layers/depth", "number of layers per stage"),
        ("body/stages/2/layers/1", "kind of layer"),
        ("body/stages/0/layers/1/convolution/kernel", "kernel of convolution"),
        ("pooling/pooling", "pooling"),
        ("dense/layers/depth", "number of dense layers"),
        ("dense/layers/0/units", "units of dense layer"),
        ("dense/dropout", "dropout of dense"),
        ("columns/bins", "bins of columns"),
        ("x", "x"),
    ],
)
def test_holes_of_a_kind_share_a_readable_name(path: str, name: str) -> None:
    assert readable(path) == name


def test_a_single_hole_is_named_with_its_place() -> None:
    assert placed("body/stages/0/layers/1/convolution/kernel") == (
        "stage 1, layer 2, convolution, kernel"
    )
    assert placed("body/stages/depth") == "number of stages"
    assert placed("pooling/pooling") == "pooling"


def test_changes_are_told_in_words() -> None:
    old = Architecture.of({"body/norm": "none", "body/layers/depth": 1, "body/layers/0/units": 9})
    new = Architecture.of({"body/norm": "batch", "body/layers/depth": 1, "body/layers/0/units": 9})
    assert changes(old, new) == ["normalisation: none → batch"]
    more = Architecture.of({**old.answers, "body/layers/depth": 2, "body/layers/1/units": 5})
    assert changes(old, more) == ["number of layers: 1 → 2", "1 choice came with it"]
    assert changes(more, old) == ["number of layers: 2 → 1", "1 choice fell away"]


def test_the_lineage_leads_from_the_first_ancestor_to_the_winner() -> None:
    first, second = Architecture.of({"a": 1, "b": 1}), Architecture.of({"a": 2, "b": 1})
    history = History([done(0, first, 3.0), done(1, first, 2.0), done(2, second, 1.0, parent=0)])
    steps = lineage(history, history.trials[2])
    assert [step.trial.number for step in steps] == [0, 2]
    assert steps[0].changes == ()
    assert steps[1].changes == ("a: 1 → 2",)
