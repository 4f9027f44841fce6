"""The documents are written in short sentences. Code, tables, headings and blocks that scripts write do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("docs/**/*.md"), ROOT / "connector" / "README.md", ROOT / "terraform" / "README.md"})
GUIDE = ROOT / "docs" / "deploy.md"
"""A guide whose sentences are still longer, so it is not counted."""
AVERAGE = 18
"""Words that a page's sentences may have on average."""
LONGEST = 32
"""Words that one sentence may have."""
UNCOUNTED = re.compile(
    r"^```.*?^```|^<!-- (\w[\w-]*).*?^<!-- /\1 -->|<!--.*?-->|^#.*?$|^\|.*?$|^    .*?$", re.DOTALL | re.MULTILINE
)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )")
SENTENCE = re.compile(r"(?<=[.!?])[*)\"]*\s+(?=[^a-z]|v\d)")


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a page's paragraphs and list items, each on one line."""
    for paragraph in PARAGRAPH.split(UNCOUNTED.sub("", text)):
        line = " ".join(re.sub(r"`[^`]*`", "X", re.sub(r"\]\([^)]*\)", "]", paragraph)).split())
        yield from (one for one in SENTENCE.split(line) if words(one))


def words(sentence: str) -> int:
    """Return how many words a sentence has: a span of code is one."""
    return len(re.findall(r"[^\s]*\w[^\s]*", sentence))


@pytest.mark.parametrize("page", [page for page in PAGES if page != GUIDE], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_written_in_short_sentences(page: Path) -> None:
    """A page's sentences have under 18 words on average, and none has more than 32. The failure shows the longest ones."""
    found = sorted(sentences(page.read_text()), key=words, reverse=True)
    assert found
    assert sum(map(words, found)) / len(found) < AVERAGE, found[:5]
    assert [one for one in found if words(one) > LONGEST] == []


def test_a_long_sentence_is_seen() -> None:
    """Sentences of paragraphs and of lists are counted. Code, tables and headings are not, and a span of code is one word."""
    page = "# A heading of words\n\nOne two `a b c`. Three\nfour!\n\n- Five [six](a.md)\n- seven\n\n| a | b |\n\n```\ncode\n```\n"
    assert [(one, words(one)) for one in sentences(page)] == [
        ("One two X.", 3),
        ("Three four!", 2),
        ("- Five [six]", 2),
        ("- seven", 1),
    ]
