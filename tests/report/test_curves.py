"""Series as pictures."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import numpy as np

from archwright.report.curves import data_uris


def drawn(uri: str) -> list[str]:
    text = base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()
    return [path.attrib["d"] for path in ElementTree.fromstring(text).iter() if "d" in path.attrib]


def test_a_line_a_channel_broken_at_gaps() -> None:
    series = np.array([[[0, 1, np.nan, 3, 4], [2, 2, 2, 2, 2]], [[9, 9, 9, 9, 9], [1, 1, 1, 1, 1]]])
    (uri,) = data_uris(series, np.array([0]))
    first, second = drawn(uri)
    assert first.count("M") == 2, "the gap is left open"
    assert second.count("M") == 1


def test_a_thousand_steps_are_thinned_out_and_no_rows_are_no_pictures() -> None:
    (uri,) = data_uris(np.zeros((1, 1, 5000)), np.array([0]))
    assert drawn(uri)[0].count("L") < 400
    assert data_uris(np.zeros((1, 1, 9)), np.array([], dtype=np.int64)) == []
