"""Encodings: views of an architecture for models, tables and people, as pure functions.

The answers stay the only stored form. Each function says whether it round-trips or is one-way.
"""

from archwright.core.encode.holes import all_holes, positions, positions_many
from archwright.core.encode.onehot import from_one_hot, one_hot, one_hot_many, one_hot_names

__all__ = [
    "all_holes",
    "from_one_hot",
    "one_hot",
    "one_hot_many",
    "one_hot_names",
    "positions",
    "positions_many",
]
