from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archwright.core.architecture import Architecture
from archwright.core.encode import (
    darts_text,
    digits,
    from_darts_text,
    from_digits,
    from_nb101_matrix,
    from_nb201_text,
    nb101_matrix,
    nb201_text,
)
from archwright.core.space import Choice, Dag, Node, Range, op, seq
from archwright.errors import SpaceError
from archwright.spaces import darts as darts_space
from archwright.spaces.cell201 import OPS, of_ops
from archwright.spaces.macro import of_digits
from archwright.spaces.nas101 import of_edges
from tests.core.spaces import SHAPE, SPACES, TOY, drawn

CELL201, NAS101, DARTS, MACRO = (SPACES[n] for n in ("cell201", "nas101", "darts", "macro"))

NB201 = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0),"
    " ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0),"
    " ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0),"
    " ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0),"
    " ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


def same(one: Architecture, other: Architecture) -> bool:
    return one.key == other.key


def test_a_cell_of_nas_bench_201_is_written_as_the_benchmark_does() -> None:
    arch = of_ops("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1")
    assert nb201_text(CELL201, arch) == NB201
    assert from_nb201_text(CELL201, f" {NB201}\n") == arch


def test_texts_of_the_benchmarks_round_trip() -> None:
    for arch in drawn(CELL201, 50):
        assert from_nb201_text(CELL201, nb201_text(CELL201, arch)) == arch
    for arch in drawn(MACRO, 50):
        assert from_digits(MACRO, digits(MACRO, arch)) == arch
    for arch in drawn(DARTS, 50):
        assert same(from_darts_text(DARTS, darts_text(DARTS, arch)), arch)


def test_the_table_of_macro_and_its_texts_agree() -> None:
    assert same(from_digits(MACRO, "22212202"), of_digits("22212202"))


def test_a_published_genotype_is_read_whatever_the_order_of_its_pairs() -> None:
    arch = from_darts_text(DARTS, DARTS_V2)
    assert same(arch, darts_space.portfolio(SHAPE)[1])
    text = darts_text(DARTS, arch)
    assert text.startswith("Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ")
    assert "('skip_connect', 0), ('sep_conv_3x3', 1), " in text  # sorted by state
    assert "normal_concat=range(2, 6), reduce=[" in text
    assert same(from_darts_text(DARTS, text), arch)


def test_another_cell_of_the_same_shape_is_written_alike() -> None:
    edge = Choice((op("a"), op("b")))
    dag = Dag(((0, 1, edge), (0, 2, op("b")), (1, 2, edge)))
    space, arch = seq(body=dag), Architecture.of({"body/0": "a", "body/2": "b"})
    assert nb201_text(space, arch) == "|a~0|+|b~0|b~1|"
    assert from_nb201_text(space, "|a~0|+|b~0|b~1|") == arch
    with pytest.raises(SpaceError, match=r"group 1, item 0: body/1 has no operation 'a'; known: b"):
        from_nb201_text(space, "|a~0|+|a~0|b~1|")


def test_the_reduction_cell_is_found_by_its_name() -> None:
    pair = (op("a"), op("a"))
    cell = Dag(((Choice(("0+1",)), 2, pair),), inputs=2, output="concat")
    other = Dag(((Choice(("0+1",)), 2, (op("b"), op("b"))),), inputs=2, output="concat")
    space = seq(reduction=cell, normal=other)
    arch = Architecture.of({"reduction/0/from": "0+1", "normal/0/from": "0+1"})
    assert darts_text(space, arch) == (
        "Genotype(normal=[('b', 0), ('b', 1)], normal_concat=range(2, 3),"
        " reduce=[('a', 0), ('a', 1)], reduce_concat=range(2, 3))"
    )


def test_matrices_of_nas_bench_101_come_back() -> None:
    for arch in drawn(NAS101, 15):
        matrix, ops = nb101_matrix(NAS101, arch)
        again, same_ops = nb101_matrix(NAS101, from_nb101_matrix(NAS101, matrix, ops))
        assert (matrix == again).all()
        assert ops == same_ops


def test_a_small_matrix_of_the_table_fills_the_first_states() -> None:
    matrix = [[0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    ops = ("input", "conv3x3-bn-relu", "maxpool3x3", "output")
    expected = of_edges(((0, 1), (0, 6), (1, 2), (2, 6)), ("conv3x3", "maxpool3x3"))
    assert same(from_nb101_matrix(NAS101, matrix, ops), expected)


def line(*edges: tuple[int, int], size: int = 3) -> list[list[float]]:
    """Return a matrix with these edges."""
    return [[float((s, t) in edges) for t in range(size)] for s in range(size)]


ENDS = ("input", "conv3x3", "output")


@pytest.mark.parametrize(
    ("matrix", "ops", "said"),
    [
        (line((0, 1)), ("input", "output"), r"as many rows .* \(3, 3\) and 2"),
        ([[0]], ("input",), "2 to 7"),
        (line(size=8), ("input", *["conv3x3"] * 6, "output"), "2 to 7"),
        ([0, 1], ("input", "output"), "as many rows"),
        (line((1, 0)), ENDS, r"matrix\[1, 0\] is 1.0; it is 0 or 1, above the diagonal"),
        ([[0, 2], [0, 0]], ("input", "output"), r"matrix\[0, 1\] is 2"),
        (line((0, 2)), ("conv3x3", "input", "output"), "from 'input' to 'output', not 'conv3x3'"),
        (line(), ENDS, "has 1 to 9 edges here, not 0"),
        (line((0, 1), (1, 2)), ("input", "conv5x5", "output"), r"operation 1: .* mean 'conv3x3'"),
    ],
)
def test_a_matrix_that_is_none_of_the_table_is_refused(matrix: Any, ops: Any, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_nb101_matrix(NAS101, matrix, ops)


def test_an_edge_that_the_space_does_not_offer_is_refused() -> None:
    dag = Dag(((Choice(("0-1", "1-2")), -1, op("identity")),), vertices=(op("conv"),))
    assert nb101_matrix(seq(c=dag), Architecture.of({"c/0/from": "1-2"}))[1] == (
        *("input", "conv", "output"),
    )
    with pytest.raises(SpaceError, match=r"matrix\[0, 2\]: the space offers no edge from 0 to 2"):
        from_nb101_matrix(seq(c=dag), line((0, 2)), ("input", "conv", "output"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "3 groups joined by '\\+' here, not 1"),
        (NB201.replace("|+|none~0|skip_connect~1|", "|"), "3 groups"),
        (NB201.replace("none~0", "nine~0"), "group 1, item 0: cells/cell/1 .* did you mean 'none'"),
        (NB201.replace("none~0", "none~1"), "group 1, item 0: expected an operation and ~0"),
        (NB201.replace("none~0|", ""), r"group 1: expected 2 of \|operation~state\|"),
        (NB201.replace("|avg", "avg"), "group 2: expected 3"),
        (NB201.replace("nor_conv_3x3~0", "~0"), "group 0, item 0: expected an operation"),
    ],
)
def test_a_malformed_text_of_nas_bench_201_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_nb201_text(CELL201, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2221220", "8 of them here, not 7"),
        ("2221220x", "position 7, layers/7: 'x' is not one of 012"),
        ("3" * 8, "position 0, layers/0: '3'"),
        ("²" * 8, "position 0"),
    ],
)
def test_malformed_digits_are_refused_with_position_and_path(text: str, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_digits(MACRO, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Genotype(normal=[", "character 17: this is no genotype"),
        ("Geno\0type", "this is no genotype"),
        ("", "this is no genotype"),
        ("[1]", "a genotype has the fields normal"),
        ("__import__('os').getcwd()", "a genotype has the fields"),
        (DARTS_V2.replace("Genotype", "Network"), "a genotype has the fields"),
        (DARTS_V2.replace("Genotype(", "Genotype(1, "), "a genotype has the fields"),
        (DARTS_V2.replace("reduce=", "reduction="), "a genotype has the fields"),
        (DARTS_V2.replace("sep_conv_3x3", "sep_conv_3", 1), "did you mean 'sep_conv_3x3'"),
        (DARTS_V2.replace("('sep_conv_3x3', 0), ", "", 1), "normal: 8 pairs .* not 7"),
        (DARTS_V2.replace("'sep_conv_3x3', 0", "'sep_conv_3x3', 1", 1), "not 1 and 1"),
        (DARTS_V2.replace("'sep_conv_3x3', 0", "'sep_conv_3x3', 2", 1), "pairs 0 and 1: state 2"),
        (DARTS_V2.replace("('sep_conv_3x3', 0)", "'sep_conv_3x3'", 1), "normal, pair 0: expected"),
        (DARTS_V2.replace("('sep_conv_3x3', 0)", "('a', True)", 1), "normal, pair 0"),
        (
            DARTS_V2.replace("reduce=[", "reduce=len([").replace("], reduce_", "]), reduce_"),
            "a list",
        ),
        (DARTS_V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=[4, 5]"), r"\[2, 3, 4, 5\]"),
        (DARTS_V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=range(9**9)"), "not None"),
        (DARTS_V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=range()"), "not None"),
    ],
)
def test_a_malformed_genotype_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_darts_text(DARTS, text)


@pytest.mark.parametrize(
    ("write", "space", "said"),
    [
        (nb201_text, "mlp", "columns/bins: a NAS-Bench-201 text describes cells"),
        (nb201_text, "darts", "cells/normal: a NAS-Bench-201 text .* has none; `sequence`"),
        (nb201_text, "nas101", "cells/cell: a NAS-Bench-201 text"),
        (darts_text, "cell201", "cells/cell: a DARTS genotype"),
        (darts_text, "nasnet", "cells/normal: a DARTS genotype"),
        (nb101_matrix, "cell201", "cells/cell: a NAS-Bench-101 matrix"),
        (digits, "mlp", "body/layers/depth: a text of digits .* `sequence`"),
        (digits, "nas101", "cells/cell/0/from: a text of digits"),
    ],
)
def test_a_text_asked_of_a_foreign_space_is_refused_with_the_path_and_what_would_do(
    write: Callable[[Node, Architecture], Any], space: str, said: str
) -> None:
    with pytest.raises(SpaceError, match=said):
        write(SPACES[space], drawn(SPACES[space], 1)[0])


@pytest.mark.parametrize("write", [nb201_text, darts_text, nb101_matrix, digits])
def test_an_architecture_of_another_space_cannot_be_written(write: Callable[..., Any]) -> None:
    space = {nb201_text: CELL201, darts_text: DARTS, nb101_matrix: NAS101, digits: MACRO}[write]
    with pytest.raises(SpaceError, match="no answer for this hole"):
        write(space, drawn(TOY, 1)[0])


def test_a_text_that_leaves_holes_open_is_refused_with_the_path() -> None:
    edge = Choice(tuple(map(op, OPS)))
    cell = Dag(((0, 1, edge),))
    with pytest.raises(SpaceError, match="depth: a NAS-Bench-201 text says nothing of this hole"):
        from_nb201_text(seq(cell=cell, depth=Range(1, 3)), "|none~0|")


def test_a_space_with_two_cells_has_no_text_of_one() -> None:
    cell = Dag(((0, 1, op("a")),))
    with pytest.raises(SpaceError, match=r"first: .* one cell of its shape, .* has first, second"):
        nb201_text(seq(first=cell, second=cell), Architecture(()))


def test_a_cell_that_an_architecture_does_not_have_cannot_be_written() -> None:
    edge = Choice(tuple(map(op, OPS)))
    space = seq(body=Choice((op("plain"), op("deep", cell=Dag(((0, 1, edge),))))))
    assert nb201_text(space, Architecture.of({"body": "deep", "body/deep/cell/0": "none"})) == (
        "|none~0|"
    )
    with pytest.raises(SpaceError, match="body/deep/cell: the architecture does not have this"):
        nb201_text(space, Architecture.of({"body": "plain"}))
