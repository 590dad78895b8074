"""Which space is searched: a registered one by its name, or one of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from torch import nn

from archwright import registry
from archwright.core.architecture import Architecture, decode, record
from archwright.core.space import Choice, Dag, Hole, Node, Op, Range, Repeat, Seq, Value
from archwright.errors import ArchwrightError, SpaceError
from archwright.export.python import source
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Form, Signature
from archwright.spaces.marked import space_of

OWN = "YOUR-SPACE"
"""What a space of the user's own goes by where a name is stored or shown."""

Starts = tuple[Architecture, ...]


def named(space: Any) -> str | None:
    """Return the name that options keep for what a user gave as the space."""
    return space if space is None or isinstance(space, str) else OWN


def chosen(space: Any, modality: str, form: Form) -> tuple[Node, Starts]:
    """Return the space, and its known-good starts, the default network first.

    Args:
        space: A registered name; a node; a network with marked parts; a function from the shape of
            an example to a node; None for what suits the modality.

        form: The shape of an example; of several inputs, that of each.

    Raises:
        SpaceError: it is none of these, or not for such data.
    """
    if space is None or isinstance(space, str):
        name = space or registry.MODALITIES[modality].space
        if isinstance(form[0], tuple) and name != registry.MODALITIES[modality].space:
            _refuse_single(name, form)
        return registry.find("spaces", name)(form), tuple(registry.portfolio(name)(form))
    if isinstance(space, nn.Module):
        space = space_of(space)
    elif callable(space):
        space = space(form)
    if not isinstance(space, Op | Seq | Repeat | Dag | Choice | Range):
        raise SpaceError(
            f"space={space!r} is no space: give a name, a node such as archwright.seq(...), a"
            " network with marked parts, or a function of the shape that returns a node"
        )
    return space, (first(space),)


def _refuse_single(name: str, form: Form) -> None:
    """Raise SpaceError where a space takes one input and there are several."""
    try:
        registry.find("spaces", name)(form)
    except (SpaceError, TypeError, AttributeError) as error:
        raise SpaceError(f"the space {name!r} takes one input, not several") from error


def first(space: Node) -> Architecture:
    """Return the default of a space without a portfolio.

    It is the first option of each choice and the middle of each range, rounded down.
    """

    def decide(_path: str, hole: Hole) -> Value:
        if isinstance(hole, Choice):
            return hole.values[0]
        middle = (hole.low * hole.high) ** 0.5 if hole.log else (hole.low + hole.high) / 2
        return int(middle)

    return record(space, decide)


def rehearse(
    space: Node, arch: Architecture, signature: Signature, spec: Mapping[str, Any]
) -> None:
    """Raise ArchwrightError unless a network of a user's own can be built and written down.

    So that it is known before the search, not after it.
    """
    net = build(decode(space, arch), signature)
    made, _ = trace(net, signature.shape)
    if made != (signature.outputs,):
        raise SpaceError(
            f"the space's first network gives {made}, but the task needs {(signature.outputs,)};"
            " end it with op('output'), as in seq(body=..., head=op('output'))"
        )
    module = ModuleType("model")
    module.__file__ = "model.py"
    exec(compile(source(net, spec, signature.shape), "model.py", "exec"), module.__dict__)
    try:
        module.Network().load_state_dict(net.state_dict())
    except (RuntimeError, TypeError, NameError) as error:
        raise ArchwrightError(
            f"the network cannot be written to model.py: {str(error).splitlines()[0]}"
        ) from error
