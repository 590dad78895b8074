"""Networks of the user's own: parts that are marked as alternatives, and the choice among them.

Knows nothing of searching: `Either` holds the alternatives, `own_module` puts one in its place.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from archwright.core.space import Op
from archwright.errors import SpaceError
from archwright.nets.site import Make, Shape, Site

SOURCE = ".net"
"""The parameter that holds what makes the network; no part can have this name."""


ASSEMBLED = "assembled_"
"""An attribute of modules whose parts were put in place after they were made, for the exporter."""


class Either(nn.Module):
    """A part of a network that has alternatives; until one is chosen, the first one runs."""

    def __init__(self, labels: tuple[str, ...], options: nn.ModuleList) -> None:
        super().__init__()
        self.labels = labels
        self.options = options

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.options[0](*args, **kwargs)


@dataclass(frozen=True)
class Own:
    """What makes a user's network: the module itself, or a function or class that makes it.

    Two are equal when their networks look alike; this is also what a study stores of them.

    Args:
        name: For messages.
        looks: A hash of the network as it prints itself.
    """

    make: nn.Module | Callable[[], nn.Module] = field(compare=False, repr=False)
    name: str
    looks: str

    def fresh(self) -> nn.Module:
        """Return the network with weights of its own, drawn anew."""
        if not isinstance(self.make, nn.Module):
            return self.make()
        net = copy.deepcopy(self.make)
        for module in net.modules():
            if reset := resets(module):
                reset()
        return net


def resets(module: nn.Module) -> Callable[[], None] | None:
    """Return what draws a module's weights anew; torch's own layers have it."""
    for name in ("reset_parameters", "_reset_parameters"):
        if callable(found := getattr(module, name, None)):
            return found  # type: ignore[no-any-return]
    return None


def marks(net: nn.Module) -> dict[str, Either]:
    """Return the marked parts by name, with / between its steps; none inside of alternatives."""
    found: dict[str, Either] = {}
    for _, name, child in _places(net):
        if isinstance(child, Either) and child not in found.values():
            found[name] = child
    return found


def _places(net: nn.Module, prefix: str = "") -> Iterator[tuple[nn.Module, str, nn.Module]]:
    """Yield parent, name and module of all parts that are not inside of alternatives."""
    for key, child in net._modules.items():
        if child is None:
            continue
        yield net, f"{prefix}{key}", child
        if not isinstance(child, Either):
            yield from _places(child, f"{prefix}{key}/")


def own_module(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Return a user's network with the chosen parts in place of the marked ones."""
    answers = dict(tree.params)
    own: Own = answers.pop(SOURCE)
    net = own.fresh()
    _choose(net, answers, site.path)
    for module in net.modules():
        if not type(module).__module__.startswith("torch."):
            vars(module)[ASSEMBLED] = True  # its constructor would make the parts as they were
    return net


def _choose(net: nn.Module, answers: dict[str, Any], path: str) -> None:
    found = marks(net)
    if set(found) != set(answers):
        raise SpaceError(
            f"{path}: the network has the marked parts {sorted(found)}, not {sorted(answers)};"
            " what makes it must mark the same parts each time"
        )
    chosen = {}
    for name, part in found.items():
        answer = answers[name]
        label = answer.name if isinstance(answer, Op) else answer
        chosen[part] = part.options[part.labels.index(label)]
        _choose(chosen[part], dict(answer.params) if isinstance(answer, Op) else {}, path)
    for parent, name, child in list(_places(net)):
        if isinstance(child, Either):
            parent._modules[name.rpartition("/")[2]] = chosen[child]


OWN: dict[str, Make] = {"module": own_module}
