"""Reads a pretrained encoder's sizes, vocabulary and weights from its folder, as the hub has it.

BERT (arXiv:1810.04805) and what is built alike: MiniLM, BGE, E5, GTE.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from archwright.errors import DataError
from archwright.nets.ops_encoder import Encoder
from archwright.nets.preprocess_text import ROWS, rows_of
from archwright.nets.site import Pretrained

CONFIG, WEIGHTS, POOLING = "config.json", "model.safetensors", "1_Pooling/config.json"
SAME = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
"""What the encoders that we can build have in common."""

ASKING = ("query", "key", "value")


@dataclass(frozen=True)
class Sizes:
    """Of an encoder: see `ops_encoder.Encoder`; `places` is the most tokens that it can read."""

    parts: int
    width: int
    inner: int
    heads: int
    layers: int
    places: int
    eps: float
    pooling: str


@lru_cache(maxsize=8)
def sizes(folder: str) -> Sizes:
    """Return what `config.json` says.

    Raises:
        DataError: the file is damaged, or the encoder is of another kind.
    """
    path = Path(folder) / CONFIG
    said = {"position_embedding_type": "absolute"} | _json(path)
    for name, value in SAME.items():
        if said.get(name) != value:
            raise DataError(f"{path}: {name} is {said.get(name)!r}; only {value!r} can be used")
    try:
        return Sizes(
            parts=said["vocab_size"],
            width=said["hidden_size"],
            inner=said["intermediate_size"],
            heads=said["num_attention_heads"],
            layers=said["num_hidden_layers"],
            places=said["max_position_embeddings"],
            eps=said.get("layer_norm_eps", 1e-12),
            pooling=_pooling(Path(folder)),
        )
    except KeyError as error:
        raise DataError(f"{path}: {error} is missing") from None


def encoder(given: Pretrained, length: int) -> Encoder:
    """Return an encoder, ready for use; all of one folder share their weights.

    Args:
        length: Of an example's rows.

    Raises:
        DataError: the encoder cannot be read.
    """
    how = sizes(given.folder)
    with torch.device("meta"):
        made = Encoder(
            *(ROWS, rows_of(given.tokens, length), given.tokens, how.parts, how.width, how.inner),
            *(how.heads, how.layers, how.eps, how.pooling),
        )
    made.load_state_dict(weights(given.folder, how.layers, given.tokens), assign=True)
    return made.requires_grad_(False).eval()


def reading(folder: str) -> dict[str, Any]:
    """Return how texts become its numbers: what `preprocess_wordpiece.tokens` is told.

    Raises:
        DataError: the vocabulary is missing, damaged, or not of pieces of words.
    """
    vocabulary, where = _vocabulary(Path(folder))
    told = Path(folder) / "tokenizer_config.json"
    said = _json(told) if told.is_file() else {}
    names = {"unknown": "unk", "start": "cls", "end": "sep"}
    special = {
        role: _name(said.get(f"{name}_token", f"[{name.upper()}]")) for role, name in names.items()
    }
    lost = [name for name in special.values() if name not in vocabulary]
    if lost:
        raise DataError(f"{where}: the piece {lost[0]!r} is missing")
    if len(vocabulary) > sizes(folder).parts:
        raise DataError(
            f"{where}: {len(vocabulary)} pieces, and {CONFIG} says {sizes(folder).parts}"
        )
    return {**special, "lower": bool(said.get("do_lower_case", True)), "vocabulary": vocabulary}


def _pooling(folder: Path) -> str:
    """Return how an encoder of sentences pools; `mean` where it does not say."""
    path = folder / POOLING
    said = _json(path) if path.is_file() else {}
    return "first" if said.get("pooling_mode_cls_token") else "mean"


def _vocabulary(folder: Path) -> tuple[list[str], Path]:
    plain, full = folder / "vocab.txt", folder / "tokenizer.json"
    if plain.is_file():
        return plain.read_text(encoding="utf-8").removesuffix("\n").split("\n"), plain
    if not full.is_file():
        raise DataError(f"{folder}: neither {plain.name} nor {full.name} is there")
    model = _json(full).get("model", {})
    if model.get("type") != "WordPiece":
        raise DataError(f"{full}: a {model.get('type')!r} vocabulary; only 'WordPiece' can be used")
    return sorted(model["vocab"], key=model["vocab"].__getitem__), full


def _name(said: Any) -> str:
    return str(said["content"] if isinstance(said, Mapping) else said)


def _json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: the file is missing or damaged ({error})") from None
    return found


@lru_cache(maxsize=2)
@torch.no_grad()
def weights(folder: str, layers: int, tokens: int) -> dict[str, Tensor]:
    """Return the state of an `Encoder` of the first blocks; it is shared, and not to be changed.

    Raises:
        DataError: weights are missing or damaged.
    """
    path = Path(folder) / WEIGHTS
    try:
        with safe_open(path, "pt") as file:
            ahead = "bert." if any(name.startswith("bert.") for name in list(file.keys())) else ""
            return _state(lambda name: file.get_tensor(ahead + name).float(), layers, tokens)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path}: missing, damaged, or without a part of BERT: {error}") from None


def _state(get: Any, layers: int, tokens: int) -> dict[str, Tensor]:
    places = get("embeddings.position_embeddings.weight")[:tokens]
    state = {
        "embedding.weight": get("embeddings.word_embeddings.weight"),
        "places": places + get("embeddings.token_type_embeddings.weight")[0],
    }
    norms = ["embeddings"]
    for i in range(layers):
        block = f"encoder.layer.{i}"
        norms += [f"{block}.attention.output", f"{block}.output"]
        for kind in ("weight", "bias"):
            asking = [get(f"{block}.attention.self.{part}.{kind}") for part in ASKING]
            state[f"asking.{i}.{kind}"] = torch.cat(asking)
            state[f"telling.{i}.{kind}"] = get(f"{block}.attention.output.dense.{kind}")
            state[f"wide.{i}.{kind}"] = get(f"{block}.intermediate.dense.{kind}")
            state[f"narrow.{i}.{kind}"] = get(f"{block}.output.dense.{kind}")
    for i, name in enumerate(norms):
        for kind in ("weight", "bias"):
            state[f"norms.{i}.{kind}"] = get(f"{name}.LayerNorm.{kind}")
    return state
