"""The contracts: what every strategy, space, evaluator and executor promises, as checks.

They are shipped, so that plug-ins can prove themselves: each check raises an AssertionError that
names the broken promise. They know no user's data; a toy space and a toy loss stand in for it.
"""

from __future__ import annotations

import math
import os
import random
import signal
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from multiprocessing.reduction import ForkingPickler
from random import Random

import torch
from torch import Tensor, nn

from archwright.core.architecture import Architecture, active, decode, mutate, sample
from archwright.core.graph import dead
from archwright.core.objective import CHEAP
from archwright.core.space import Choice, Dag, Node, Range, Repeat, op, seq
from archwright.core.trial import History, Proposal, Result, State, Trial
from archwright.errors import SpaceError
from archwright.measure.cost import size
from archwright.measure.layers import layers
from archwright.methods.blackbox import Evaluate
from archwright.nets.build import build
from archwright.nets.prepare import prepare
from archwright.nets.shapes import trace
from archwright.nets.site import Form, Signature, taking
from archwright.strategies.base import Strategy
from archwright.train.fit import Batches, Plan, fit, outputs
from archwright.train.recipe import Recipe

Starts = Callable[[Form], Sequence[Architecture]]

ROWS, CLASSES = 8, 3
"""Of the batch that networks are tried on."""

SHORT = Recipe(epochs=1, batch=ROWS, lr=1e-3, weight_decay=0.01, shift=0.2)

_EDGE = Choice(
    (
        op("convolution", width=8, kernel=Choice((1, 3)), activation="relu", skip=False),
        op("identity"),
        op("max_pool"),
    )
)
TOY = seq(
    stem=op("convolution", width=8, kernel=Choice((3, 5)), activation="relu", skip=False),
    cells=Repeat(Dag(((0, 1, _EDGE), (Choice((0, 1)), 2, _EDGE))), Range(1, 3)),
    tied=Repeat(Dag(((0, 1, _EDGE), (0, 1, _EDGE)), output="concat"), 2, tied=True),
    pooling=op("pooled", pooling=Choice(("global", "flatten"))),
    hidden=op("linear", units=Range(4, 64, log=True)),
    head=op("output"),
)
"""A space of every kind of node, for small images."""


def no_starts(_shape: Form) -> Sequence[Architecture]:
    """Return the portfolio of a space that has none."""
    return ()


def toy_loss(arch: Architecture) -> float:
    """Return the mean over fixed random worths of the answers, from 0 to 1.

    So good answers can be told apart one by one, and nothing else is to be learnt.
    """
    worths = [zlib.crc32(f"{path}={value}".encode()) / 2**32 for path, value in arch.decisions]
    return sum(worths) / len(worths)


def run(strategy: Strategy, *, trials: int, fail: float = 0.0, seed: int = 0) -> History:
    """Return the history of a search of `TOY` by `toy_loss`.

    Args:
        fail: The share of trials that fail.
    """
    done: list[Trial] = []
    fate = Random(seed)
    while len(done) < trials:
        asked = strategy.ask(TOY, History(tuple(done)), 1, Random(f"{seed}/{len(done)}"))
        if not asked:
            break
        number, proposal = len(done), asked[0]
        if fate.random() < fail:
            done.append(Trial(number, proposal, State.FAILED, error="by design"))
            continue
        loss = toy_loss(proposal.arch)
        done.append(Trial(number, proposal, State.DONE, (loss,), {"toy": loss}))
    return History(tuple(done))


def check_strategy(strategy: Strategy) -> None:
    """Raise AssertionError, naming the broken promise, unless `strategy` keeps them all."""
    before = random.getstate()
    history = run(strategy, trials=30, fail=0.2)
    assert random.getstate() == before, "uses a source of randomness of its own"
    for trial in history.trials:
        _check_proposal(trial.proposal, history, trial.number)
    assert run(strategy, trials=30, fail=0.2) == history, "not a function of history and rng"
    assert run(strategy, trials=30, fail=1.0).trials, "can't live with failures only"
    rng = Random(0)
    for count in (1, 4):
        asked = strategy.ask(TOY, history, count, rng)
        assert len(asked) <= count, "proposed more than it was asked for"
    number = len(history)
    pending = Trial(number, Proposal(sample(TOY, rng)))
    for known in ((), history.trials):  # a running trial has no losses yet
        here = Trial(len(known), pending.proposal)
        strategy.ask(TOY, History((*known, here)), 2, rng)


def _check_proposal(proposal: Proposal, history: History, number: int) -> None:
    """A proposal can be decoded, and descends from a finished trial before it."""
    decode(TOY, proposal.arch)
    assert set(active(TOY, proposal.arch)) == set(proposal.arch.answers), "answers that fit no hole"
    assert 0 < proposal.fidelity <= 1, f"a fidelity of {proposal.fidelity}"
    if proposal.parent is not None:
        assert proposal.parent < number, "a parent from the future"
        state = history.trials[proposal.parent].state
        assert state is State.DONE, "a parent that never finished"


def check_space(
    make: Callable[[Form], Node],
    shapes: Sequence[Form],
    starts: Starts = no_starts,
    *,
    samples: int = 8,
) -> None:
    """Raise AssertionError or SpaceError unless everything drawn from the space works.

    Args:
        make: From the shape of one example to the space.
        shapes: Of examples: (columns,) or (channels, height, width), or those of several inputs.
        starts: From the shape to the portfolio.
        samples: How many architectures are drawn for each shape; each is also mutated once.
    """
    for shape in shapes:
        space = make(shape)
        assert make(shape) == space, "a space is not a function of the shape"
        for arch in starts(shape):
            expected = set(active(space, arch))
            assert set(arch.answers) == expected, f"a start outside the space: {arch.answers}"
            check_network(space, arch, shape)
        for seed in range(samples):
            rng = Random(f"{shape}/{seed}")
            parent = sample(space, rng)
            child = mutate(space, parent, rng)
            assert child.key != parent.key, "a mutation that changes nothing"
            check_network(space, parent, shape)
            check_network(space, child, shape)


def check_network(space: Node, arch: Architecture, shape: Form) -> None:
    """Raise AssertionError unless `arch` is stored, decoded, built, counted and trained well."""
    again = Architecture.from_json(arch.to_json())
    assert (again, again.key) == (arch, arch.key), "JSON changes the architecture"
    tree = decode(space, arch)
    assert tree == decode(space, again)
    if dead(tree):
        _check_refused(tree, shape)
        return
    for signature in _signatures(shape):
        x, y = _batch(signature)
        net = build(tree, signature)
        prepare(net, x, y, torch.arange(len(x)))
        made, macs = trace(net, signature.shape)
        assert made == (signature.outputs,), f"gives {made}: {arch.answers}"
        assert macs == size(net, signature.shape)["macs"], f"traced {macs:,} MACs: {arch.answers}"
        assert layers(net, signature.shape), f"no layers to list: {arch.answers}"
        _check_training(net, x, y)


def _check_refused(tree: Node, shape: Form) -> None:
    """A network whose output cannot depend on its input is never made."""
    reason = "nothing"
    try:
        build(tree, taking(shape, CLASSES))
    except SpaceError as error:
        reason = str(error)
    assert "cannot depend on the input" in reason, f"a dead network, refused for {reason}"


def _signatures(shape: Form) -> list[Signature]:
    """Return what a network of this input may have to give: classes, and a value."""
    categories = (4, 2)[: shape[0] - 1] if len(shape) == 1 else ()
    more = {"categories": categories} if categories else {}
    return [taking(shape, CLASSES), taking(shape, 1, kind="regression", **more)]


def _batch(signature: Signature) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(ROWS, *signature.shape, generator=generator)
    first = signature.shape[0] - len(signature.categories)
    for i, levels in enumerate(signature.categories):
        x[:, first + i] = torch.randint(levels, (ROWS,), generator=generator).float()
    y = torch.arange(ROWS)
    return x, 100.0 + y if signature.regression else y % signature.outputs


def _check_training(net: nn.Module, x: Tensor, y: Tensor) -> None:
    """Two steps and a prediction, images with their channels last, as the planner may choose."""
    losses: list[float] = []
    data = Batches(x, y, torch.arange(ROWS))
    plan = Plan(channels_last=x.ndim == 4)
    fit(net, data, SHORT, plan, seed=0, steps=2, watch=lambda step, loss: losses.append(loss))
    trained = any(p.requires_grad for p in net.parameters())
    assert len(losses) == (2 if trained else 0), "not trained as often as asked"
    assert all(map(math.isfinite, losses)), f"losses {losses}"
    assert torch.isfinite(outputs(net, x, data.rows)).all(), "an output that is no number"


def check_evaluator(evaluate: Evaluate, proposal: Proposal, metric: str) -> Result:
    """Raise AssertionError unless `evaluate` keeps its promises; return what it found.

    Args:
        metric: What the search optimises.
    """
    ForkingPickler.dumps(evaluate)  # raises, unless it can be sent to a worker
    first, second = evaluate(proposal), evaluate(proposal)
    assert {metric, *CHEAP} <= set(first.metrics), f"metrics are {sorted(first.metrics)}"
    for name, value in first.metrics.items():
        assert isinstance(value, float), f"{name} is {value!r}, no float"
        assert math.isfinite(value), f"{name} is {value!r}"
    timed = ("latency_ms", "step_ms")
    quality = [{k: v for k, v in r.metrics.items() if k not in timed} for r in (first, second)]
    assert quality[0] == quality[1], "equal proposals, unequal metrics"
    epochs = [point["epoch"] for point in first.curve]
    assert epochs == sorted(set(epochs)), f"a curve whose epochs are {epochs}"
    assert not first.curve or metric in first.curve[-1], f"a curve without {metric}"
    return first


def check_executor(executor: Executor) -> None:
    """Raise AssertionError unless values and errors come back, each from its own call."""
    futures = [executor.submit(double, number) for number in range(3)]
    assert [future.result(timeout=60) for future in futures] == [0, 2, 4], "values are lost"
    error = executor.submit(fail, "so it is told").exception(timeout=60)
    assert "so it is told" in str(error), f"an error without its reason: {error!r}"
    assert executor.submit(double, 4).result(timeout=60) == 8, "an error costs more than one call"


def check_isolation(executor: Executor) -> None:
    """Raise AssertionError unless nothing that a call does harms more than this call.

    Args:
        executor: Runs each call in a process of its own, kills it after a few seconds, and lets
            it allocate less than 8 GB.
    """
    harms = (hang, "longer"), (leave, "code 3"), (die, "killed"), (stop, "finish"), (eat, "emory")
    for harm, word in harms:
        error = executor.submit(harm).exception(timeout=60)
        assert error is not None, f"{harm.__name__}: went unnoticed"
        assert word in str(error), f"{harm.__name__}: told as {error}"
        assert executor.submit(double, 4).result(timeout=60) == 8, f"lost after {harm.__name__}"


def double(number: int) -> int:
    """Return twice the number: a call that goes well."""
    return 2 * number


def fail(reason: str) -> None:
    """Raise: a call that goes wrong as expected."""
    raise ValueError(reason)


def hang() -> None:
    """Do nothing, for ever."""
    while True:
        time.sleep(3600)


def leave() -> None:
    """End the process without a word."""
    os._exit(3)


def die() -> None:
    """End the process as the system does when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """End the process as Ctrl-C in the terminal does."""
    signal.raise_signal(signal.SIGINT)


def eat() -> int:
    """Ask for more memory than is allowed."""
    return len(bytearray(8 << 30))
