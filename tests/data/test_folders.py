"""Which kind of data a folder of files holds."""

from pathlib import Path

import pandas as pd
import pytest

from archwright.data.folders import find, kind, named_kind
from archwright.errors import DataError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_most_files_tell_the_kind_and_hidden_ones_do_not_count(tmp_path: Path) -> None:
    assert kind(tmp_path) is None
    touch(tmp_path, "a/1.png", "readme.txt", "a/2.png", ".cache/1.wav", "a/.3.wav", "b/.x/4.wav")
    assert kind(tmp_path) == "image"
    touch(tmp_path, "a/1.wav", "b/2.flac", "b/3.ogg")
    assert kind(tmp_path) == "audio"


def test_a_table_names_files_only_if_they_are_there(tmp_path: Path) -> None:
    touch(tmp_path, "1.wav")
    assert named_kind(pd.DataFrame({"file": ["1.wav", "2.png"]}), tmp_path) == "audio"
    assert named_kind(pd.DataFrame({"file": ["2.png"]}), tmp_path) is None


def test_a_long_text_is_not_looked_for_as_a_file(tmp_path: Path) -> None:
    assert named_kind(pd.DataFrame({"said": ["a text of many words. " * 50] * 3}), tmp_path) is None


def test_parts_need_a_training_part(tmp_path: Path) -> None:
    touch(tmp_path, "test/a/1.txt", "val/a/2.txt")
    with pytest.raises(DataError, match="has no folder train beside test, val"):
        find(tmp_path, "text")
