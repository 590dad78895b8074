"""Makers of the blocks for texts."""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.errors import SpaceError
from archwright.nets import pretrained
from archwright.nets.closing import closed
from archwright.nets.ops_encoder import Encoder, Informed
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


def _informed(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A linear model of runs and of the vector of a pretrained encoder."""
    runs = (tree["words"], tree["characters"], tree["buckets"])
    how = (site.signature.outputs, tree["strength"], tree["share"])
    return Informed(*runs, *how, _encoder(shape, site))


def _encoded(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Dense layers behind a pretrained encoder."""
    encoder = _encoder(shape, site)
    dense = site.part(tree["dense"], (encoder.width,), "dense")
    return closed([encoder, nn.LayerNorm(encoder.width), dense], tree["last_dropout"], shape, site)


def _encoder(shape: Shape, site: Site) -> Encoder:
    """Return the pretrained encoder of the signature."""
    given = site.signature.encoder
    if given is None:
        raise SpaceError(f"{site.path}: there is no pretrained encoder; give one: --encoder")
    return pretrained.encoder(given, shape[1])


TEXT: dict[str, Make] = {
    "text": _text,
    "grams": _grams,
    "informed": _informed,
    "encoded": _encoded,
    "bag": lambda tree, shape, site: nn.Identity(),
    "textcnn": _textcnn,
    "transformer": lambda tree, shape, site: Attention(
        *(shape[0], shape[1], tree["heads"], tree["layers"], tree["dropout"])
    ),
}
