"""Where a pretrained encoder is looked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data import load
from archwright.data.pretrained import folder
from archwright.errors import DataError
from tests.nets.berts import small_bert

ASK = """
import sys
from archwright.data.pretrained import folder
from archwright.errors import DataError
try:
    print(folder(sys.argv[1]))
except DataError as error:
    print(error)
"""


def asked(name: str, home: Path) -> str:
    """Return what is said of a model of the hub, which cannot be reached, but for what is kept."""
    known = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ASK, name], env=known, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    made = small_bert(tmp_path / "bert")
    assert folder(str(made)) == made
    with pytest.raises(DataError, match=r"holds no config\.json; name the folder of a model"):
        folder(str(tmp_path))


def test_a_model_that_was_fetched_before_is_found_without_the_hub(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    kept = tmp_path / "hub" / "models--someone--small"
    small_bert(kept / "snapshots" / "abc")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc")
    assert asked("someone/small", tmp_path).endswith("snapshots/abc")


@pytest.mark.parametrize("name", ["someone/other", "no such//name"])
def test_a_model_that_cannot_be_fetched_is_named_with_the_way_out(
    tmp_path: Path, name: str
) -> None:
    pytest.importorskip("huggingface_hub")
    told = asked(name, tmp_path)
    assert told.startswith(f"encoder {name!r}: there is no such folder, and the hub did not give")
    assert told.endswith("Name the folder of a model that was fetched elsewhere.")


def test_an_encoder_is_refused_for_what_it_cannot_read(tmp_path: Path, wine: pd.DataFrame) -> None:
    made = str(small_bert(tmp_path / "bert"))
    with pytest.raises(DataError, match="takes one column of texts; found none"):
        load(wine, encoder=made)
    with pytest.raises(DataError, match="the data are images; they cannot be read as texts"):
        load((np.zeros((40, 8, 8)), np.arange(40) % 2), encoder=made)
    with pytest.raises(DataError, match="it reads texts alone, and these are tables; leave it out"):
        load(wine, encoder=made, modality="table")
    with pytest.raises(DataError, match="encoder: forecasts have no such choice"):
        load(np.arange(400.0), horizon=4, encoder=made)


def test_a_task_of_texts_knows_its_encoder(tmp_path: Path) -> None:
    made = small_bert(tmp_path / "bert")
    frame = pd.DataFrame({"said": ["go now", "stay here"] * 20, "kind": ["a", "b"] * 20})
    task = load(frame, types={"said": "text"}, encoder=str(made))
    assert task.about == {"column": "said", "encoder": str(made)}
