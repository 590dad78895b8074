"""The training loop: repeatable, honest about failure, and always cooled down at the end."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archwright.errors import TrialError
from archwright.train.fit import SHORT, Batches, Plan, cycle, fit, outputs, settle, trainer
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=5, batch=16, lr=0.02, weight_decay=0.01, shift=0.2)
X = torch.randn(96, 4, generator=torch.Generator().manual_seed(0))
CLASSES = Batches(X, (X[:, 0] > 0).long(), torch.arange(64))
VALUES = Batches(X, 1000 * X[:, 0] + 5000, torch.arange(64))
PICTURES = Batches(X.repeat(1, 12).view(96, 1, 6, 8), (X[:, 0] > 0).long(), torch.arange(64))


def dense(outputs: int = 2) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, outputs))
    return layers


def conv() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    )


def train(net: nn.Module, data: Batches, *, seed: int = 0, **other: Any) -> list[float]:
    losses: list[float] = []
    given: dict[str, Any] = {"steps": 20, "watch": lambda step, loss: losses.append(loss)}
    fit(net, data, RECIPE, other.pop("plan", Plan()), seed=seed, **{**given, **other})
    return losses


def weights(net: nn.Module) -> list[Tensor]:
    return [tensor.clone() for tensor in net.state_dict().values()]


@pytest.mark.parametrize(
    ("make", "data"), [(dense, CLASSES), (conv, PICTURES)], ids=["table", "images"]
)
def test_equal_seeds_give_equal_weights_and_other_seeds_do_not(make: Any, data: Batches) -> None:
    one, same, other = make(), make(), make()
    assert train(one, data, seed=1) == train(same, data, seed=1)
    train(other, data, seed=2)
    assert all(map(torch.equal, weights(one), weights(same)))
    assert not all(map(torch.equal, weights(one), weights(other)))


def test_training_learns() -> None:
    net = dense()
    losses = train(net, CLASSES, steps=60)
    assert losses[-1] < 0.5 * losses[0]
    rest = torch.arange(64, 96)
    assert (outputs(net, X, rest).argmax(1) == CLASSES.y[rest]).float().mean() > 0.8


def test_values_are_learnt_whatever_their_unit() -> None:
    losses = train(dense(1), VALUES)
    assert losses[-1] < losses[0] < 1000, "the loss is relative to the spread of the target"


def test_only_the_given_rows_are_trained_on() -> None:
    poisoned = X.clone()
    poisoned[64:] = math.nan
    assert all(map(math.isfinite, train(dense(), Batches(poisoned, CLASSES.y, CLASSES.rows))))


def test_a_loss_that_is_no_number_ends_the_trial_with_its_step() -> None:
    net = dense()
    with torch.no_grad():
        net[0].weight.fill_(math.nan)  # type: ignore[index]
    with pytest.raises(TrialError, match="the training loss became nan after 1 steps"):
        train(net, CLASSES)


def test_the_schedule_warms_up_and_ends_at_zero() -> None:
    shares = [cycle(step / 100) for step in range(101)]
    assert shares[0] == pytest.approx(0.05)
    assert max(shares) == pytest.approx(1.0)
    assert shares.index(max(shares)) == 20
    assert shares[-1] == pytest.approx(0.0, abs=1e-12)
    assert all(later <= sooner for sooner, later in itertools.pairwise(shares[20:]))


def test_every_step_is_watched_and_counted_from_one() -> None:
    seen: list[int] = []
    train(dense(), CLASSES, steps=7, watch=lambda step, loss: seen.append(step))
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_what_watch_raises_ends_the_training() -> None:
    def stop(step: int, loss: float) -> None:
        if step == 3:
            raise TrialError("stopped: asked to finish now")

    with pytest.raises(TrialError, match="finish now"):
        train(dense(), CLASSES, watch=stop)


def test_a_limit_of_seconds_shortens_the_training_and_still_cools_it_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr("archwright.train.fit.time.monotonic", lambda: float(next(ticks)))
    rates: list[float] = []
    monkeypatch.setattr("archwright.train.fit.cycle", lambda p: rates.append(p) or cycle(p))
    losses = train(dense(), CLASSES, steps=1000, seconds=10.0)  # a step takes a second
    assert len(losses) == 9
    assert cycle(rates[-1]) < 0.05


def test_batches_are_full_and_every_row_comes_once_an_epoch() -> None:
    seen: list[Tensor] = []

    class Spy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(1, 2)

        def forward(self, x: Tensor) -> Tensor:
            seen.append(x[:, 0].clone())
            return self.linear(x)

    rows = torch.arange(40, 104)
    data = Batches(torch.arange(200.0).view(-1, 1) / 200, torch.zeros(200).long(), rows)
    steps = trainer(Spy(), data, RECIPE, Plan(), seed=0, progress=lambda step: step / 16)
    assert len(list(steps)) == 16
    batch = RECIPE.batch_for(len(rows))
    assert {len(part) for part in seen} == {batch}
    epoch = torch.cat(seen[: len(rows) // batch])
    assert sorted((200 * epoch).round().int().tolist()) == rows.tolist()


def test_layouts_and_precisions_differ_by_rounding_only() -> None:
    plain, last = conv(), conv()
    train(plain, PICTURES)
    train(last, PICTURES, plan=Plan(channels_last=True))
    for one, other in zip(weights(plain), weights(last), strict=True):
        # Sums in another order: 2e-3 leaves room for AdamW, which divides by small gradients.
        torch.testing.assert_close(one, other, atol=2e-3, rtol=0)
    half = train(conv(), PICTURES, plan=Plan(bfloat16=True))
    assert all(map(math.isfinite, half))


def test_weight_decay_spares_biases() -> None:
    net = nn.Sequential(nn.Linear(4, 2))
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        net[0].bias.fill_(1.0)
    still = Batches(torch.zeros(64, 4), torch.arange(64) % 2, torch.arange(64))
    recipe = Recipe(epochs=1, batch=64, lr=0.1, weight_decay=0.5)
    fit(net, still, recipe, Plan(), seed=0, steps=4, watch=lambda step, loss: None)
    assert (net[0].weight < 1).all(), "no gradient, so decay alone"
    assert float(net[0].bias.detach().mean()) == pytest.approx(1.0), "two gradients that cancel"


def test_outputs_are_those_of_the_rows_in_their_order_and_in_eval_mode() -> None:
    net = nn.Sequential(nn.Dropout(0.9), nn.Linear(4, 2)).train()
    rows = torch.tensor([5, 2, 5])
    found = outputs(net, X, rows)
    assert torch.equal(found, outputs(net, X, rows))
    torch.testing.assert_close(found[1], net[1](X[2]).detach())
    assert found.dtype is torch.float32


def normed() -> nn.Sequential:
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(4, momentum=0.3)
    return nn.Sequential(nn.Dropout(0.5), norm, nn.Linear(4, 2))


def test_settled_statistics_are_the_means_over_training_batches_of_what_the_layer_sees() -> None:
    net = normed()
    settle(net, CLASSES, RECIPE, seed=0, batches=8)  # two epochs of 64 rows in batches of 8
    norm = net[1]
    assert isinstance(norm, nn.BatchNorm1d)
    torch.testing.assert_close(norm.running_mean, X[:64].mean(0))
    assert norm.momentum == 0.3


def test_only_short_trainings_are_settled_and_learnt_weights_stay() -> None:
    short, whole = normed(), normed()
    for net, steps in ((short, SHORT - 1), (whole, SHORT)):
        train(net, CLASSES, steps=steps)
    batches = [net.state_dict()["1.num_batches_tracked"] for net in (short, whole)]
    assert batches[0] == 8
    assert batches[1] == SHORT
    before = [p.clone() for p in short.parameters()]
    settle(short, CLASSES, RECIPE, seed=0, batches=3)
    assert all(map(torch.equal, before, short.parameters()))
