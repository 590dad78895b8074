"""The layers of a network, as data: what a drawing or a listing needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Layer:
    """A module without children: its dotted name, what it is, and what one example costs it."""

    name: str
    kind: str
    shape: tuple[int, ...]
    params: int
    macs: int


@torch.no_grad()
def layers(net: nn.Module, shape: tuple[int, ...]) -> list[Layer]:
    """Return the leaf modules of `net` in the order in which they first run.

    One that runs several times is a single layer; its cost is that of all its runs.
    """
    found: dict[str, Layer] = {}
    leaves = {name: m for name, m in net.named_modules() if not list(m.children())}
    # A module with weights or buffers of its own counts as one layer, children included.
    own = {n: m for n, m in net.named_modules() if _has_its_own(m)}
    chosen = {n: m for n, m in {**leaves, **own}.items() if not _inside(n, own)}
    before: dict[str, int] = {}
    counter = FlopCounterMode(display=False)

    def enter(name: str) -> Any:
        def hook(*_: Any) -> None:
            before[name] = counter.get_total_flops()

        return hook

    def leave(name: str, module: nn.Module) -> Any:
        def hook(_module: nn.Module, _inputs: Any, out: Any) -> None:
            first: torch.Tensor = out[0] if isinstance(out, tuple) else out  # of GRUs, the states
            params = sum(p.numel() for p in module.parameters())
            macs = (counter.get_total_flops() - before[name]) // 2
            macs += found[name].macs if name in found else 0
            found[name] = Layer(name, type(module).__name__, tuple(first.shape[1:]), params, macs)

        return hook

    handles = []
    for name, module in chosen.items():
        handles.append(module.register_forward_pre_hook(enter(name)))
        handles.append(module.register_forward_hook(leave(name, module)))
    with counter:
        net.eval()(torch.zeros(1, *shape, device=next(net.parameters()).device))
    for handle in handles:
        handle.remove()
    return list(found.values())


def _has_its_own(module: nn.Module) -> bool:
    return bool([*module.parameters(recurse=False), *module.buffers(recurse=False)])


def _inside(name: str, owners: dict[str, nn.Module]) -> bool:
    return any(name != owner and name.startswith(f"{owner}.") for owner in owners)
