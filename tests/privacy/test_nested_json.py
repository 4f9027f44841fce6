"""Which texts a lenient reader takes for JSON. Not here: what happens to them (test_replace)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.privacy.nested_json import may_hold_json

JSON = '{"mail": "ann@example.com"}'
READ = {
    "plain": JSON,
    "a list": "[1]",
    "behind blanks": f" \n\t\u00a0{JSON}",
    "behind a byte order mark": f"\ufeff{JSON}",
    "behind zero-width spaces": f"\u200b\u2060\u200d{JSON}",
    "behind a sign of direction": f"\u202e\u00ad{JSON}",
    "behind a control character": f"\x1e{JSON}",
    "behind what stands for a character that was none": f"\ufffd{JSON}",
    "behind a guard against scripts": f")]}}',\n{JSON}",
    "in a fence": f"```\n{JSON}\n```",
    "in a fence that names it": f"```json\n{JSON}\n```",
    "in a fence that names its cousin": f"```JSON5 \n{JSON}",
    "encoded twice": json.dumps(JSON),
    "encoded three times": json.dumps(json.dumps(JSON)),
    "encoded twice, its bracket escaped": '"\\u007b\\"mail\\": 1}"',
    "encoded twice, a mark inside and blanks outside": f" {json.dumps(chr(0xFEFF) + JSON)} ",
    "cut off": JSON[:-5],
    "encoded twice and cut off": json.dumps(JSON)[:-5],
}
NOT_READ = [
    "",
    "plain",
    "so {}",
    "7",
    "-1",
    "null",
    '"a word"',
    '"a" and "{}"',
    '"\\ud800 open',
    "```python\n{}\n```",
    "jsonish {}",
    '"',
    "\ufeff",
]


@pytest.mark.parametrize("name", READ)
def test_what_some_reader_takes_for_json_is_seen(name: str) -> None:
    """A text counts as JSON whatever signs precede it, except letters and digits, and however often it is encoded."""
    assert may_hold_json(READ[name])


@pytest.mark.parametrize("text", NOT_READ)
def test_other_texts_are_left_alone(text: str) -> None:
    """A text that begins with a word or a number does not count, although brackets follow."""
    assert not may_hold_json(text)


@given(st.sampled_from(["{}", "[]"]), st.integers(0, 4), st.text("\ufeff\u200b \n`'.,;:-", max_size=4))
def test_encoding_it_again_hides_nothing(text: str, times: int, before: str) -> None:
    """Encoding JSON again, with signs before it at each level, does not hide it."""
    for _ in range(times):
        text = json.dumps(before + text)
    assert may_hold_json(before + text)


def test_a_long_text_takes_one_look() -> None:
    """Hundreds of thousands of quotes, brackets and signs are scanned once in all, not once for each."""
    for text in ('"' * 300_000 + "a", "\ufeff" * 300_000 + "a", "`" * 300_000 + "json" * 50_000, '"' + "\\\\" * 100_000 + 'a" b'):
        assert not may_hold_json(text)
