"""Finds a pretrained encoder: in a folder, or on the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from archwright.errors import DataError

CONFIG = "config.json"
FILES = (
    *(CONFIG, "model.safetensors", "vocab.txt", "tokenizer.json", "tokenizer_config.json"),
    "1_Pooling/config.json",
)
"""What is fetched of a model, where it has it."""


def folder(name: str) -> Path:
    """Return the folder of a pretrained encoder.

    Args:
        name: A folder, or else a model on the hub such as `sentence-transformers/all-MiniLM-L6-v2`,
            which is fetched once and kept where `huggingface_hub` keeps models.

    Raises:
        DataError: there is none, or the hub cannot be asked.
    """
    path = Path(name).expanduser()
    if not path.exists():
        path = _fetched(name)
    if not (path / CONFIG).is_file():
        raise DataError(f"encoder {name!r}: {path} holds no {CONFIG}; name the folder of a model")
    return path.resolve()


def _fetched(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError:
        raise DataError(
            f"encoder {name!r}: there is no such folder; for a model of the Hugging Face hub run "
            "`pip install 'archwright[hub]'`"
        ) from None
    try:
        return Path(snapshot_download(name, allow_patterns=list(FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(
            f"encoder {name!r}: there is no such folder, and the hub did not give it: {reason} "
            "Name the folder of a model that was fetched elsewhere."
        ) from None
