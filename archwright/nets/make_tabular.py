"""Makes the building blocks of tables from the operations of `spaces.table`."""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.nets.closing import closed, ending
from archwright.nets.ops_audio import Overall
from archwright.nets.ops_common import ACTIVATIONS, Residual
from archwright.nets.ops_tabular import (
    Adapted,
    Fields,
    Heads,
    Members,
    Pieces,
    Swap,
    Together,
    Tokens,
    Waves,
)
from archwright.nets.ops_text import Attention
from archwright.nets.shapes import trace
from archwright.nets.site import Make, Shape, Site


def _table(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Columns taken apart, a body, and dense output; of several members, if there are."""
    signature, numeric = site.signature, shape[0] - len(site.signature.categories)
    numbers = site.part(tree["numbers"], (numeric,), "numbers") if numeric else nn.Identity()
    swap = Swap(tree["swap"]) if tree["swap"] else nn.Identity()
    fields = Fields(numeric, signature.categories, tree["embedding"], numbers, swap)
    inside, members = trace(fields, shape)[0][0], tree["members"]
    if members == 1:
        body = site.part(tree["body"], (inside,), "body")
        return closed([fields, body], 0.0, shape, site)
    spread = Members(members, inside)
    body = site.part(tree["body"], (members, inside), "body")
    width = trace(body, (members, inside))[0][1]
    count, ends = ending(signature)
    heads = Heads(members, width, count)
    together = Together(members, signature.kind, signature.widths)
    return nn.Sequential(fields, spread, body, heads, *ends, together)


def _dense(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Dense layers of one width."""
    parts, inside = list[nn.Module](), shape[-1]
    for _ in range(tree["layers"]):
        parts.append(_linear(shape, inside, tree["width"], tree["shared"]))
        parts += [nn.LayerNorm(tree["width"])] if tree["norm"] else []
        parts.append(ACTIVATIONS[tree["activation"]]())
        parts += _dropout(tree)
        inside = tree["width"]
    return nn.Sequential(*parts)


def _resnet(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Residual blocks of two dense layers, normalised first (arXiv:2106.11959)."""
    width, shared = tree["width"], tree["shared"]
    parts: list[nn.Module] = [_linear(shape, shape[-1], width, shared)]
    for _ in range(tree["blocks"]):
        body = [nn.LayerNorm(width), _linear(shape, width, 2 * width, shared), nn.ReLU()]
        body += [*_dropout(tree), _linear(shape, 2 * width, width, shared)]
        parts.append(Residual(nn.Sequential(*body), nn.Identity()))
    return nn.Sequential(*parts, nn.LayerNorm(width), nn.ReLU())


def _linear(shape: Shape, inside: int, outside: int, shared: bool) -> nn.Module:
    if len(shape) == 1 or shared:
        return nn.Linear(inside, outside)
    return Adapted(shape[0], inside, outside)


def _dropout(tree: Op) -> list[nn.Module]:
    return [nn.Dropout(tree["dropout"])] if tree["dropout"] else []


def _tokens(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Self-attention between the columns (FT-Transformer, arXiv:2106.11959).

    Where we differ: the columns are averaged at the end, instead of a token that reads them.
    """
    numeric, width = shape[0] - len(site.signature.categories), tree["width"]
    numbers = Pieces(numeric, tree["bins"], width, False) if numeric else nn.Identity()
    tokens = Tokens(numeric, site.signature.categories, width, numbers)
    attention = Attention(width, shape[0], tree["heads"], tree["layers"], tree["dropout"])
    return closed([tokens, attention, Overall("mean")], 0.0, shape, site)


TABULAR: dict[str, Make] = {
    "table": _table,
    "tokens": _tokens,
    "plain": lambda tree, shape, site: nn.Identity(),
    "pieces": lambda tree, shape, site: Pieces(
        shape[0], tree["bins"], tree["width"], tree["aimed"]
    ),
    "waves": lambda tree, shape, site: Waves(
        shape[0], tree["frequencies"], tree["scale"], tree["width"]
    ),
    "mlp": _dense,
    "resnet_mlp": _resnet,
}
