"""What is kept of a page's rows."""

from langsmith_core.records import rows
from langsmith_core.streams.registry import RUN
from langsmith_core.sync.page_read import Read
from samples import encoded


def test_a_row_that_goes_out_as_it_is_is_kept_once() -> None:
    """One short copy stands for the row and for what was shown of it. A row that privacy has changed has a copy of its own."""
    row = rows.to_row(RUN, encoded({"id": "1", "inputs": "i" * 5_000}), {})
    read = Read()
    read.show(RUN, row, b"line", read.add(RUN, row, filled=True))
    assert read.shown[0] is read.rows[0]
    read.show(RUN, row | {"inputs": None}, b"another", None)
    assert (read.shown[1]["inputs"], len(read.rows[0]["inputs"])) == (None, rows.LIGHT_CHARACTERS)
    assert (read.lines, read.size) == ({"1": b"another"}, len(b"another") + 1)
