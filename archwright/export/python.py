"""Writes a network down as one readable Python file that needs torch and numpy alone.

The network is read from its modules; it knows nothing of spaces, searches or tasks.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from torch import nn

from archwright import registry
from archwright.core.truth import asked
from archwright.export import embed
from archwright.export.assemble import is_assembled
from archwright.export.constructor import Line, Shapes, lines, name, shapes
from archwright.export.runtime import widths


def source(net: nn.Module, spec: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """Return the text of `model.py`.

    Args:
        net: The network; its state dict fits the `Network` in the text, key by key.
        spec: What `preprocess.json` holds.
        shape: Of one input example.

    Raises:
        ArchwrightError: a module in it cannot be written down.
    """
    reader = import_module(registry.MODALITIES[spec["modality"]].reader)
    kinds = {type(module) for module in net.modules()}
    own = sorted((k for k in kinds if not k.__module__.startswith("torch.")), key=str)
    rebuilt = {type(module).__name__ for module in net.modules() if is_assembled(module)}
    homes = [k.__module__ for k in own] + (["archwright.export.assemble"] if rebuilt else [])
    classes, needed = embed.copy(homes, [k.__name__ for k in own], rebuilt)
    network = _network(net, spec, shape)
    applied, read, more_homes = _calls(reader, spec)
    answer, write, after = _ends(reader, f"run(net, spec, {applied})")
    glue = GLUE.format(answer=answer, read=read, write=write)
    runtime = [*more_homes, *after, "archwright.export.runtime", reader.__name__]
    functions, more = embed.copy(runtime, embed.names(glue + MAIN))
    embed.refuse_clashes([*classes, *functions, embed.Part("model.py", "", TAKEN, frozenset())])
    used = embed.names(network + "\n" + glue + MAIN)
    imports = embed.header([*needed, *more, *(each for each in BASE if each.bound in used)])
    body = f"{embed.join(classes)}\n\n\n{network}\n{glue}\n\n{embed.join(functions)}\n\n\n{MAIN}"
    opening = f"{_docstring(spec, reader)}\n\nfrom __future__ import annotations\n\n{imports}"
    return f"{opening}\n\nHERE = Path(__file__).resolve().parent\n\n\n{body.strip()}\n"


GLUE = '''

def load(folder: Path = HERE) -> tuple[Network, dict[str, Any]]:
    """Return the network with its weights, and what `preprocess.json` holds."""
    return fill(Network(), Path(folder))


def predict(net: nn.Module, spec: Mapping[str, Any], raw: Any) -> np.ndarray:
    """Return what the network says of raw data, see `run`."""
    return {answer}


def write_predictions(path: Path, out: TextIO, folder: Path = HERE) -> None:
    """Predict what is in a file or a folder, and write CSV to `out`."""
    net, spec = load(folder)
    raw, named = {read}
    write_answers(out, spec, predict(net, spec, raw), named)


def write_answers(out: TextIO, spec: Mapping[str, Any], answers: np.ndarray, named: Any) -> None:
    """Write as CSV what was predicted for what `read` has read and named."""
    {write}(out, spec, answers, named)
'''
WRITE = "archwright.export.runtime:write"
TAKEN = frozenset({"Network", "HERE", "load", "predict", "write_predictions", "write_answers"})
MAIN = """if __name__ == "__main__":
    sys.exit(main(write_predictions))"""
BASE = (
    embed.Import("collections", "OrderedDict"),
    embed.Import("collections.abc", "Mapping"),
    embed.Import("pathlib", "Path"),
    embed.Import("typing", "Any"),
    embed.Import("typing", "TextIO"),
    embed.Import("sys"),
    embed.Import("numpy", alias="np"),
    embed.Import("torch"),
    embed.Import("torch", "Tensor"),
    embed.Import("torch", "nn"),
)


def _calls(reader: Any, spec: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """Return how numbers are made of raw values, how new data are read, and where that is written.

    Of several inputs, what is needed for those that there are.
    """
    home, apply = reader.APPLY.split(":")
    if "parts" not in spec:
        return f"{apply}(raw, spec)", "read(Path(path), spec)", [home]
    kinds = list(dict.fromkeys(part["modality"] for part in spec["parts"]))
    each = [import_module(registry.MODALITIES[kind].reader).APPLY.split(":") for kind in kinds]
    applied = [f'"{kind}": {name}' for kind, (_, name) in zip(kinds, each, strict=True)]
    opens = [f'"{kind}": {reader.OPENS[kind]}' for kind in kinds if kind in reader.OPENS]
    numbers = f"{apply}(raw, spec, {{{', '.join(applied)}}})"
    reading = f"read(Path(path), spec, {{{', '.join(opens)}}})"
    return numbers, reading, [home, *(module for module, _ in each)]


def _ends(reader: Any, answer: str) -> tuple[str, str, list[str]]:
    """Return what becomes of the network's answer, what writes it, and where that is written."""
    home, write = getattr(reader, "WRITE", WRITE).split(":")
    if not hasattr(reader, "AFTER"):
        return answer, write, [home]
    other, after = reader.AFTER.split(":")
    return f"{after}({answer}, raw, spec)", write, [home, other]


def _needs(reader: Any, spec: Mapping[str, Any]) -> str:
    """Return what reading new data needs beside torch and numpy."""
    kinds = [part["modality"] for part in spec.get("parts", ())]
    readers = [import_module(registry.MODALITIES[kind].reader) for kind in dict.fromkeys(kinds)]
    return "".join(each.NEEDS for each in [reader, *readers])


def _docstring(spec: Mapping[str, Any], reader: Any) -> str:
    target = re.sub(r'[\\"\s]+', " ", spec["target"])[:50].strip()
    gives = {"regression": "values", "multitask": "answers"}.get(spec["kind"], "probabilities")
    counts = len(spec["classes"]), len(spec["outcomes"]), widths(spec["levels"])
    what = f"'{target}', {asked(spec['kind'], *counts)}"
    head = textwrap.fill(f"A neural network that predicts {what}; written by archwright.", 97)
    beside = "keep weights.safetensors and preprocess.json beside this file."
    needs = textwrap.fill(f"Needs torch and numpy{_needs(reader, spec)}; {beside}", 100)
    return f'''"""{head}

    python model.py {reader.NEW} > predictions.csv

or, from Python (`import model`):

    net, spec = model.load()
    {gives} = model.predict(net, spec, raw)  # raw: {reader.RAW}

{needs}
"""'''


def _network(net: nn.Module, spec: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """Return `class Network`, whose state dict has the keys of `net`."""
    count = sum(each.numel() for each in net.parameters())
    inputs = ", ".join(map(str, ("rows", *shape)))
    about = f'"""From ({inputs}) to {_outputs(spec)} a row; {count:,} parameters."""'
    known = shapes(net, shape)
    children = dict(net.named_children())
    if type(net) is nn.Sequential and children and all(map(_is_attribute, children)):
        base, body = "nn.Module", _attributes(children, known)
    else:
        init = lines(net, known, "super().__init__")
        base = name(type(net))
        body = ["    def __init__(self) -> None:", *_written(init)]
    return "\n".join([f"class Network({base}):", f"    {about}", "", *body])


def _outputs(spec: Mapping[str, Any]) -> str:
    """Return in words what the network gives for a row."""
    if spec["levels"]:
        return f"{sum(widths(spec['levels']))} logits and values"
    if spec["kind"] == "regression":
        return f"{len(spec['outcomes'])} values" if spec["outcomes"] else "1 value"
    return f"{len(spec['classes'] or spec['outcomes'])} logits"


def _attributes(children: Mapping[str, nn.Module], known: Shapes) -> list[str]:
    """Return `__init__` and `forward` of a network whose children are attributes."""
    made: list[Line] = []
    for key, child in children.items():
        made += lines(child, known, f"self.{key} = {name(type(child))}")
    calls = [f"x = self.{key}(x)" for key in children]
    calls[-1] = calls[-1].replace("x =", "return", 1)
    return [
        "    def __init__(self) -> None:",
        "        super().__init__()",
        *_written(made),
        "",
        "    def forward(self, x: Tensor) -> Tensor:",
        *(f"        {call}" for call in calls),
    ]


def _written(made: Iterable[Line]) -> list[str]:
    return [text for line in made for text in line.written(depth=2)]


def _is_attribute(key: str) -> bool:
    """Whether a child of this name can be an attribute of a module, as `self.body` is."""
    free = not hasattr(nn.Module, key) and not key.startswith("_") and key != "training"
    return key.isidentifier() and not keyword.iskeyword(key) and free
