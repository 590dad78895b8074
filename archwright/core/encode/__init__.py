"""Encodings: views of an architecture for models, tables and people, as pure functions.

The answers stay the only stored form. Each function says whether it round-trips or is one-way.
"""

from archwright.core.encode.cells import adjacency, cell_graphs, from_adjacency
from archwright.core.encode.features import feature_names, features, features_many, hybrid
from archwright.core.encode.genotype import darts_text, from_darts_text
from archwright.core.encode.holes import all_holes, positions, positions_many
from archwright.core.encode.matrix101 import from_nb101_matrix, nb101_matrix
from archwright.core.encode.onehot import from_one_hot, one_hot, one_hot_many, one_hot_names
from archwright.core.encode.paths import path_encoding, path_names, paths
from archwright.core.encode.sequence import from_sequence, sequence
from archwright.core.encode.strings import digits, from_digits, from_nb201_text, nb201_text

__all__ = [
    "adjacency",
    "all_holes",
    "cell_graphs",
    "darts_text",
    "digits",
    "feature_names",
    "features",
    "features_many",
    "from_adjacency",
    "from_darts_text",
    "from_digits",
    "from_nb101_matrix",
    "from_nb201_text",
    "from_one_hot",
    "from_sequence",
    "hybrid",
    "nb101_matrix",
    "nb201_text",
    "one_hot",
    "one_hot_many",
    "one_hot_names",
    "path_encoding",
    "path_names",
    "paths",
    "positions",
    "positions_many",
    "sequence",
]
