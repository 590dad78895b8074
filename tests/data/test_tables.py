"""Table files: what is read, and what each kind of broken file is told."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data.tables import read_rows
from archwright.errors import DataError

FRAME = pd.DataFrame({"age": [39, 50, 28], "city": ["Bern", "Köln", "Århus"], "pay": [1.5, 2, 3]})


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_format_gives_the_same_rows(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    FRAME.to_csv(tmp_path / "a.csv.gz", index=False)
    FRAME.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    FRAME.to_json(tmp_path / "a.json", orient="records")
    for path in sorted(tmp_path.iterdir()):
        read = read_rows(path)
        assert read.to_dict("list") == FRAME.to_dict("list"), path.name


def test_paths_with_spaces_and_other_letters_work(tmp_path: Path) -> None:
    path = tmp_path / "größe und höhe.csv"
    FRAME.to_csv(path, index=False)
    assert len(read_rows(str(path))) == 3


def test_semicolons_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\ufeffa;b\n1;x\n2;y\n")
    assert read_rows(path).to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_decimal_commas_are_understood_where_commas_do_not_part_columns(tmp_path: Path) -> None:
    rows = "a;b;c;d\n1,5;1,5;x,y;7\n-2;01,5;2,5;8\n?;;3,5;9\n1e3;2;1.000,5;10\n"
    read = read_rows(written(tmp_path / "a.csv", rows))
    assert read["a"].tolist()[::3] == [1.5, 1000.0]
    assert np.isnan(read["a"][2])
    assert read["c"].tolist() == ["x,y", "2,5", "3,5", "1.000,5"], "not all are numbers"
    assert read["d"].dtype == int
    assert read_rows(tmp_path / "a.csv", {"a": "categorical"})["a"][0] == "1,5"
    quoted = read_rows(written(tmp_path / "b.csv", 'a,b\n"1,500",1\n"2,500",2\n'))
    assert quoted["a"].tolist() == ["1,500", "2,500"], "these may be thousands"


def test_question_marks_are_missing_and_the_column_stays_numeric(tmp_path: Path) -> None:
    read = read_rows(written(tmp_path / "a.csv", "a, b\n1, ?\n?, x\n3,NA\n"))
    assert read["a"].tolist()[::2] == [1.0, 3.0]
    assert np.isnan(read["a"][1])
    assert read["b"].isna().tolist() == [True, False, True]


def test_none_may_be_a_category_but_not_among_numbers(tmp_path: Path) -> None:
    read = read_rows(written(tmp_path / "a.csv", "a,b\n1,None\n2,Brick\nNone,None\n"))
    assert read["b"].tolist() == ["None", "Brick", "None"]
    assert read["a"].isna().sum() == 1
    assert read["a"].dtype == float


def test_codes_stay_text_where_the_task_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "zip,n\n02139,1\n10115,2\n")
    assert read_rows(path, {"zip": "categorical"})["zip"].tolist() == ["02139", "10115"]
    assert read_rows(path)["zip"].tolist() == [2139, 10115]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"b\.csv: there is no such file"):
        read_rows(tmp_path / "b.csv")
    with pytest.raises(DataError, match=r"not a table; archwright reads \.csv"):
        read_rows(written(tmp_path / "b.xlsx", "x"))


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="the file is empty"):
        read_rows(written(tmp_path / "a.csv", text))


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a header but no rows"):
        read_rows(written(tmp_path / "a.csv", "a,b\n"))


@pytest.mark.parametrize(("line", "count"), [("1,2,3", 3), ("1", 1)])
def test_a_ragged_csv_names_the_line_and_the_count(tmp_path: Path, line: str, count: int) -> None:
    with pytest.raises(DataError, match=f"line 3 has {count} fields, the header has 2"):
        read_rows(written(tmp_path / "a.csv", f"a,b\n1,2\n{line}\n5,6\n"))


def test_a_quoted_line_break_is_no_ragged_line(tmp_path: Path) -> None:
    read = read_rows(written(tmp_path / "a.csv", 'a,b\n"one\ntwo, three",2\n'))
    assert read["a"].tolist() == ["one\ntwo, three"]


def test_text_that_is_not_utf8_names_the_byte_and_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b\n1,x\n2,Köln\n".encode("latin1"))
    with pytest.raises(DataError, match=r"byte 0xf6 at position \d+ \(line 3\).*iconv"):
        read_rows(path)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'a' appears more than once; rename one of them$"):
        read_rows(written(tmp_path / "a.csv", "a,b,a\n1,2,3\n"))
    with pytest.raises(DataError, match="is the header line missing"):
        read_rows(written(tmp_path / "a.csv", "5.1,3,5.1\n1,2,3\n"))
    with pytest.raises(DataError, match="'a' appears more than once"):
        read_rows(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_bad_json_line_is_named(tmp_path: Path) -> None:
    good = json.dumps({"a": 1})
    with pytest.raises(DataError, match="line 2: not valid JSON"):
        read_rows(written(tmp_path / "a.jsonl", f"{good}\n{{a: 1\n"))
    with pytest.raises(DataError, match="record 2 is not an object"):
        read_rows(written(tmp_path / "a.jsonl", f"{good}\n[1, 2]\n"))
    with pytest.raises(DataError, match="line 1: not valid JSON"):
        read_rows(written(tmp_path / "a.json", "[{]"))


def test_lists_of_plain_values_become_text(tmp_path: Path) -> None:
    found = read_rows(written(tmp_path / "a.jsonl", '{"a": ["x", "y"]}\n{"a": []}\n{"a": [3]}\n'))
    assert found["a"].tolist() == ["x;y", "", "3"]


def test_anything_else_in_cells_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 'a' holds a list in row 1"):
        read_rows(written(tmp_path / "a.jsonl", '{"a": [[1], [2]]}\n{"a": [3]}\n'))
    with pytest.raises(DataError, match="column 'a' holds a dict in row 1"):
        read_rows(written(tmp_path / "a.jsonl", '{"a": {"b": 2}}\n'))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="damaged or not a Parquet file"):
        read_rows(written(tmp_path / "a.parquet", b"PAR1 nonsense"))
    packed = gzip.compress(b"a,b\n1,2\n" * 100)
    for damaged in (b"no gzip", packed[: len(packed) // 2]):
        with pytest.raises(DataError, match="damaged gzip file"):
            read_rows(written(tmp_path / "a.csv.gz", damaged))


def test_infinity_names_its_row() -> None:
    with pytest.raises(DataError, match=r"column 'a' holds infinity in 1 rows \(first: row 2\)"):
        read_rows(pd.DataFrame({"a": [1.0, np.inf]}))


def test_pandas_types_become_plain_ones() -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "kind": pd.Categorical([1, 2, 1]),
            "when": pd.to_datetime(["2024-01-01", "2024-01-02", None]).tz_localize("UTC"),
            "mixed": [1, "x", None],
            "took": pd.to_timedelta([1, 2, 3], unit="s"),
        },
        index=[5, 6, 7],
    )
    read = read_rows(frame)
    assert read.index.tolist() == [0, 1, 2]
    assert read["whole"].dtype == float
    assert read["flag"].tolist()[::2] == ["True", "False"]
    assert read["kind"].tolist() == ["1", "2", "1"]  # categories are no quantities
    assert read["when"].dtype.kind == "M"
    assert read["mixed"].tolist()[:2] == ["1", "x"]
    assert read["took"].tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(DataError, match="complex"):
        read_rows(pd.DataFrame({"a": [1j]}))


def test_arrow_columns_and_very_large_whole_numbers_are_plain_too() -> None:
    frame = pd.DataFrame({"a": [1, None, 3], "s": ["x", None, "y"], "f": [1.5, 2, None]})
    read = read_rows(frame.convert_dtypes(dtype_backend="pyarrow"))
    assert read["a"].tolist()[::2] == [1.0, 3.0]
    assert read["s"].tolist()[::2] == ["x", "y"]
    assert read["f"].dtype == float
    assert read_rows(pd.DataFrame({"a": np.array([2**63 + 5], dtype=np.uint64)}))["a"][0] > 2**62
