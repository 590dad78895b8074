"""The blocks of a network, which run one after the other, and the features between them.

Knows `nn.Sequential` and nothing of our own modules: whatever else has children is one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

Weights = Mapping[str, Tensor]

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
"""The layers whose weights are scored, as in Abdelfattah et al. (2021, arXiv:2101.08134)."""


def features(net: nn.Module, x: Tensor, weights: Weights) -> tuple[Tensor, ...]:
    """Return what each block but the last (the head) gives, with the graph between them.

    A block is a module with children of its own, or a layer with weights and what follows it
    without changing the shape: its normalisation and activation.
    """
    units = path(net)
    outputs: dict[int, Tensor] = {}

    def keep(number: int) -> Any:
        def hook(_module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> None:
            outputs[number] = output

        return hook

    handles = [unit.register_forward_hook(keep(i)) for i, unit in enumerate(units)]
    functional_call(net, dict(weights), (x,))
    for handle in handles:
        handle.remove()
    found: list[Tensor] = []
    growing = False
    for i, unit in enumerate(units):
        whole = bool(list(unit.children()))
        if whole or isinstance(unit, WEIGHTED):
            found.append(outputs[i])
            growing = not whole
        elif growing and outputs[i].shape == found[-1].shape:
            found[-1] = outputs[i]
        else:
            growing = False
    return tuple(found[:-1])


def path(net: nn.Module) -> list[nn.Module]:
    """Return the modules that run one after the other, sequences of sequences laid flat."""
    if not isinstance(net, nn.Sequential):
        return [net]
    return [unit for child in net for unit in path(child)]


def initial(net: nn.Module, generator: torch.Generator, *, fan_in: bool) -> dict[str, Tensor]:
    """Return normal weights, of deviation 1 or such that ReLU keeps the variance; biases are 0.

    Args:
        fan_in: Whether they are scaled by the inputs of a unit (He et al., 2015, arXiv:1502.01852).
    """
    drawn: dict[str, Tensor] = {}
    for name, module in net.named_modules():
        if not isinstance(module, (*WEIGHTED, *BATCH_NORMS)) or module.weight is None:
            continue
        new = torch.empty_like(module.weight, requires_grad=False)
        if isinstance(module, BATCH_NORMS):
            new.fill_(1)
        else:
            new.normal_(0, (2 / new[0].numel()) ** 0.5 if fan_in else 1.0, generator=generator)
        drawn[f"{name}.weight"] = new
        if module.bias is not None:
            drawn[f"{name}.bias"] = torch.zeros_like(module.bias, requires_grad=False)
    return drawn
