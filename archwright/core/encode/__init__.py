"""Encodings: views of an architecture for models, tables and people, as pure functions.

The answers stay the only stored form. Each function says whether it round-trips or is one-way.
"""

from archwright.core.encode.cells import adjacency, cell_graphs, from_adjacency
from archwright.core.encode.features import feature_names, features, features_many, hybrid
from archwright.core.encode.holes import all_holes, positions, positions_many
from archwright.core.encode.onehot import from_one_hot, one_hot, one_hot_many, one_hot_names
from archwright.core.encode.sequence import from_sequence, sequence

__all__ = [
    "adjacency",
    "all_holes",
    "cell_graphs",
    "feature_names",
    "features",
    "features_many",
    "from_adjacency",
    "from_one_hot",
    "from_sequence",
    "hybrid",
    "one_hot",
    "one_hot_many",
    "one_hot_names",
    "positions",
    "positions_many",
    "sequence",
]
