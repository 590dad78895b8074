"""Where to cut the ranges of numeric columns: by quantiles, or where the target changes most."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from archwright.nets.ops_tabular import Columns, Fields, Pieces, Waves

AIMED_ROWS, AIMED_NUMBERS, LEAF = 1000, 60_000, 20
"""Trees are grown on at most so many rows each, or on more, while all of them together see no more
numbers than that. So many rows are in a leaf at least, or a hundredth where that is fewer."""


def fit_edges(module: Columns | Fields | Pieces | Waves, rows: Tensor, y: Tensor) -> None:
    """Set the edges of a module's pieces, (numeric, bins + 1), in ascending order.

    Of `Fields` it sets which columns have more than two values: no others are aimed at a target.

    Args:
        rows: Training examples, (rows, columns).
        y: Their targets, (rows,) or (rows, several).
    """
    numbers = rows[:, : module.numeric]
    ends = numbers.aminmax(dim=0)
    many = ((numbers > ends.min) & (numbers < ends.max)).any(0)
    if isinstance(module, Fields):
        module.many.copy_(many.unsqueeze(1))
        return
    if isinstance(module, Columns):
        at = torch.linspace(0, 1, module.bins + 1, device=rows.device)
        module.edges.copy_(torch.quantile(numbers, at, dim=0).T)
        return
    step = -(-len(rows) // max(AIMED_ROWS, AIMED_NUMBERS // max(1, int(many.sum()))))
    for column, values in enumerate(numbers.T):
        edges = spread_edges(values.sort().values, module.bins)
        if isinstance(module, Pieces) and module.aimed and many[column]:
            edges = aimed_edges(values[::step], y[::step], module.bins, edges)
        module.edges[column] = edges


def spread_edges(values: Tensor, bins: int) -> Tensor:
    """Return quantiles of sorted values, (bins + 1,); a frequent value counts for one piece only.

    So a column that is mostly zero is told apart by the other values.
    """
    first = torch.searchsorted(values, values)
    again = torch.arange(len(values), device=values.device) - first
    kept = values[again < max(1, len(values) // bins)]
    at = torch.linspace(0, 1, bins + 1, device=values.device)
    return torch.quantile(kept, at)


def aimed_edges(values: Tensor, y: Tensor, bins: int, spread: Tensor) -> Tensor:
    """Return the thresholds of a decision tree on this column alone (arXiv:2203.05556, 3.2)."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeRegressor if y.is_floating_point() else DecisionTreeClassifier
    least = max(1, min(LEAF, len(values) // 100))
    tree = kind(max_leaf_nodes=bins, min_samples_leaf=least, random_state=0)
    target = y / y.std(0).clamp_min(1e-6) if y.is_floating_point() else y
    tree.fit(values[:, None].cpu().numpy(), target.cpu().numpy())
    found = tree.tree_.threshold[tree.tree_.feature >= 0]
    edges = np.unique([float(values.min()), *found, float(values.max())])
    known = torch.tensor(edges, dtype=values.dtype, device=values.device)
    if len(known) == bins + 1:
        return known
    rest = spread[torch.linspace(0, bins, bins + 1 - len(known)).long()]
    return torch.cat([known, rest]).sort().values
