"""Cells kept by columns are the same cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfsheet.tables import Cell, Grid, Strip

_cell = st.one_of(
    st.builds(Cell, st.just("number"), st.integers(0, 3), st.booleans(), st.sampled_from(["General", "0%"])),
    st.builds(Cell, st.just("text"), st.sampled_from(["", "a"])),
    st.just(Cell("empty", None, True)),
)
_cells = st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 4)), _cell)


@given(_cells)
def test_a_grid_answers_like_the_cells_it_is_made_of(cells):
    grid = Grid.of(cells)
    assert {place: grid.get(place) for place in cells} == cells
    assert all((place in grid) == (place in cells) for place in [(r, c) for r in range(11) for c in range(6)])
    assert grid == cells
    assert list(grid) == sorted(cells)
    assert len(grid) == len(cells)
    assert grid.get((1, 9)) is None
    assert {place: grid.get(place) for place in cells} == cells


@given(_cells, st.integers(1, 5), st.integers(0, 9), st.integers(0, 9))
def test_a_strip_is_the_column_between_two_rows(cells, column, first, last):
    rows = sorted({row for row, _ in cells if first <= row <= last})
    strip = Grid.of(cells).strip(column, first, last)
    assert strip.cells == [(row, cells.get((row, column))) for row in rows]
    even = range(0, len(rows), 2)
    assert strip.only(even).cells == strip.cells[::2]
    assert strip.only(range(len(rows) // 2)).cells == strip.cells[: len(rows) // 2]


@given(st.lists(st.none() | _cell, max_size=6))
def test_the_kind_of_a_strip_is_that_of_all_its_cells(cells):
    kinds = {(cell.type, cell.formula, cell.format) for cell in cells if cell}
    kind = Strip.of(enumerate(cells)).kind
    assert kind == (kinds.pop() if len(kinds) == 1 else None)
