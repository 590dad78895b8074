"""A search space from a user's own network, some of whose parts are marked as alternatives."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from archwright.core.space import Choice, Node, Op
from archwright.errors import SpaceError, nearest
from archwright.nets.own import SOURCE, Either, Own, marks, resets

Alternatives = Sequence[nn.Module] | Mapping[str, nn.Module]


def either(*options: nn.Module, **named: nn.Module) -> Either:
    """Return a part of a network that the search shall choose; the first option is the default.

    The network runs as it is, with the default.

    Args:
        options: Go by the names of their classes.
        named: Go by these names.

    Raises:
        SpaceError: there are fewer than two options, or one is not a module.
    """
    both = [*_named(options).items(), *named.items()]
    return _either([label for label, _ in both], [option for _, option in both])


def mark(net: nn.Module, parts: Mapping[str, Alternatives]) -> nn.Module:
    """Return a copy of a network with alternatives for some of its parts.

    Args:
        net: Is not changed.
        parts: By dotted name, as in `named_modules`: what could stand there instead. What stands
            there now is the default, and goes by the name `original`.

    Raises:
        SpaceError: there is no part of that name.
    """
    marked = copy.deepcopy(net)
    for name, others in parts.items():
        known = dict(marked.named_modules())
        if not name or name not in known:
            names = [each for each in known if each]
            raise SpaceError(f"the network has no part {name!r}{nearest(name, names)}")
        parent, _, key = name.rpartition(".")
        more = dict(others) if isinstance(others, Mapping) else _named(others)
        part = _either(["original", *more], [known[name], *more.values()])
        known[parent]._modules[key] = part
    return marked


def space_of(net: nn.Module | Callable[[], nn.Module]) -> Node:
    """Return the space of a network's marked parts (see `either` and `mark`).

    A hole's path is the part's name with / for each dot, its answers are the options' names.
    Options may hold marked parts of their own. The node is an operation as any other: alone it is
    the whole network, which must then end in as many numbers as there are classes; or it is a
    part, as in `seq(normalise=op("normalise"), body=space_of(net), head=op("output"))`.

    Args:
        net: A module whose layers can draw their weights anew, as torch's own can, by
            `reset_parameters`; or a function or class that makes it, and is called without
            arguments for each trial. With more than one worker it must be importable.

    Raises:
        SpaceError: nothing is marked, or weights could not be drawn anew.
    """
    made = net if isinstance(net, nn.Module) else _called(net)
    if isinstance(made, Either):
        raise SpaceError("all of the network is marked; put it inside of a Sequential")
    if isinstance(net, nn.Module):
        _refuse_fixed(net)
    holes = _holes(made)
    if not holes:
        raise SpaceError(
            f"{type(made).__name__}: no part is marked; put archwright.either(...) where the"
            " search shall choose, or name parts to archwright.mark"
        )
    looks = hashlib.sha256(repr(made).encode()).hexdigest()[:16]
    source = Own(net, type(made).__name__, looks)
    return Op("module", ((SOURCE, source), *holes))


def _either(labels: list[str], options: list[nn.Module]) -> Either:
    if len(options) < 2:
        raise SpaceError("either(): give at least two modules to choose from")
    for name, each in zip(labels, options, strict=True):
        if not isinstance(each, nn.Module):
            raise SpaceError(f"either(): {name} is {each!r}, not a module")
        if {"/", "."} & set(name):
            raise SpaceError(f"either(): the name {name!r} holds a dot or a slash; leave it out")
        if isinstance(each, Either):
            raise SpaceError(f"either(): {name} is itself an either(); list all options in one")
    return Either(tuple(labels), nn.ModuleList(options))


def _named(options: Sequence[nn.Module]) -> dict[str, nn.Module]:
    kinds = Counter(type(each).__name__ for each in options)
    return {
        type(each).__name__ + (f"_{i}" if kinds[type(each).__name__] > 1 else ""): each
        for i, each in enumerate(options)
    }


def _called(make: Any) -> nn.Module:
    made = make() if callable(make) else None
    if not isinstance(made, nn.Module):
        raise SpaceError(f"space_of() takes a module, or what makes one when called, not {make!r}")
    return made


def _holes(net: nn.Module) -> tuple[tuple[str, Choice], ...]:
    found = []
    for name, part in marks(net).items():
        inner = [_holes(option) for option in part.options]
        named = zip(part.labels, inner, strict=True)
        found.append((name, Choice(tuple(Op(n, holes) if holes else n for n, holes in named))))
    return tuple(found)


def _refuse_fixed(net: nn.Module) -> None:
    """Each trial starts from weights of its own, so those of a given module must be redrawable."""
    for name, module in net.named_modules():
        if list(module.parameters(recurse=False)) and not resets(module):
            raise SpaceError(
                f"{name or 'the network'} ({type(module).__name__}) has weights but no"
                " reset_parameters() to draw them anew; give it one, or give space_of the"
                " function or class that makes the network"
            )
