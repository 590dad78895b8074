"""Networks trained at once: what each would be alone, and networks like any other afterwards."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archwright import registry
from archwright.errors import TrialError
from archwright.evaluators.train import Split, fresh
from archwright.nets.ops_tabular import Adapted, Heads, Members
from archwright.nets.site import taking
from archwright.registry import SPACES
from archwright.train.fit import SHORT, Batches, Plan, fit
from archwright.train.fuse import fit_all, forward, possible, stacked
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=5, batch=16, lr=0.01, weight_decay=0.1, smoothing=0.1, shift=0.2)
X = torch.randn(96, 4, generator=torch.Generator().manual_seed(0))
CLASSES = (X[:, 0] > 0).long()
ROWS = (torch.arange(64), torch.arange(32, 96), torch.arange(16, 80))
TABLES = [Batches(X + shift, CLASSES, rows) for shift, rows in enumerate(ROWS)]
VALUES = [Batches(X, 1000 * scale * X[:, 0] + 5000, ROWS[scale - 1]) for scale in (1, 2, 3)]
BOTH = [
    replace(each, y=torch.stack([CLASSES.float(), each.y], 1), widths=(2, 1)) for each in VALUES
]
PICTURES = [Batches(X.repeat(1, 12).view(96, 1, 6, 8), CLASSES, rows) for rows in ROWS]
FLIPPED = replace(RECIPE, muon=0.1, flips=(-1,))


def dense(outputs: int = 2, dropout: float = 0.0) -> nn.Module:
    """No bias before batch normalisation: its gradient is rounding, which AdamW makes a step of."""
    return nn.Sequential(
        nn.Linear(4, 16, bias=False),
        nn.BatchNorm1d(16),
        nn.SiLU(),
        nn.Dropout(dropout),
        nn.LayerNorm(16),
        nn.Linear(16, outputs),
    )


def value() -> nn.Module:
    return dense(outputs=1)


def several_targets() -> nn.Module:
    return dense(outputs=3)


def members() -> nn.Module:
    return nn.Sequential(Members(3, 4), Adapted(3, 4, 8), nn.ReLU(), Heads(3, 8, 2))


def conv() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.SiLU(),
        nn.Conv2d(4, 4, 3, groups=4),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    )


def several(make: Any) -> list[nn.Module]:
    """Three networks with different weights, the same ones at each call."""
    torch.manual_seed(0)
    return [make() for _ in range(3)]


def train(nets: list[nn.Module], data: list[Batches], **other: Any) -> list[tuple[float, ...]]:
    losses: list[tuple[float, ...]] = []
    look = other.pop("watch", lambda *_: None)

    def watch(step: int, *found: float) -> None:
        losses.append(found)
        assert step == len(losses)
        look(step, *found)

    recipe, steps = other.pop("recipe", RECIPE), other.pop("steps", 12)
    done = fit_all(nets, data, recipe, Plan(), seed=1, steps=steps, watch=watch, **other)
    assert done == len(losses)
    return losses


def weights(net: nn.Module) -> list[Tensor]:
    return [tensor.clone() for tensor in net.state_dict().values()]


@pytest.mark.parametrize("steps", [12, SHORT + 1], ids=["short", "not settled"])
@pytest.mark.parametrize(
    ("make", "data", "recipe"),
    [
        (dense, TABLES, RECIPE),
        (members, TABLES, RECIPE),
        (value, VALUES, RECIPE),
        (several_targets, BOTH, RECIPE),
        (conv, PICTURES, FLIPPED),
    ],
    ids=["classes", "members", "values", "several targets", "images with muon"],
)
def test_each_becomes_what_it_becomes_alone(
    make: Any, data: list[Batches], recipe: Recipe, steps: int
) -> None:
    together, alone = several(make), several(make)
    losses = train(together, data, recipe=recipe, steps=steps)
    for number, (net, same, rows) in enumerate(zip(together, alone, data, strict=True)):
        own = [loss for (loss,) in train([same], [rows], recipe=recipe, steps=steps)]
        assert [found[number] for found in losses] == pytest.approx(own, abs=1e-5)
        for one, other in zip(weights(net), weights(same), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_one_network_is_trained_as_ever() -> None:
    one, same = several(dense)[0], several(dense)[0]
    train([one], TABLES[:1])
    fit(same, TABLES[0], RECIPE, Plan(), seed=1, steps=12, watch=lambda *_: None)
    assert all(map(torch.equal, weights(one), weights(same)))


def test_each_drops_out_on_its_own() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2))
    equal = [net, nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2))]
    equal[1].load_state_dict(net.state_dict())
    (first, second), *_ = train(equal, [TABLES[0], TABLES[0]], steps=1)
    assert first != second


def test_between_steps_the_networks_are_up_to_date_and_on_their_own_afterwards() -> None:
    nets = several(dense)
    seen: list[list[Tensor]] = []
    train(nets, TABLES, steps=3, watch=lambda *_: seen.append(weights(nets[1])))
    for before, after in zip(seen[0], seen[1], strict=True):
        assert not torch.equal(before, after)
    sizes = [p.untyped_storage().nbytes() for p in nets[1].parameters()]
    assert sizes == [4 * p.numel() for p in nets[1].parameters()]
    before = weights(nets[0])
    with torch.no_grad():
        for p in nets[1].parameters():
            p.zero_()
    assert all(map(torch.equal, before, weights(nets[0])))


def test_a_stack_answers_as_its_networks_do() -> None:
    nets = [net.eval() for net in several(dense)]
    x = torch.stack([X[:5], X[5:10], X[10:15]])
    with stacked(nets) as (params, buffers):
        found = forward(nets[0], params, buffers, x)
    for net, part, out in zip(nets, x, found, strict=True):
        torch.testing.assert_close(out, net(part))


def test_rows_that_differ_by_one_get_the_smaller_batches() -> None:
    unequal = [TABLES[0], replace(TABLES[1], rows=torch.arange(71))]
    assert len({replace(RECIPE, batch=99).batch_for(len(each)) for each in unequal}) == 1
    unequal = [TABLES[0], replace(TABLES[1], rows=torch.arange(72))]
    assert len({replace(RECIPE, batch=99).batch_for(len(each)) for each in unequal}) == 2
    assert len(train(several(dense)[:2], unequal, recipe=replace(RECIPE, batch=99))) == 12


def test_a_loss_that_is_no_number_names_its_network_and_step() -> None:
    nets = several(dense)
    poisoned = replace(TABLES[1], x=torch.full_like(X, math.nan))
    with pytest.raises(TrialError, match="of network 2 of 3 became nan after 1 steps"):
        train(nets, [TABLES[0], poisoned, TABLES[2]])
    assert all(p.untyped_storage().nbytes() == 4 * p.numel() for p in nets[0].parameters())


def test_what_watch_raises_ends_the_training() -> None:
    def stop(step: int, *_: float) -> None:
        if step == 3:
            raise TrialError("stopped: asked to finish now")

    with pytest.raises(TrialError, match="finish now"):
        train(several(dense), TABLES, watch=stop)


def test_a_limit_of_seconds_ends_the_training() -> None:
    assert 1 <= len(train(several(dense), TABLES, steps=10**9, seconds=0.2)) < 10**6


class Fussy(nn.Module):
    """Looks into its numbers, which a stack of networks cannot."""

    def forward(self, x: Tensor) -> Tensor:
        return x if float(x.sum()) > 0 else -x


def test_what_cannot_be_trained_at_once_is_known_beforehand() -> None:
    nets = several(dense)
    before = weights(nets[0])
    assert possible(nets, TABLES)
    assert all(map(torch.equal, before, weights(nets[0])))
    assert not possible([nn.Sequential(nn.Linear(4, 2), Fussy()) for _ in range(2)], TABLES[:2])
    assert not possible([nn.Linear(4, 2), nn.Linear(4, 3)], TABLES[:2])


@pytest.mark.parametrize("name", sorted(SPACES))
def test_networks_of_every_space_can_be_trained_at_once(name: str) -> None:
    shapes: dict[str, Any] = {"mlp": (4,), "table": (4,), "series": (1, 24), "text": (9, 12)}
    shapes |= {
        "audio": (1, 1600),
        "forecast": (1, 48),
        "mixed": ((3,), (9, 6), (1, 8, 8), (1, 800)),
    }
    shape = shapes.get(name, (3, 16, 16))
    space, starts = registry.find("spaces", name)(shape), registry.portfolio(name)(shape)
    signature = taking(shape, 3)
    x, y = torch.rand(32, *signature.shape), torch.arange(32) % 3
    split = Split(signature, x, y, torch.arange(32), torch.arange(32), "table")
    nets = [fresh(space, starts[0], split, seed) for seed in (0, 1)]
    assert possible(nets, [Batches(x, y, split.train)] * 2)


@pytest.mark.slow  # loads torch
def test_training_at_once_does_not_load_the_compiler() -> None:
    script = (
        "import sys; from tests.train.test_fuse import *; train(several(dense), TABLES, steps=1);"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
