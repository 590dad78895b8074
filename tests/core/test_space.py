from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archwright.core.architecture import sample
from archwright.core.space import Choice, Dag, Op, Range, Repeat, Seq, label, op, resolve, seq, size
from archwright.errors import SpaceError


def first(path: str, hole: Any) -> Any:
    return hole.values[0]


def paths(space: Any) -> list[str]:
    seen: list[str] = []

    def last(path: str, hole: Any) -> Any:
        seen.append(path)
        return hole.values[-1]

    resolve(space, last)
    return seen


def test_a_choice_without_options_is_refused() -> None:
    with pytest.raises(SpaceError, match="never be filled"):
        Choice(())


def test_a_choice_with_two_options_of_one_name_is_refused() -> None:
    with pytest.raises(SpaceError, match="same name"):
        Choice((op("conv", kernel=3), op("conv", kernel=5)))


def test_a_literal_stands_for_itself_and_an_operation_for_its_name() -> None:
    assert Choice((True, 2, 0.5, "relu", op("conv"))).values == (True, 2, 0.5, "relu", "conv")


def test_an_option_that_is_neither_literal_nor_operation_is_refused() -> None:
    with pytest.raises(SpaceError, match="must be a literal or an Op"):
        label(Seq(()))


@pytest.mark.parametrize("options", [(1, True), (0, False), (2, 2.0)])
def test_options_that_python_holds_equal_are_refused(options: tuple[Any, ...]) -> None:
    with pytest.raises(SpaceError, match="same name"):
        Choice(options)


def test_a_choice_gives_the_option_that_an_answer_names() -> None:
    conv = op("conv", kernel=3)
    assert Choice((conv, "none")).pick("conv") is conv


def test_a_choice_refuses_an_answer_that_it_does_not_offer() -> None:
    with pytest.raises(SpaceError, match="'gelu' is not one of"):
        Choice(("relu", "tanh")).pick("gelu")


def test_a_choice_is_drawn_and_redrawn_from_its_options() -> None:
    hole, rng = Choice(("a", "b", "c")), Random(0)
    assert {hole.draw(rng) for _ in range(50)} == {"a", "b", "c"}
    assert {hole.redraw("a", rng) for _ in range(50)} == {"b", "c"}


@pytest.mark.parametrize(("low", "high", "log"), [(3, 2, False), (0, 4, True)])
def test_a_range_that_holds_nothing_to_draw_is_refused(low: int, high: int, log: bool) -> None:
    with pytest.raises(SpaceError, match="no number that can be drawn"):
        Range(low, high, log=log)


def test_a_range_gives_numbers_of_its_own_and_refuses_all_else() -> None:
    assert Range(1, 3).pick(3) == 3
    for wrong in (4, 2.0, "2"):
        with pytest.raises(SpaceError, match="not a whole number from 1 to 3"):
            Range(1, 3).pick(wrong)


@pytest.mark.parametrize("log", [False, True])
def test_a_range_draws_both_of_its_ends_and_nothing_outside(log: bool) -> None:
    rng = Random(0)
    assert {Range(1, 4, log=log).draw(rng) for _ in range(200)} == {1, 2, 3, 4}


def test_a_logarithmic_range_draws_each_order_of_magnitude_equally_often() -> None:
    rng = Random(0)
    drawn = [Range(1, 999, log=True).draw(rng) for _ in range(3000)]
    shares = [sum(low <= d < 10 * low for d in drawn) / 3000 for low in (1, 10, 100)]
    # a third each; four standard deviations of a share of 3,000 are 0.034
    assert shares == pytest.approx([1 / 3] * 3, abs=0.035)


@pytest.mark.parametrize("log", [False, True])
def test_a_range_is_redrawn_to_another_number_most_often_near(log: bool) -> None:
    hole, rng = Range(1, 1000, log=log), Random(0)
    drawn = [hole.redraw(300, rng) for _ in range(400)]
    assert 300 not in drawn
    assert all(1 <= each <= 1000 for each in drawn)
    assert sum(abs(each - 300) <= 250 for each in drawn) > 200


def test_a_range_of_two_is_redrawn_to_the_other() -> None:
    assert {Range(1, 2).redraw(1, Random(i)) for i in range(9)} == {2}


def test_an_operation_answers_with_its_parameters() -> None:
    assert op("conv", kernel=3)["kernel"] == 3


def test_equal_spaces_are_equal_and_hashable() -> None:
    one, two = (seq(a=op("conv", kernel=Choice((3, 5)))) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)


def test_paths_are_made_of_names_and_of_what_was_answered() -> None:
    space = seq(
        stem=op("conv", width=Range(8, 64)),
        body=Repeat(Choice((op("pool"), op("conv", kernel=Choice((3, 5))))), Range(1, 2)),
    )
    assert paths(space) == [
        "stem/width",
        "body/depth",
        "body/0",
        "body/0/conv/kernel",
        "body/1",
        "body/1/conv/kernel",
    ]


def test_children_without_names_are_numbered() -> None:
    assert paths(Seq((Choice((1, 2)), Choice((1, 2))))) == ["0", "1"]


def test_names_that_do_not_match_the_children_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        Seq((1, 2), ("only",)).steps()


def test_tied_copies_share_their_paths() -> None:
    assert set(paths(Repeat(Choice((1, 2)), 3, tied=True))) == {"each"}
    assert set(paths(Repeat(Choice((1, 2)), 3))) == {"0", "1", "2"}


def test_a_resolved_tree_has_no_holes() -> None:
    space = seq(a=Repeat(op("conv", kernel=Choice((3, 5))), Choice((2, 3))), b="flatten")
    conv = op("conv", kernel=3)
    assert resolve(space, first) == seq(a=Seq((conv, conv)), b="flatten")


def test_a_cell_may_choose_where_its_edges_come_from() -> None:
    cell = Dag(((0, 1, op("conv")), (Choice((0, 1)), 2, Choice((op("skip"), op("pool"))))))
    assert paths(cell) == ["1/from", "1"]
    assert resolve(cell, first) == Dag(((0, 1, op("conv")), (0, 2, op("skip"))))


def test_a_chosen_literal_is_taken_as_it_is() -> None:
    assert resolve(Choice((False, True)), first) is False


def test_an_answer_that_does_not_fit_is_refused_with_its_path() -> None:
    with pytest.raises(SpaceError, match=r"^body/kernel: 4 is not one of \(3, 5\)$"):
        resolve(seq(body=op("conv", kernel=Choice((3, 5)))), lambda path, hole: 4)


def test_size_counts_every_architecture_once() -> None:
    kernel = Choice((3, 5))
    conv = op("conv", kernel=kernel)
    assert size(7) == 1
    assert size(Range(1, 10)) == 10
    assert size(Choice((conv, op("pool"), "none"))) == 4
    assert size(seq(a=conv, b=conv)) == 4
    assert size(Repeat(conv, 3)) == 8
    assert size(Repeat(conv, Range(1, 3))) == 2 + 4 + 8
    assert size(Repeat(conv, Choice((1, 3)), tied=True)) == 2 + 2
    assert size(Dag(((0, 1, conv), (Choice((0, 1)), 2, conv)))) == 2 * 2 * 2


def test_size_agrees_with_the_number_of_different_samples() -> None:
    space = Repeat(Choice((op("conv", kernel=Choice((3, 5))), op("pool"))), Range(1, 2))
    rng = Random(0)
    assert len({sample(space, rng).key for _ in range(500)}) == size(space) == 3 + 9


def test_the_operation_helper_and_the_plain_form_are_one() -> None:
    assert op("conv", out=8, kernel=3) == Op("conv", (("out", 8), ("kernel", 3)))


def test_one_answer_may_name_two_sources_and_each_has_its_own_node() -> None:
    conv, pool = Choice((op("conv"), op("skip"))), Choice((op("pool"), op("skip")))
    cell = Dag(((Choice(("0+1", "0+2", "1+2")), 3, (conv, pool)),), inputs=3)
    answers = {"0/from": "0+2", "0/0": "conv", "0/1": "skip"}
    assert resolve(cell, lambda path, _: answers[path]).edges == (
        (0, 3, op("conv")),
        (2, 3, op("skip")),
    )
    assert size(cell) == 3 * 2 * 2


def test_one_answer_may_name_both_ends_and_equal_edges_are_one() -> None:
    pairs = Choice(("0-1", "0-2", "1-2"))
    cell = Dag(tuple((pairs, -1, op("identity")) for _ in range(3)), vertices=(op("conv"),))
    answers = {"0/from": "0-1", "1/from": "1-2", "2/from": "0-1"}
    assert resolve(cell, lambda path, _: answers[path]).edges == (
        (0, 1, op("identity")),
        (1, 2, op("identity")),
    )
    assert size(cell) == 3**3


def test_the_vertices_of_a_cell_are_holes_like_others() -> None:
    cell = Dag(((0, 1, op("identity")),), vertices=(Choice((op("conv"), op("pool"))),))
    assert resolve(cell, lambda path, _: {"vertex/0": "pool"}[path]).vertices == (op("pool"),)
    assert size(cell) == 2


@pytest.mark.parametrize(
    "edge", [(2, 1, op("conv")), (1, 1, op("conv")), (Choice(("0-2", "3-2")), -1, op("conv"))]
)
def test_a_cell_in_which_there_could_be_a_cycle_is_refused(edge: Any) -> None:
    with pytest.raises(SpaceError, match=r"edge 1 of a cell: \d to \d does not lead forward"):
        Dag(((0, 1, op("conv")), edge))


def test_a_literal_stands_for_itself() -> None:
    assert resolve(3, first) == 3
