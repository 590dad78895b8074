"""`model.py` as its user runs it, and what it says when something is wrong."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
from PIL import Image

from archwright.data import folders
from archwright.data import pictures as reading
from archwright.export import read_audio, read_image, read_text
from archwright.export.module import load_module
from archwright.export.runtime import files_below, load_weights, run, said, write
from tests.export.fitted import COLOURS, Fitted

HIDDEN = ("archwright", "pandas", "PIL", "safetensors", "sklearn", "onnx")


def call(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `model.py` in an interpreter that can import little but torch and numpy."""
    hide = "".join(f"sys.modules[{name!r}] = None; " for name in HIDDEN)
    run = "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    script = f"import runpy, sys; {hide}{run}"
    command = [sys.executable, "-I", "-c", script, folder / "model.py", *map(str, arguments)]
    environment = {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )


def predictions(folder: Path, new: Path) -> list[list[str]]:
    """What `model.py` writes for `new`, without a new interpreter."""
    out = io.StringIO()
    load_module(folder).write_predictions(new, out)
    return list(csv.reader(io.StringIO(out.getvalue())))


@pytest.mark.slow
def test_model_py_predicts_where_archwright_is_not_imported(
    table_result: Path, classifier: Fitted, tmp_path: Path
) -> None:
    new = tmp_path / "neue Zeilen.csv"
    classifier.raw.assign(extra="ignored").to_csv(new, index=False)
    done = call(table_result, new)
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert header == ["prediction", *(f"p({name})" for name in COLOURS)]
    expected = run(classifier.net, classifier.spec, classifier.x)
    np.testing.assert_allclose(np.array([row[1:] for row in rows], float), expected, rtol=1e-5)
    assert [row[0] for row in rows] == [COLOURS[i] for i in expected.argmax(1)]


@pytest.mark.slow
def test_a_mistake_gives_one_line_and_exit_code_2(table_result: Path, tmp_path: Path) -> None:
    done = call(table_result, tmp_path / "absent.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {tmp_path / 'absent.csv'}: there is no such file or folder\n"


@pytest.mark.slow
def test_help_says_what_to_give(table_result: Path) -> None:
    done = call(table_result, "--help")
    assert done.returncode == 0
    assert "usage: model.py" in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rows below its header"),
        ("size,count\n", "no rows below its header"),
        ("size,count\n1,2\n1,2,3\n", "line 3 has 3 fields, the header has 2"),
        ("size,size\n1,2\n", "column 'size' appears more than once"),
        ("size,count\n1,2\n", "missing column 'kind', 'flag', 'when', 'note'; the network needs"),
    ],
)
def test_a_csv_that_cannot_be_used_is_explained(
    text: str, message: str, table_result: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.csv"
    new.write_text(text)
    with pytest.raises(ValueError, match=message):
        predictions(table_result, new)


def test_a_csv_in_another_encoding_is_explained(table_result: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_bytes("kind\nrot\ngrün\n".encode("latin1"))
    with pytest.raises(ValueError, match="line 3 is not UTF-8"):
        predictions(table_result, new)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_separators_gzip_and_byte_order_marks_change_nothing(
    mark: str, suffix: str, table_result: Path, classifier: Fitted, tmp_path: Path
) -> None:
    plain, other = tmp_path / "plain.csv", tmp_path / f"other{suffix}"
    classifier.raw.to_csv(plain, index=False)
    classifier.raw.to_csv(other, index=False, sep=mark, encoding="utf-8-sig")
    assert predictions(table_result, other) == predictions(table_result, plain)


def test_decimal_commas_are_read_as_in_training(
    table_result: Path, classifier: Fitted, tmp_path: Path
) -> None:
    points, commas = tmp_path / "points.csv", tmp_path / "commas.csv"
    classifier.raw.to_csv(points, index=False, sep=";")
    classifier.raw.to_csv(commas, index=False, sep=";", decimal=",")
    assert commas.read_text() != points.read_text()
    assert predictions(table_result, commas) == predictions(table_result, points)


def test_blank_lines_unseen_categories_and_gaps_are_no_mistakes(
    table_result: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.csv"
    new.write_text("size,count,kind,flag,when,note\n\n,,violet,,,\n1,2,blau,True,2024-02-01,fine\n")
    assert len(predictions(table_result, new)) == 3


def test_a_file_of_another_kind_is_refused(table_result: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.parquet"
    new.write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="`archwright predict` reads Parquet"):
        predictions(table_result, new)


def test_images_are_read_from_arrays_files_and_folders_alike(
    image_result: Path, pictures: Fitted, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    names = [f"more/{i:02}.png" if i % 2 else f"{i:02}.png" for i in range(len(pictures.raw))]
    for name, pixels in zip(names, pictures.raw, strict=True):
        Image.fromarray(pixels).save(folder / name)
    np.savez(tmp_path / "new.npz", x=pictures.raw)
    np.save(tmp_path / "new.npy", pictures.raw)
    header, *rows = predictions(image_result, tmp_path / "new.npz")
    assert header[0] == "prediction"
    assert predictions(image_result, tmp_path / "new.npy") == [header, *rows]
    found_header, *found = predictions(image_result, folder)
    assert found_header == ["file", *header]
    assert {row[0]: row[1:] for row in found} == dict(zip(names, rows, strict=True))
    assert predictions(image_result, folder / "00.png")[1] == ["00.png", *rows[0]]


def test_a_damaged_image_and_an_empty_folder_are_named(image_result: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are no images"):
        predictions(image_result, tmp_path)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match=r"bad\.png: damaged, or not an image"):
        predictions(image_result, bad)


def test_an_npz_file_without_a_clear_array_is_refused(image_result: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.npz"
    np.savez(new, a=np.zeros((2, 2)), b=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="found a, b; name the new array x"):
        predictions(image_result, new)
    new.write_bytes(new.read_bytes()[:50])
    with pytest.raises(ValueError, match="damaged"):
        predictions(image_result, new)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "I;16", "F"])
@pytest.mark.parametrize("wanted", [("L", 1), ("RGB", 3)])
def test_files_are_read_as_training_reads_them(
    mode: str, wanted: tuple[str, int], tmp_path: Path
) -> None:
    numbers = np.random.default_rng(0).integers(0, 60_000, (9, 7))
    if mode in ("I", "I;16", "F"):
        kind = {"I": np.int32, "I;16": np.uint16, "F": np.float32}[mode]
        picture = Image.fromarray(numbers.astype(kind))
    else:
        picture = Image.fromarray((numbers % 256).astype(np.uint8)).convert(mode)
    path = tmp_path / "new.tiff"
    picture.save(path)
    how = {"width": 5, "height": 6, "mode": wanted[0], "channels": wanted[1], "dtype": "uint8"}
    np.testing.assert_array_equal(read_image.read_image(path, how), reading.read_image(path, how))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("wanted", [("L", 1), ("RGB", 3)])
def test_large_jpegs_are_decoded_as_training_decodes_them(
    mode: str, wanted: tuple[str, int], tmp_path: Path
) -> None:
    slope = np.arange(96)[:, None] + np.arange(128)
    Image.fromarray(slope.astype(np.uint8)).convert(mode).save(tmp_path / "new.jpg", quality=95)
    how = {"width": 32, "height": 24, "mode": wanted[0], "channels": wanted[1], "dtype": "uint8"}
    found = read_image.read_image(tmp_path / "new.jpg", how)
    np.testing.assert_array_equal(found, reading.read_image(tmp_path / "new.jpg", how))
    whole = Image.open(tmp_path / "new.jpg").convert(wanted[0]).resize((32, 24))
    means = np.asarray(whole, dtype=float).reshape(24, 32, -1).transpose(2, 0, 1)
    assert np.abs(found - means).max() < 4


def test_suffixes_are_those_of_training() -> None:
    assert folders.SUFFIXES["image"] == read_image.SUFFIXES
    assert folders.SUFFIXES["audio"] == read_audio.SUFFIXES
    assert folders.SUFFIXES["text"] == read_text.SUFFIXES


def test_weights_are_read_as_safetensors_reads_them(tmp_path: Path) -> None:
    kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32]
    kinds += [torch.int16, torch.int8, torch.uint8, torch.bool]
    tensors = {str(kind): torch.arange(6).reshape(2, 3).to(kind) for kind in kinds}
    tensors |= {"empty": torch.zeros(0, dtype=torch.int64), "scalar": torch.tensor(3)}
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file(tensors, path, metadata={"a": "b"})
    found = load_weights(path)
    assert set(found) == set(tensors)
    for name, tensor in safetensors.torch.load_file(path).items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_truncated_weights_are_named(length: int, table_result: Path) -> None:
    path = table_result / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"weights\.safetensors: damaged"):
        load_weights(path)
    with pytest.raises(ValueError, match=r"weights\.safetensors: damaged"):
        load_module(table_result).load()


def test_one_wrong_bit_in_the_weights_is_named(table_result: Path) -> None:
    path = table_result / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"weights\.safetensors: damaged"):
        load_module(table_result).load()


@pytest.mark.parametrize("name", ["weights.safetensors", "preprocess.json"])
def test_missing_files_are_named(name: str, table_result: Path) -> None:
    (table_result / name).unlink()
    with pytest.raises(ValueError, match=f"{name}: the file is missing"):
        load_module(table_result).load()


@pytest.mark.parametrize("change", [("1", "2"), ("{", ""), ('"sha256"', '"sha"')])
def test_a_changed_preprocess_file_is_named(change: tuple[str, str], table_result: Path) -> None:
    path = table_result / "preprocess.json"
    path.write_text(path.read_text().replace(*change, 1))
    with pytest.raises(ValueError, match=r"preprocess\.json: .*damaged"):
        load_module(table_result).load()


def test_values_are_written_without_probabilities() -> None:
    out = io.StringIO()
    write(out, {"kind": "regression", "classes": [], "outcomes": []}, np.array([1.0, 2.5e7]))
    assert out.getvalue() == "prediction\n1\n2.5e+07\n"


def test_no_rows_give_no_predictions(classifier: Fitted) -> None:
    assert run(classifier.net, classifier.spec, classifier.x[:0]).shape == (0, 3)


def test_a_frame_and_its_csv_are_predicted_alike(table_result: Path, tmp_path: Path) -> None:
    module = load_module(table_result)
    net, spec = module.load()
    frame = pd.DataFrame({"size": [1.5, None], "count": [2, 3], "kind": ["grün", "new"]})
    frame = frame.assign(flag=[True, False], when=pd.Timestamp("2024-02-02"), note="a good day")
    frame.to_csv(tmp_path / "new.csv", index=False)
    raw, _ = module.read(tmp_path / "new.csv", spec)
    np.testing.assert_array_equal(module.predict(net, spec, raw), module.predict(net, spec, frame))


def test_files_below_a_folder_are_those_that_archwright_finds(tmp_path: Path) -> None:
    for name in ("b.TXT", "deep/a.txt", ".hidden.txt", ".git/c.txt", "d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = files_below(tmp_path, read_text.SUFFIXES)
    assert found == folders.new_files(tmp_path, "text")
    assert found[1] == ["b.TXT", "deep/a.txt"]
    assert files_below(tmp_path / "d.csv", (".txt",)) == ([tmp_path / "d.csv"], ["d.csv"])


def test_several_targets_are_written_with_the_probabilities_of_classes() -> None:
    spec = {"kind": "multitask", "outcomes": ["colour", "size"], "levels": [["red", "blue"], []]}
    predictions, out = np.array([[0.25, 0.75, 3.5]]), io.StringIO()
    assert said(spec, predictions) == [["blue", 3.5]]
    write(out, spec, predictions)
    assert out.getvalue() == ("colour,size,p(colour=red),p(colour=blue)\nblue,3.5,0.25,0.75\n")
