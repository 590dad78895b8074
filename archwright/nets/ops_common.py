"""Building blocks for any kind of data.

Classes here are copied into `model.py` as they stand. So each one imports nothing but torch and
the standard library, and keeps every constructor argument in an attribute of the same name.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}


class Residual(nn.Module):
    """Adds what goes in, fitted by `shortcut`, to what `body` makes of it (arXiv:1512.03385)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x) + self.shortcut(x)
        return y


class Cell(nn.Module):
    """A directed acyclic graph: each state is the sum of its incoming edges.

    Args:
        edges: One module per edge, in the order of `sources` and `targets`.
        sources: The state each edge reads; states 0 to `inputs` - 1 are what goes in.
        targets: The state each edge adds to.
        inputs: How many states go in; all are given the same tensor where a single one comes.
        outputs: The states that are given, side by side.
        vertices: What each state after the inputs is put through once it is summed.
    """

    def __init__(
        self,
        edges: nn.ModuleList,
        sources: tuple[int, ...],
        targets: tuple[int, ...],
        inputs: int,
        outputs: tuple[int, ...],
        vertices: nn.ModuleList | None = None,
    ) -> None:
        super().__init__()
        self.edges = edges
        self.sources = sources
        self.targets = targets
        self.inputs = inputs
        self.outputs = outputs
        self.vertices = vertices

    def forward(self, *given: Tensor) -> Tensor:
        states = list(given) if len(given) == self.inputs else [given[0]] * self.inputs
        for state in range(self.inputs, 1 + max(self.targets)):
            ends = zip(self.edges, self.sources, self.targets, strict=True)
            first, *more = [edge(states[source]) for edge, source, end in ends if end == state]
            total = sum(more, first)
            inner = state - self.inputs
            states.append(total if self.vertices is None else self.vertices[inner](total))
        given_out = [states[state] for state in self.outputs]
        return given_out[0] if len(given_out) == 1 else torch.cat(given_out, 1)


class Unscale(nn.Module):
    """Turns the network's standardised answers into the target's own units.

    Args:
        values: How many there are.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, values: int = 1) -> None:
        super().__init__()
        self.values = values
        self.register_buffer("mean", torch.zeros(values))
        self.register_buffer("std", torch.ones(values))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.std + self.mean


class Ranks(nn.Module):
    """Classes in order, from one number a row: the higher it is, the higher the class.

    The proportional odds model (McCullagh, 1980): class k or a lower one has the logit
    `threshold k - number`, and the thresholds rise. What comes back are logarithms of
    probabilities, (rows, classes), which a softmax turns into the same probabilities.

    Args:
        classes: At least two.
    """

    least = 0.01
    """Of the distance between two thresholds."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.first = nn.Parameter(torch.zeros(1))
        self.steps = nn.Parameter(torch.zeros(classes - 2))

    def forward(self, x: Tensor) -> Tensor:
        gaps = functional.softplus(self.steps) + self.least
        below = torch.cat([self.first, self.first + gaps.cumsum(0)]) - x
        under, over = -functional.softplus(-below), -functional.softplus(below)
        between = under[:, 1:] + over[:, :-1] + torch.log1p(-torch.exp(-gaps))
        return torch.cat([under[:, :1], between, over[:, -1:]], 1)


class Averaged(nn.Module):
    """The mean of what several networks say, see `averaged`.

    Args:
        networks: Each takes what goes in.
        shares: How much each of them counts; they add up to 1.
        kind: Of task: `regression`, `multilabel`, `multitask`, or one of classes.
        widths: Of a multitask, how many numbers answer each target: its classes, 1 for a value.
    """

    def __init__(
        self,
        networks: nn.ModuleList,
        shares: tuple[float, ...],
        kind: str,
        widths: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.networks = networks
        self.shares = shares
        self.kind = kind
        self.widths = widths

    def forward(self, x: Tensor) -> Tensor:
        said = torch.stack([network(x) for network in self.networks])
        return averaged(said, self.shares, self.kind, self.widths)


def averaged(
    said: Tensor, shares: tuple[float, ...], kind: str, widths: tuple[int, ...] = ()
) -> Tensor:
    """Return the mean of answers, (rows, outputs): of probabilities, or of values.

    Probabilities come back as logarithms, which a softmax turns into the same probabilities, or as
    logits, where each is of a label by itself. All is worked out by logarithms: the logit of a mean
    near 1 is mere rounding, and ONNX Runtime's sigmoid is not exact far out.

    Args:
        said: (answers, rows, outputs).
        shares, kind, widths: See `Averaged`.
    """
    if widths:
        kinds = ["regression" if width == 1 else "classification" for width in widths]
        parts = zip(said.split(widths, 2), kinds, strict=True)
        return torch.cat([averaged(part, shares, one) for part, one in parts], 1)
    share = torch.tensor(shares, dtype=said.dtype, device=said.device).view(-1, 1, 1)
    if kind == "regression":
        return (share * said).sum(0)
    if kind == "multilabel":
        given = (share.log() - functional.softplus(-said)).logsumexp(0)
        return given - (share.log() - functional.softplus(said)).logsumexp(0)
    return (share.log() + said.log_softmax(2)).logsumexp(0)
