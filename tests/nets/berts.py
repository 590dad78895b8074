"""A pretrained encoder of a few kilobytes, in the form that the Hugging Face hub has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "of", "a", "day", "is", "go", "!", "dinner"),
    *("off", "##er", "##ers", "e", "##2", "2"),
]
WIDTH, INNER, LAYERS, PLACES = 8, 16, 2, 24
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "vocab_size": len(VOCABULARY),
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_attention_heads": 2,
    "num_hidden_layers": LAYERS,
    "max_position_embeddings": PLACES,
}


def small_bert(folder: Path, ahead: str = "", **changes: Any) -> Path:
    """Write an encoder with weights drawn at random; return its folder.

    Args:
        ahead: What begins the names of weights.
        changes: Of its configuration.
    """
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    save_file(
        {ahead + name: each for name, each in weights().items()}, folder / "model.safetensors"
    )
    return folder


def weights() -> Mapping[str, torch.Tensor]:
    """Return weights by the names that they have on the hub."""
    torch.manual_seed(0)
    found = {
        "embeddings.word_embeddings.weight": torch.randn(len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": torch.randn(PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": torch.randn(2, WIDTH),
        **_layer_norm("embeddings"),
    }
    for i in range(LAYERS):
        block = f"encoder.layer.{i}"
        for part in ("query", "key", "value"):
            found |= _dense(f"{block}.attention.self.{part}", WIDTH, WIDTH)
        found |= _dense(f"{block}.attention.output.dense", WIDTH, WIDTH)
        found |= _dense(f"{block}.intermediate.dense", INNER, WIDTH)
        found |= _dense(f"{block}.output.dense", WIDTH, INNER)
        found |= _layer_norm(f"{block}.attention.output") | _layer_norm(f"{block}.output")
    return found


def _dense(name: str, outside: int, inside: int) -> dict[str, torch.Tensor]:
    return {f"{name}.weight": torch.randn(outside, inside), f"{name}.bias": torch.randn(outside)}


def _layer_norm(name: str) -> dict[str, torch.Tensor]:
    return {f"{name}.LayerNorm.{kind}": 1 + 0.1 * torch.randn(WIDTH) for kind in ("weight", "bias")}
