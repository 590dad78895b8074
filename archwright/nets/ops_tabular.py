"""Building blocks for tables; the rules of `ops_common` hold here too.

Numeric columns come first and are standardised; categorical ones hold whole numbers. What each
member has of its own but its head, and frequencies, are stored flat: weight decay spares vectors,
and these are no weights that are better small.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from archwright.nets.ops_common import averaged


class Columns(nn.Module):
    """Takes the columns of a table apart: (rows, numeric + categorical) -> (rows, features).

    Extreme numbers are bent smoothly into -3 ... 3 (arXiv:2407.04491) and, with `bins`, also
    written as piecewise linear codes between quantiles of the training rows (arXiv:2203.05556,
    equation 1, here clipped at both ends). Categories are embedded, all in one table.

    Args:
        numeric: How many numeric columns there are.
        categories: How many values each categorical column has.
        bins: Pieces per numeric column; 0 for none.
        embedding: Numbers per embedded category.
    """

    edges: Tensor
    offsets: Tensor

    def __init__(
        self, numeric: int, categories: tuple[int, ...], bins: int, embedding: int
    ) -> None:
        super().__init__()
        self.numeric = numeric
        self.categories = categories
        self.bins = bins
        self.embedding = embedding
        self.register_buffer("edges", torch.linspace(-2, 2, bins + 1).repeat(numeric, 1))
        starts = [sum(categories[:i]) for i in range(len(categories))]
        self.register_buffer("offsets", torch.tensor(starts, dtype=torch.int64))
        self.table = nn.Embedding(max(1, sum(categories)), embedding)

    def forward(self, x: Tensor) -> Tensor:
        numbers, codes = x[:, : self.numeric], x[:, self.numeric :]
        parts = [numbers / torch.sqrt(1 + (numbers / 3) ** 2)]
        if self.bins and self.numeric:
            low, high = self.edges[:, :-1], self.edges[:, 1:]
            pieces = (numbers.unsqueeze(2) - low) / (high - low).clamp_min(1e-6)
            parts.append(pieces.clamp(0, 1).flatten(1))
        if self.categories:
            parts.append(self.table(codes.long() + self.offsets).flatten(1))
        return torch.cat(parts, 1)


class Pieces(nn.Module):
    """Embeds each number by the pieces of its column's range that lie below it.

    (rows, numeric) -> (rows, numeric, width). It is a line and a bend at each of the edges
    (arXiv:2203.05556; as in arXiv:2410.24210 the bends begin at zero).

    Args:
        numeric: How many numeric columns there are.
        bins: Pieces per column.
        width: Numbers per embedded number.
        aimed: Whether the edges are where a decision tree would split the column for the target,
            and not quantiles.
    """

    edges: Tensor

    def __init__(self, numeric: int, bins: int, width: int, aimed: bool) -> None:
        super().__init__()
        self.numeric = numeric
        self.bins = bins
        self.width = width
        self.aimed = aimed
        self.register_buffer("edges", torch.linspace(-2, 2, bins + 1).repeat(numeric, 1))
        self.slope = nn.Parameter(torch.empty(numeric, width).uniform_(-1, 1))
        self.start = nn.Parameter(torch.empty(numeric, width).uniform_(-1, 1))
        self.weight = nn.Parameter(torch.zeros(numeric, bins, width))

    def forward(self, x: Tensor) -> Tensor:
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        parts = (x.unsqueeze(2) - low) / (high - low).clamp_min(1e-6)
        bent = torch.matmul(parts.clamp(0, 1).transpose(0, 1), self.weight).transpose(0, 1)
        smooth = x / torch.sqrt(1 + (x / 3) ** 2)
        return smooth.unsqueeze(2) * self.slope + self.start + bent


class Waves(nn.Module):
    """Embeds each number by sines and cosines of learnt frequencies, a layer and a ReLU.

    (rows, numeric) -> (rows, numeric, width); `PLR(lite)` of arXiv:2203.05556, where the layer is
    the same for all columns. Here numbers are first spread evenly over -1 ... 1 by the quantiles
    of the training rows.

    Args:
        numeric: How many numeric columns there are.
        frequencies: How many each column has.
        scale: Of the frequencies: their standard deviation, as they are drawn.
        width: Numbers per embedded number.
    """

    edges: Tensor

    def __init__(self, numeric: int, frequencies: int, scale: float, width: int) -> None:
        super().__init__()
        self.numeric = numeric
        self.frequencies = frequencies
        self.scale = scale
        self.width = width
        self.bins = 64
        self.aimed = False
        self.register_buffer("edges", torch.linspace(-2, 2, 65).repeat(numeric, 1))
        self.frequency = nn.Parameter(torch.randn(numeric * frequencies))
        self.lift = nn.Linear(2 * frequencies, width)

    def forward(self, x: Tensor) -> Tensor:
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        parts = ((x.unsqueeze(2) - low) / (high - low).clamp_min(1e-6)).clamp(0, 1)
        even = 2 * parts.mean(2) - 1
        frequency = self.scale * self.frequency.view(self.numeric, self.frequencies)
        angles = 2 * math.pi * even.unsqueeze(2) * frequency
        y: Tensor = self.lift(torch.cat([angles.cos(), angles.sin()], 2)).relu()
        return y


class Swap(nn.Dropout):
    """Takes, in training, a share `p` of the numbers of each row from the row above.

    Swap noise, as Jahrer's autoencoders had it (Porto Seguro, 2017): what a column says then is
    still something that it does say. Where we differ: the network itself is trained so, and not
    another one before it. Each epoch has the rows in a new order, so that any may be above.

    (rows, columns) -> the same; like all dropout it does nothing in use.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return torch.where(torch.rand_like(x) < self.p, x.roll(1, 0), x)


class Fields(nn.Module):
    """Takes a table apart: (rows, numeric + categorical) -> (rows, features).

    Each number stays, extreme ones bent smoothly into -3 ... 3 (arXiv:2407.04491), and is embedded
    beside, unless its column has two values only (`many` is 0): there is nothing to bend. Each
    category is embedded as wide as it has values for, up to `embedding`. What is unknown, code 0,
    begins as nothing: it may come in use and never in training.

    Args:
        numeric: How many numeric columns there are.
        categories: How many values each categorical column has.
        embedding: Numbers per embedded category, at most.
        numbers: What embeds numbers, (rows, numeric) -> (rows, numeric, width); an identity leaves
            them as they are.
        swap: What the rows go through first, (rows, columns) -> (rows, columns): `Swap`, or an
            identity.
    """

    many: Tensor

    def __init__(
        self,
        numeric: int,
        categories: tuple[int, ...],
        embedding: int,
        numbers: nn.Module,
        swap: nn.Module,
    ) -> None:
        super().__init__()
        self.numeric = numeric
        self.categories = categories
        self.embedding = embedding
        self.numbers = numbers
        self.swap = swap
        self.widths = tuple(min(n, embedding) for n in categories)
        sizes = zip(categories, self.widths, strict=True)
        self.tables = nn.ModuleList([nn.Embedding(n, width) for n, width in sizes])
        self.register_buffer("many", torch.ones(numeric, 1))
        with torch.no_grad():
            for weight in self.tables.parameters():
                weight[0] = 0.0

    def forward(self, x: Tensor) -> Tensor:
        x = self.swap(x)
        numbers = x[:, : self.numeric]
        parts = [numbers / torch.sqrt(1 + (numbers / 3) ** 2)]
        if self.numeric and not isinstance(self.numbers, nn.Identity):
            parts.append((self.numbers(numbers) * self.many).flatten(1))
        for i, table in enumerate(self.tables):
            parts.append(table(x[:, self.numeric + i].long()))
        return torch.cat(parts, 1)


class Members(nn.Module):
    """Shows each row to several members: (rows, features) -> (rows, members, features).

    Each sees every feature by a factor of its own (BatchEnsemble, arXiv:2002.06715; the one adapter
    of TabM-mini, arXiv:2410.24210).
    """

    def __init__(self, members: int, features: int) -> None:
        super().__init__()
        self.members = members
        self.features = features
        self.factor = nn.Parameter(torch.randn(members * features))

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze(1) * self.factor.view(self.members, self.features)


class Adapted(nn.Module):
    """A dense layer that members share, but for factors of what goes in and comes out, and a bias.

    (rows, members, inside) -> (rows, members, outside), as in BatchEnsemble (arXiv:2002.06715).
    """

    def __init__(self, members: int, inside: int, outside: int) -> None:
        super().__init__()
        self.members = members
        self.inside = inside
        self.outside = outside
        self.shared = nn.Linear(inside, outside, bias=False)
        self.before = nn.Parameter(torch.ones(members * inside))
        self.after = nn.Parameter(torch.ones(members * outside))
        bound = inside**-0.5
        self.bias = nn.Parameter(torch.empty(members * outside).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        before = self.before.view(self.members, self.inside)
        after = self.after.view(self.members, self.outside)
        y: Tensor = self.shared(x * before) * after + self.bias.view(self.members, self.outside)
        return y


class Heads(nn.Module):
    """An output layer for each member: (rows, members, inside) -> (rows * members, outputs).

    The members' answers stand one below the other, row by row.
    """

    def __init__(self, members: int, inside: int, outputs: int) -> None:
        super().__init__()
        self.members = members
        self.inside = inside
        self.outputs = outputs
        bound = inside**-0.5
        self.weight = nn.Parameter(torch.empty(members, inside, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members * outputs).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        said = torch.matmul(x.transpose(0, 1), self.weight).transpose(0, 1)
        return (said + self.bias.view(self.members, self.outputs)).flatten(0, 1)


class Together(nn.Module):
    """The mean of the members' probabilities, or values: (rows * members, outputs) -> (rows, ...).

    In training their answers stay apart, so that the loss is the mean of theirs
    (arXiv:2410.24210).

    Args:
        kind, widths: See `Averaged`.
    """

    def __init__(self, members: int, kind: str, widths: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.members = members
        self.kind = kind
        self.widths = widths

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return x
        said = x.reshape(-1, self.members, x.shape[1]).transpose(0, 1)
        shares = (1 / self.members,) * self.members
        return averaged(said, shares, self.kind, self.widths)


class Tokens(nn.Module):
    """Makes one vector of each column: (rows, numeric + categorical) -> (rows, width, columns).

    Args:
        numeric: How many numeric columns there are.
        categories: How many values each categorical column has.
        width: Numbers per column.
        numbers: What embeds numbers, (rows, numeric) -> (rows, numeric, width).
    """

    offsets: Tensor

    def __init__(
        self, numeric: int, categories: tuple[int, ...], width: int, numbers: nn.Module
    ) -> None:
        super().__init__()
        self.numeric = numeric
        self.categories = categories
        self.width = width
        self.numbers = numbers
        starts = [sum(categories[:i]) for i in range(len(categories))]
        self.register_buffer("offsets", torch.tensor(starts, dtype=torch.int64))
        self.table = nn.Embedding(max(1, sum(categories)), width)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.numbers(x[:, : self.numeric])] if self.numeric else []
        if self.categories:
            parts.append(self.table(x[:, self.numeric :].long() + self.offsets))
        return torch.cat(parts, 1).transpose(1, 2)
