"""The result folder: whole, checked, and never half-written."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from archwright.errors import ArchwrightError, RunError
from archwright.export import onnx, result
from archwright.export.module import load_module
from archwright.export.result import FILES, read, recover, write
from tests.export.fitted import Fitted, ensemble_of, of_images, of_table

HAS_ONNX = not onnx.missing()


def named(fitted: Fitted, name: str) -> result.Content:
    """What is written, told apart by a name in the metrics."""
    return replace(fitted.content, metrics={"name": name})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_result_holds_every_file_and_reads_back(tmp_path: Path, classifier: Fitted) -> None:
    done = write(tmp_path / "result", classifier.net, classifier.content)
    assert files(tmp_path) == ["result"]
    assert files(tmp_path / "result") == sorted(FILES)
    assert done.differences == {"model.py": 0.0}
    saved = read(tmp_path / "result")
    assert json.loads(saved.architecture) == classifier.arch.answers
    assert saved.metrics == {"test": {"accuracy": 0.5}}
    assert saved.spec["columns"] == classifier.spec["columns"]


def test_a_result_is_written_without_an_example_too(tmp_path: Path, classifier: Fitted) -> None:
    content = replace(classifier.content, example=None, onnx=True)
    assert write(tmp_path / "result", classifier.net, content) == result.Written()


def test_one_result_takes_the_place_of_another(tmp_path: Path, classifier: Fitted) -> None:
    folder = tmp_path / "result"
    write(folder, classifier.net, named(classifier, "first"))
    write(folder, classifier.net, named(classifier, "second"))
    assert read(folder).metrics == {"name": "second"}
    assert files(tmp_path) == ["result"]


def test_without_a_one_step_swap_two_steps_do(
    tmp_path: Path, classifier: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "_exchange", lambda one, other: False)
    test_one_result_takes_the_place_of_another(tmp_path, classifier)


@pytest.mark.parametrize("swap", [True, False])
@pytest.mark.parametrize("step", range(2, 13))
def test_a_result_is_on_disk_wherever_writing_dies(
    step: int, swap: bool, tmp_path: Path, classifier: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "result"
    write(folder, classifier.net, named(classifier, "first"))
    if not swap:
        monkeypatch.setattr(result, "_exchange", lambda one, other: False)
    _die_at(step, monkeypatch)
    try:
        write(folder, classifier.net, named(classifier, "second"))
    except KeyboardInterrupt:
        monkeypatch.undo()
        if swap:
            assert read(folder).metrics["name"] in ("first", "second")
        recover(folder)
        assert read(folder).metrics["name"] in ("first", "second")
        write(folder, classifier.net, named(classifier, "third"))
        assert read(folder).metrics == {"name": "third"}
        assert files(tmp_path) == ["result"]
    else:
        assert read(folder).metrics == {"name": "second"}


def _die_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process be killed before its n-th change to the disk."""
    left = step

    def count(original: Any) -> Any:
        def changed(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return original(*arguments, **named)

        return changed

    for name in ("write_text", "write_bytes", "rename"):
        monkeypatch.setattr(Path, name, count(getattr(Path, name)))
    monkeypatch.setattr(result.shutil, "rmtree", count(result.shutil.rmtree))
    monkeypatch.setattr(result, "_exchange", count(result._exchange))


def test_a_result_that_answers_otherwise_does_not_replace_a_good_one(
    tmp_path: Path, classifier: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "result"
    write(folder, classifier.net, named(classifier, "good"))
    monkeypatch.setattr(result, "source", lambda *_: _wrong(folder))
    with pytest.raises(RunError, match=r"model\.py differs from the trained network by"):
        write(folder, classifier.net, named(classifier, "bad"))
    assert read(folder).metrics == {"name": "good"}


def _wrong(folder: Path) -> str:
    head, mark, network = (folder / "model.py").read_text().partition("class Network")
    return head + mark + re.sub(r"(return self\.\w+\(x\))", r"\1 + 1e-3", network, count=1)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_a_way_out(name: str, table_result: Path) -> None:
    (table_result / name).unlink()
    with pytest.raises(RunError, match=f"{name}: the file is missing; `archwright resume .*rün`"):
        read(table_result)


@pytest.mark.parametrize("name", [name for name in FILES if name != "model_card.md"])
def test_a_truncated_file_is_named_with_a_way_out(name: str, table_result: Path) -> None:
    path = table_result / name
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(RunError, match=f"{name}: .*damaged.*`archwright resume .*rün`"):
        read(table_result)


def test_loading_a_module_leaves_nothing_behind(table_result: Path) -> None:
    before = files(table_result)
    assert load_module(table_result) is not load_module(table_result)
    assert files(table_result) == before


@pytest.mark.skipif(not HAS_ONNX, reason="needs the extra onnx")
@pytest.mark.slow
@pytest.mark.parametrize(
    "fitted",
    [of_table(3), of_table(4, regression=True), of_images(5), ensemble_of(of_images)],
)
def test_onnx_agrees_with_the_network(
    fitted: Fitted, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = write(tmp_path / "result", fitted.net, replace(fitted.content, onnx=True))
    assert set(done.differences) == {"model.py", "model.onnx"}
    assert max(done.differences.values()) <= 1e-4
    assert done.notes == ()
    assert capfd.readouterr() == ("", "")
    path = str(tmp_path / "result" / "model.onnx")
    for rows in (1, 3):  # the number of rows is free
        assert len(onnx.answer(path, fitted.x[:rows])) == rows


@pytest.mark.skipif(not HAS_ONNX, reason="needs the extra onnx")
@pytest.mark.slow
@pytest.mark.parametrize("exporter", onnx.EXPORTERS)
def test_either_exporter_will_do(
    exporter: Any, tmp_path: Path, pictures: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "EXPORTERS", (exporter,))
    done = write(tmp_path / "result", pictures.net, replace(pictures.content, onnx=True))
    assert done.differences["model.onnx"] <= 1e-4


@pytest.mark.skipif(not HAS_ONNX, reason="needs the extra onnx")
@pytest.mark.slow
def test_a_wrong_onnx_file_is_left_out_with_a_note(
    tmp_path: Path, pictures: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = onnx.export(nn.Sequential(pictures.net, nn.Softplus()), pictures.x)
    monkeypatch.setattr(onnx, "export", lambda *_: data)
    done = write(tmp_path / "result", pictures.net, replace(pictures.content, onnx=True))
    assert set(done.differences) == {"model.py"}
    assert re.fullmatch(
        r"There is no model\.onnx: it would differ from the network by \S+\.", done.notes[0]
    )
    assert files(tmp_path / "result") == sorted(FILES)


def test_without_the_extra_the_note_says_what_to_install(
    tmp_path: Path, classifier: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "NEEDS", ("surely_not_installed",))
    done = write(tmp_path / "result", classifier.net, replace(classifier.content, onnx=True))
    assert "surely_not_installed; run: pip install 'archwright[onnx]'" in done.notes[0]
    assert files(tmp_path / "result") == sorted(FILES)


class Odd(nn.Module):
    """Has no ONNX counterpart."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.eigvals(x.T @ x).real


@pytest.mark.skipif(not HAS_ONNX, reason="needs the extra onnx")
@pytest.mark.slow
def test_a_layer_without_onnx_form_is_an_error_in_words() -> None:
    with pytest.raises(ArchwrightError, match="the network has no ONNX form: "):
        onnx.export(Odd(), np.zeros((2, 3), np.float32))
