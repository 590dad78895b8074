"""Bad input at the command line: one sentence that names the thing, exit code 2, nothing left."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from archwright.cli.main import main

if TYPE_CHECKING:
    from tests.conftest import Run


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `archwright` with these words, in this process."""

    def run(*words: object) -> Told:
        monkeypatch.setattr("sys.argv", ["archwright", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return run


@pytest.fixture
def refuse(call: Call) -> Call:
    """Run a command that is to fail by the user's mistake, and check how it is told."""

    def run(*words: object) -> Told:
        told = call(*words)
        assert told.code == 2, told
        assert told.out == ""
        assert "Traceback" not in told.err
        (line,) = [line for line in told.err.splitlines() if line.startswith("archwright: ")]
        assert told.err.strip().endswith(line), "it is the last word"
        return told

    return run


def table(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=rows), "weight": rng.normal(size=rows)})
    return frame.assign(kind=np.where(frame["size"] > 0, "big", "small"))


def write(path: Path, frame: pd.DataFrame) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A good table, in a folder with a space and letters from abroad."""
    return write(tmp_path / "mes données" / "größe é.csv", table())


@pytest.fixture
def search(refuse: Call, tmp_path: Path) -> Call:
    """Run a search that is to fail before anything is written."""

    def run(*words: object) -> Told:
        out = tmp_path / "a rün"
        told = refuse("search", *words, "--trials", 1, "--epochs", 1, "--out", out)
        assert not out.exists(), "something was left half-written"
        return told

    return run


def test_a_missing_file_is_named(search: Call, tmp_path: Path) -> None:
    assert "nö file.csv" in search(tmp_path / "nö file.csv").err


def test_an_empty_file_is_named(search: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    assert "empty.csv" in search(tmp_path / "empty.csv").err


def test_a_header_without_rows_is_named(search: Call, tmp_path: Path) -> None:
    (tmp_path / "header.csv").write_text("size,kind\n")
    assert "header.csv" in search(tmp_path / "header.csv").err


def test_a_target_that_does_not_exist_brings_the_nearest_name(search: Call, csv: Path) -> None:
    told = search(csv, "--target", "knid").err
    assert "knid" in told
    assert "did you mean 'kind'?" in told


def test_one_class_only(search: Call, tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", table().assign(kind="big"))
    assert "kind" in search(one, "--kind", "classification").err


def test_an_all_nan_column_is_left_out_and_alone_it_is_an_error(
    search: Call, tmp_path: Path
) -> None:
    nothing = table()[["kind"]].assign(size=np.nan)[["size", "kind"]]
    told = search(write(tmp_path / "nothing.csv", nothing)).err
    assert "column" in told


def test_a_target_without_any_value(search: Call, tmp_path: Path) -> None:
    gone = write(tmp_path / "gone.csv", table().assign(kind=None))
    assert "kind" in search(gone).err


def test_a_ragged_csv_is_named_with_its_line(search: Call, tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 10 + "1,2,3\n" + "1,2\n" * 10
    (tmp_path / "ragged.csv").write_text(text)
    told = search(tmp_path / "ragged.csv").err
    assert "ragged.csv" in told
    assert "12" in told


def test_text_that_is_not_utf_8_is_named(search: Call, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("größe,kind\n1,ä\n2,ö\n".encode("latin-1") * 20)
    told = search(tmp_path / "latin.csv").err
    assert "latin.csv" in told
    assert "UTF-8" in told


def pictures(folder: Path, spoil: Callable[[Path], Any]) -> Path:
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        for i in range(8):
            pixels = np.full((6, 6), 20 * i + (90 if name == "cats" else 0), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    spoil(folder / "dogs" / "3.png")
    return folder


def test_an_image_of_zero_bytes_is_named(search: Call, tmp_path: Path) -> None:
    told = search(pictures(tmp_path / "pics", lambda path: path.write_bytes(b""))).err
    assert "3.png" in told


def test_a_truncated_image_is_named(search: Call, tmp_path: Path) -> None:
    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:50])

    assert "3.png" in search(pictures(tmp_path / "pics", cut)).err


def test_a_truncated_npz_is_named(search: Call, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.zeros((50, 3)), y=np.arange(50) % 2)
    path.write_bytes(path.read_bytes()[:300])
    assert "data.npz" in search(path).err


def test_an_array_of_objects_is_refused_and_never_unpickled(search: Call, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array([{"a": 1}] * 20, dtype=object), y=np.arange(20) % 2)
    assert "data.npz" in search(path).err


def test_truncated_idx_files_are_named(search: Call, tmp_path: Path) -> None:
    head = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (10, 4, 4))
    with gzip.open(tmp_path / "train-images-idx3-ubyte.gz", "wb") as file:
        file.write(head + b"\0" * 20)
    with gzip.open(tmp_path / "train-labels-idx1-ubyte.gz", "wb") as file:
        file.write(b"\0\0\x08\x01" + (10).to_bytes(4, "big") + bytes(range(10)))
    assert "train-images" in search(tmp_path).err


@pytest.mark.parametrize("budget", ["soon", "5 minutes!", "10x", "-1m"])
def test_a_malformed_budget_is_told_how_to_write_it(
    refuse: Call, csv: Path, tmp_path: Path, budget: str
) -> None:
    told = refuse("search", csv, f"--budget={budget}", "--out", tmp_path / "run").err
    assert budget in told
    assert "10m" in told
    assert not (tmp_path / "run").exists()


def test_a_budget_that_is_too_small_is_told_how_much(
    refuse: Call, csv: Path, tmp_path: Path
) -> None:
    told = refuse("search", csv, "--budget", "3s", "--out", tmp_path / "run").err
    assert "3s" in told
    assert "--budget" in told
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--strategy", "evolutionn"], "did you mean 'evolution'?"),
        (["--strategy", "autoo"], "did you mean 'auto'?"),
        (["--strategy", "optuna:tpe"], "did you mean 'optuna:TPE'?"),
        (["--strategy", "optunaGP"], "did you mean 'optuna:GP'?"),
        (["--strategy", "grid", "--exploration", "0.2"], "'grid' has no share of exploration"),
        (["--exploration", "2"], "--exploration 2 is no share"),
        (["--early-stop", "5"], "--early-stop 5 is no share"),
        (["--warm-start", "nowhere"], "nowhere holds no study.db"),
        (["--space", "mpl"], "did you mean 'mlp'?"),
        (["--objective", "accurracy"], "did you mean 'accuracy'?"),
        (["--objective", "rmse"], "'rmse' does not fit a classification"),
        (["--kind", "clasification"], "did you mean 'classification'?"),
        (["--type", "size=numerc"], "did you mean 'numeric'?"),
        (["--type", "sise=numeric"], "did you mean 'size'?"),
        (["--type", "size"], "COLUMN=TYPE"),
        (["--split", "group:knd"], "knd"),
        (["--split", "sideways"], "sideways"),
        (["--max-params", "lots"], "--max-params 'lots'"),
        (["--max-latency", "0"], "--max-latency '0'"),
        (["--max-params", "10"], "at most 10"),
        (["--max-macs", "3"], "at most 3"),
        (["--folds", "0"], "--folds 0"),
        (["--folds", "1000"], "--folds 1000"),
        (["--workers", "0"], "--workers 0"),
        (["--space", "chain"], "chain"),
        (["--test", "nowhere.csv"], "nowhere.csv"),
        (["--storage", "sqlite:////nowhere/at/all.db"], "cannot be read"),
        (["--storage", "no such thing"], "no such thing"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_an_option_that_makes_no_sense_is_named(
    search: Call, csv: Path, words: list[str], named: str
) -> None:
    assert named in search(csv, *words).err


def test_an_unknown_option_is_a_usage_error(call: Call, csv: Path) -> None:
    told = call("search", csv, "--buget", "1m")
    assert told.code == 2
    assert "--budget" in told.err


def test_an_output_that_is_a_file_is_named(refuse: Call, csv: Path, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    assert "there is a file" in refuse("search", csv, "--out", tmp_path / "run").err
    assert (tmp_path / "run").read_text() == "mine"


def test_an_output_that_holds_a_run_offers_to_resume(
    refuse: Call, csv: Path, wine_run: Run
) -> None:
    told = refuse("search", csv, "--out", wine_run.folder).err
    assert "already holds a run" in told
    assert "archwright resume" in told


@pytest.mark.parametrize("command", ["resume", "report", "show"])
def test_a_run_that_does_not_exist_is_named(refuse: Call, tmp_path: Path, command: str) -> None:
    assert "nö run" in refuse(command, tmp_path / "nö run").err
    assert "holds no run" in refuse(command, tmp_path).err


def test_new_data_whose_columns_differ_is_told_which(
    refuse: Call, wine_run: Run, tmp_path: Path
) -> None:
    lacking = write(tmp_path / "new.csv", wine_run.rows.drop(columns="alcohol"))
    told = refuse("predict", wine_run.folder, lacking).err
    assert "missing column 'alcohol'" in told


def test_new_data_with_words_for_numbers_is_told_where(
    refuse: Call, wine_run: Run, tmp_path: Path
) -> None:
    wrong = write(tmp_path / "new.csv", wine_run.rows.assign(alcohol="much"))
    told = refuse("predict", wine_run.folder, wrong).err
    assert "alcohol" in told


def test_new_data_that_is_missing_is_named(refuse: Call, wine_run: Run, tmp_path: Path) -> None:
    assert "new.csv" in refuse("predict", wine_run.folder, tmp_path / "new.csv").err


def test_unseen_categories_are_no_error(call: Call, wine_run: Run, tmp_path: Path) -> None:
    strange = write(tmp_path / "néw data.csv", wine_run.rows.head(7).assign(colour="grün"))
    told = call("predict", wine_run.folder, strange)
    assert (told.code, told.err) == (0, "")
    assert len(told.out.strip().splitlines()) == 8


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("weights.safetensors", lambda data: data[: len(data) // 2]),
        ("weights.safetensors", lambda data: data[:-4] + b"\xff\xff\xff\xff"),
        ("preprocess.json", lambda data: data[: len(data) // 2]),
        ("preprocess.json", lambda data: data.replace(b"alcohol", b"alcohoI")),
        ("metrics.json", lambda data: b"\xff\xfe" + data),
        ("model.py", lambda data: data[: len(data) // 2] + b"\n((("),
        ("architecture.json", lambda data: b""),
    ],
    ids=["weights cut", "weights", "preprocess cut", "preprocess", "metrics", "model", "arch"],
)
def test_a_damaged_result_file_is_named(
    refuse: Call, wine_run: Run, tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    folder = wine_run.copy(tmp_path / "my rün")
    path = folder / "result" / name
    path.write_bytes(spoil(path.read_bytes()))
    new = write(tmp_path / "new.csv", wine_run.rows.head(3))
    assert name in refuse("predict", folder, new).err


def test_a_missing_result_file_is_named(refuse: Call, wine_run: Run, tmp_path: Path) -> None:
    folder = wine_run.copy(tmp_path / "run")
    (folder / "result" / "weights.safetensors").unlink()
    assert "weights.safetensors" in refuse("show", folder).err


@pytest.mark.parametrize("how", ["noise", "cut", "empty", "another program's"])
def test_a_damaged_study_is_told_and_left_alone(
    refuse: Call, wine_run: Run, tmp_path: Path, how: str
) -> None:
    folder = wine_run.copy(tmp_path / "run")
    path = folder / "study.db"
    data = path.read_bytes()
    if how == "another program's":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("create table mine (a)")
        other.close()
    else:
        spoilt = {"noise": bytes(range(256)) * 40, "cut": data[: len(data) // 2], "empty": b""}
        path.write_bytes(spoilt[how])
    told = refuse("resume", folder, "--trials", 3).err
    assert "study" in told
    assert (folder / "result" / "model.py").is_file(), "the result stays"


def test_a_report_that_is_gone_is_told_how_to_make_it(
    refuse: Call, wine_run: Run, tmp_path: Path
) -> None:
    folder = wine_run.copy(tmp_path / "run")
    (folder / "report.html").unlink()
    assert "archwright resume" in refuse("report", folder).err


def test_data_that_has_moved_can_be_named(refuse: Call, wine_run: Run, tmp_path: Path) -> None:
    folder = wine_run.copy(tmp_path / "run")
    told = refuse("resume", folder, "--trials", 3, "--data", tmp_path / "away.csv").err
    assert "away.csv" in told


def test_show_and_report_answer_for_people_and_for_programs(call: Call, wine_run: Run) -> None:
    shown = call("show", wine_run.folder, "--json")
    assert json.loads(shown.out) == wine_run.result.metrics
    assert "searched network" in call("show", wine_run.folder).out
    assert call("report", wine_run.folder).out.strip() == str(wine_run.result.report)


def test_rows_without_a_target_are_dropped_and_counted(call: Call, tmp_path: Path) -> None:
    frame = table()
    frame.loc[:4, "kind"] = None
    told = call(
        *("search", write(tmp_path / "gäps.csv", frame), "--trials", 1, "--epochs", 1),
        *("--out", tmp_path / "my rün"),
    )
    assert told.code == 0, told.err
    assert "5 rows" in told.err
    assert (tmp_path / "my rün" / "result" / "model.py").is_file()
    assert told.out == "", "what is for people goes to stderr"


def test_images_of_different_sizes_are_resized_and_it_is_said(call: Call, tmp_path: Path) -> None:
    def widen(path: Path) -> None:
        Image.new("L", (9, 7)).save(path)

    folder = pictures(tmp_path / "my pïcs", widen)
    told = call("search", folder, "--trials", 1, "--epochs", 1, "--out", tmp_path / "run")
    assert told.code == 0, told.err
    assert "resized" in told.err
    answered = call("predict", tmp_path / "run", folder / "cats")
    assert answered.code == 0, answered.err
    assert len(answered.out.strip().splitlines()) == 9
