"""Writes a network as ONNX. The one file that needs the extra `onnx`."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from archwright.errors import ArchwrightError

FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, LookupError, ImportError)
"""What the exporters raise for layers they do not know; they have no class in common."""

NEEDS = ("onnx", "onnxscript", "onnxruntime")
Array = np.ndarray[Any, Any]


def missing() -> tuple[str, ...]:
    """Return which of the packages in the extra `onnx` are not installed."""
    return tuple(each for each in NEEDS if importlib.util.find_spec(each) is None)


def export(net: nn.Module, example: Array, output: str = "logits") -> bytes:
    """Return the network as an ONNX file's bytes, for any number of rows; the input is `x`.

    Args:
        example: Some rows of real input, float32.
        output: What to call the output.

    Raises:
        ArchwrightError: the extra is not installed, or a layer has no ONNX counterpart.
    """
    if lacking := missing():
        raise ArchwrightError(
            f"no ONNX file without {', '.join(lacking)}; run: pip install 'archwright[onnx]'"
        )
    net = net.eval()
    rows = torch.from_numpy(np.repeat(example[:1], 2, axis=0))  # one row would be taken as constant
    reasons = []
    with _quiet():
        for exporter in EXPORTERS:
            try:
                return exporter(net, rows, output)
            except FAILURES as error:
                reasons.append(str(error).strip().split("\n", 1)[0])
    raise ArchwrightError(f"the network has no ONNX form: {reasons[-1]}")


def answer(path: str, x: Array) -> Array:
    """Return what ONNX Runtime makes of `x`, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    found: Array = session.run(None, {"x": x})[0]
    return found


def _dynamo(net: nn.Module, rows: torch.Tensor, output: str) -> bytes:
    program: Any = torch.onnx.export(
        net,
        (rows,),
        dynamo=True,
        verbose=False,
        input_names=["x"],
        output_names=[output],
        dynamic_shapes=({0: torch.export.Dim("rows")},),
    )
    return bytes(program.model_proto.SerializeToString())


def _legacy(net: nn.Module, rows: torch.Tensor, output: str) -> bytes:
    file: Any = io.BytesIO()
    torch.onnx.export(
        net,
        (rows,),
        file,
        dynamo=False,
        input_names=["x"],
        output_names=[output],
        dynamic_axes={"x": {0: "rows"}, output: {0: "rows"}},
    )
    return bytes(file.getvalue())


EXPORTERS = (_legacy, _dynamo)
"""Tried in this order. On one core the first takes 0.3 s and the second 5-8 s, most of it imports;
they agree to 1e-6. torch calls the first deprecated, so the second is there when it goes."""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' progress and advice off the screen; exceptions come through."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    silent = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(silent),
            contextlib.redirect_stderr(silent),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
