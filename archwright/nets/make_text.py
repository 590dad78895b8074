"""Makers of the blocks for texts: what stands between embeddings and the pooling over a text."""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.nets.closing import closed
from archwright.nets.ops_sequence import Parallel
from archwright.nets.ops_text import Attention, Grams, Text
from archwright.nets.preprocess_text import TRACKS
from archwright.nets.site import Make, Shape, Site

VOCABULARIES = (8_000, 4_000, 100)
"""Words, pieces and characters, where no text has been seen yet."""


def _text(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Embeddings, a body, pooling over the text, and dense output."""
    first, last = TRACKS[tree["reads"]]
    sizes = dict(zip(TRACKS, site.signature.categories or VOCABULARIES, strict=True))
    width = tree["width"]
    body = site.part(tree["body"], (width, (last - first) * shape[1]), "body")
    front = Text(
        *(first, last, sizes[tree["reads"]], width, tree["grams"], tree["buckets"]),
        *(tree["forget"], tree["dropout"], body, tree["pooling"]),
    )
    return closed([front], tree["last_dropout"], shape, site)


def _textcnn(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Convolutions of several lengths side by side (arXiv:1408.5882), of odd lengths here."""
    kernels = [3 + 2 * i for i in range(tree["kernels"])]
    width = tree["filters"]
    branches = [
        nn.Sequential(nn.Conv1d(shape[0], width, each, padding=each // 2), nn.ReLU())
        for each in kernels
    ]
    return Parallel(nn.ModuleList(branches))


def _grams(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A linear model of runs of words and of characters."""
    runs = (tree["words"], tree["characters"], tree["buckets"])
    return Grams(*runs, site.signature.outputs, tree["strength"])


TEXT: dict[str, Make] = {
    "text": _text,
    "grams": _grams,
    "bag": lambda tree, shape, site: nn.Identity(),
    "textcnn": _textcnn,
    "transformer": lambda tree, shape, site: Attention(
        *(shape[0], shape[1], tree["heads"], tree["layers"], tree["dropout"])
    ),
}
