"""Plans that were measured before, in one file a user: by machine, torch and shape class.

A file that is damaged, or cannot be written, costs a measurement and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from archwright.train.fit import Batches, Plan
from archwright.train.plan import ALIKE_STEPS, Measured, again, alike, choose, shape_class
from archwright.train.recipe import Recipe

VARIABLE = "ARCHWRIGHT_CACHE"
"""Names the folder of the file, if it is not the usual one."""

DRIFT = 1.5
"""So many times faster or slower than when it was measured, and a plan is measured again."""


def file() -> Path:
    """Return where plans are kept."""
    usual = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get(VARIABLE) or Path(usual) / "archwright") / "plans.json"


def machine() -> str:
    """Return what a plan depends on beside the shape class: processor, cores, device and torch."""
    where = torch.accelerator.current_accelerator() or "no accelerator"
    return f"{processor()}, {cores()} cores, {where}, torch {torch.__version__}"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Return the processor's name and its widest instructions: clouds call many by one name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"


def known() -> dict[str, Measured]:
    """Return what was measured on this machine, by shape class."""
    return {name: _read(entry) for name, entry in _everything().get(machine(), {}).items()}


def measured(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> Measured:
    """Return the plan that was fastest for such networks, measured once more, or anew.

    What was measured while the machine did other things is not believed for ever: a step that now
    takes another time by `DRIFT` has everything measured again.
    """
    before = known().get(shape_class(net, data, recipe, threads))
    if before is not None:
        now = again(net, data, recipe, before.plan)
        if before.seconds / DRIFT < now.seconds < before.seconds * DRIFT:
            return replace(before, seconds=now.seconds)
    return anew(net, data, recipe, threads)


def anew(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> Measured:
    """Measure, whatever is known, and remember."""
    found = choose(net, data, recipe, threads)
    keep(shape_class(net, data, recipe, threads), found)
    return found


def alike_measured(
    nets: Sequence[nn.Module],
    data: Sequence[Batches],
    recipe: Recipe,
    alone: Measured,
    seconds: float,
) -> Measured:
    """Return how networks of equal shape are trained fastest, as known or measured now.

    Where measuring would take longer than `seconds`, they are trained as if alone.

    What is believed is the share of time that training at once saves: it changes less than times.
    """
    before = known().get(_several(nets, data, recipe, alone))
    if before is None and ALIKE_STEPS * len(nets) * alone.seconds > seconds:
        return alone
    if before is None:
        return alike_anew(nets, data, recipe, alone)
    plan = replace(alone.plan, fused=before.plan.fused)
    return Measured(plan, alone.seconds / before.gain, before.tried)


def alike_anew(
    nets: Sequence[nn.Module], data: Sequence[Batches], recipe: Recipe, alone: Measured
) -> Measured:
    """Measure how networks of equal shape are trained fastest, and remember."""
    found = alike(nets, data, recipe, alone)
    keep(_several(nets, data, recipe, alone), found)
    return found


def _several(
    nets: Sequence[nn.Module], data: Sequence[Batches], recipe: Recipe, alone: Measured
) -> str:
    return f"{len(nets)} at once: {shape_class(nets[0], data[0], recipe, (alone.plan.threads,))}"


def keep(name: str, measured: Measured) -> None:
    """Remember what was measured for a shape class."""
    every = _everything()
    every.setdefault(machine(), {})[name] = [
        {"plan": asdict(each.plan), "seconds": each.seconds} for each in (measured, *measured.tried)
    ]
    path = file()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(json.dumps(every, indent=1), encoding="utf-8")
        beside.replace(path)


def _everything() -> dict[str, Any]:
    """Return the file's content; nothing if it cannot be read as what `keep` writes."""
    try:
        found = json.loads(file().read_text(encoding="utf-8"))
        for entries in found.values():
            for entry in entries.values():
                _read(entry)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {}
    return dict(found)


def _read(entry: list[Mapping[str, Any]]) -> Measured:
    best, *tried = (Measured(Plan(**each["plan"]), float(each["seconds"])) for each in entry)
    return Measured(best.plan, best.seconds, tuple(tried))
