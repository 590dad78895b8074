"""What an exported `model.py` does when it runs: read weights, predict, write CSV.

Its functions are copied into `model.py` as they stand. So it imports nothing but torch, numpy and
the standard library; it knows neither the network nor how raw data become numbers.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

AnyNet = TypeVar("AnyNet", bound=nn.Module)

BATCH = 512
DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
DTYPES |= {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}
DTYPES |= {"U8": torch.uint8, "BOOL": torch.bool}


def fill(net: AnyNet, folder: Path) -> tuple[AnyNet, dict[str, Any]]:
    """Return `net` with the weights in `folder`, ready to predict, and its `preprocess.json`.

    Raises:
        ValueError: a file is missing, damaged, or belongs to another network.
    """
    spec = load_spec(folder / "preprocess.json")
    weights = load_weights(folder / "weights.safetensors", spec["weights_sha256"])
    try:
        net.load_state_dict(weights)
    except RuntimeError:
        raise ValueError(f"{folder}: model.py and weights.safetensors do not match") from None
    return net.eval(), spec


def load_spec(path: Path) -> dict[str, Any]:
    """Return what `preprocess.json` holds, after comparing it with its own checksum."""
    try:
        spec: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        checksum = spec.pop("sha256")
    except FileNotFoundError:
        raise ValueError(f"{path}: the file is missing; it belongs beside model.py") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path}: the file is damaged; take a fresh copy of it") from None
    if checksum != digest(spec):
        raise ValueError(f"{path}: damaged or edited (its checksum differs); take a fresh copy")
    return spec


def digest(spec: Mapping[str, Any]) -> str:
    """Return the checksum of a spec, the same however its JSON is laid out."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()


def load_weights(path: Path, sha256: str = "") -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, after comparing it with its checksum, if given.

    The format: eight bytes with the length of a header, the header in JSON, then the numbers.
    """
    try:
        data = path.read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start])
        header.pop("__metadata__", None)
        body = memoryview(data)[start:]
        weights = {name: _tensor(entry, body) for name, entry in header.items()}
    except FileNotFoundError:
        raise ValueError(f"{path}: the file is missing; it belongs beside model.py") from None
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, OverflowError):
        raise ValueError(f"{path}: damaged or cut short; take a fresh copy of it") from None
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path}: damaged, or of another model (its checksum differs)")
    return weights


def _tensor(entry: Mapping[str, Any], body: memoryview) -> Tensor:
    begin, end = entry["data_offsets"]
    dtype, numbers = DTYPES[entry["dtype"]], bytearray(body[begin:end])
    flat = torch.frombuffer(numbers, dtype=dtype) if numbers else torch.empty(0, dtype=dtype)
    return flat.reshape(entry["shape"])


def run(net: nn.Module, spec: Mapping[str, Any], x: np.ndarray) -> np.ndarray:
    """Return probabilities of classes or labels, (rows, several); or values, (rows,) or so.

    Where there are targets of several kinds, what answers each of them stands side by side.
    """
    net.eval()
    with torch.inference_mode():
        batches = torch.from_numpy(x).split(BATCH)
        answers: np.ndarray = torch.cat([net(batch) for batch in batches]).double().numpy()
    if spec["kind"] == "regression":
        return answers if spec["outcomes"] else np.asarray(answers[:, 0])
    if spec["kind"] == "multilabel":
        return np.asarray(1 / (1 + np.exp(-answers.clip(-700, 700))))
    if spec["kind"] == "multitask":
        parts = apart(spec, answers)
        return np.concatenate([p if p.shape[1] == 1 else softmax(p) for p in parts], 1)
    return softmax(answers)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, (rows, classes)."""
    odds: Any = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(odds / odds.sum(1, keepdims=True))


def apart(spec: Mapping[str, Any], answers: np.ndarray) -> list[np.ndarray]:
    """Return what answers each of several targets: (rows, classes), or (rows, 1) of a value."""
    return np.split(answers, np.cumsum(widths(spec["levels"]))[:-1], axis=1)


def widths(levels: Sequence[Sequence[str]]) -> list[int]:
    """Return how many numbers answer each of several targets: its classes, 1 for a value."""
    return [max(1, len(classes)) for classes in levels]


def said(spec: Mapping[str, Any], predictions: np.ndarray) -> list[Any]:
    """Return each row's answer: its class, its labels parted by `;`, its value, or several."""
    names = spec["outcomes"]
    if spec["kind"] == "multitask":
        each = zip(spec["levels"], apart(spec, predictions), strict=True)
        columns = [
            [known[best] for best in part.argmax(1)] if known else list(part[:, 0])
            for known, part in each
        ]
        return [list(row) for row in zip(*columns, strict=True)]
    if spec["kind"] == "regression":
        return [list(row) for row in predictions] if names else list(predictions)
    if spec["kind"] == "multilabel":
        return [
            ";".join(n for n, p in zip(names, row, strict=True) if p >= 0.5) for row in predictions
        ]
    return [spec["classes"][best] for best in predictions.argmax(1)]


def write(
    out: TextIO, spec: Mapping[str, Any], predictions: np.ndarray, files: Sequence[str] = ()
) -> None:
    """Write predictions as CSV: the class, or the labels, and all probabilities; or the values."""
    if spec["kind"] == "multitask":
        header, rows = several(spec, predictions)
    elif spec["kind"] == "regression":
        header = spec["outcomes"] or ["prediction"]
        rows = [[f"{number:.6g}" for number in np.atleast_1d(row)] for row in predictions]
    else:
        header = ["prediction", *(f"p({name})" for name in spec["classes"] or spec["outcomes"])]
        odds = [[f"{number:.6g}" for number in row] for row in predictions]
        rows = [[one, *more] for one, more in zip(said(spec, predictions), odds, strict=True)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", *header] if files else header)
    for i, cells in enumerate(rows):
        writer.writerow([*files[i : i + 1], *cells])


def several(spec: Mapping[str, Any], predictions: np.ndarray) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of CSV: the answer to each target, then probabilities of classes."""
    parts = list(zip(spec["outcomes"], spec["levels"], apart(spec, predictions), strict=True))
    header = [*spec["outcomes"], *(f"p({n}={one})" for n, known, _ in parts for one in known)]
    odds = [part for _, known, part in parts if known]
    rows = []
    for i, answers in enumerate(said(spec, predictions)):
        cells = [one if isinstance(one, str) else f"{one:.6g}" for one in answers]
        rows.append(cells + [f"{share:.6g}" for part in odds for share in part[i]])
    return header, rows


def read_array(path: Path) -> np.ndarray:
    """Return the array in an npy file, or `x`, `x_test` or the only one in an npz file."""
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            arrays = {name: loaded[name] for name in loaded.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: damaged, or no arrays of numbers ({error})") from None
    arrays = {name: array for name, array in arrays.items() if array.ndim > 1}
    named = [name for name in ("x", "X", "x_test", "X_test") if name in arrays]
    if not named and len(arrays) != 1:
        raise ValueError(f"{path}: found {', '.join(arrays) or 'nothing'}; name the new array x")
    found: np.ndarray = arrays[(named or list(arrays))[0]]
    return found


def files_below(path: Path, suffixes: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return a file as it is, or all files below a folder that end so, and their names there.

    Sorted; nothing hidden.
    """
    if not path.is_dir():
        return [path], [path.name]
    found = [p for p in path.rglob("*") if p.suffix.lower() in suffixes and p.is_file()]
    names = {p: p.relative_to(path) for p in sorted(found)}
    shown = [p for p, name in names.items() if not any(step[0] == "." for step in name.parts)]
    return shown, [names[p].as_posix() for p in shown]


def main(write_predictions: Callable[[Path, TextIO], None]) -> int:
    """Read the command line, predict, and return the exit code; a user's mistake gives 2."""
    parser = argparse.ArgumentParser(description="Predict; CSV goes to standard output.")
    parser.add_argument("new", type=Path, help="new data, in the form of the training data")
    path = parser.parse_args().new
    try:
        if not path.exists():
            raise ValueError(f"{path}: there is no such file or folder")
        write_predictions(path, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, OSError, ImportError) as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0
