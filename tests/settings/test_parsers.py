"""Every form of a configuration value, accepted and refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.settings import parsers

CLOUD = "https://api.smith.langchain.com"
# What is written, and what is meant.
GOOD: list[tuple[Callable[[str], Any], dict[str, Any]]] = [
    (parsers.text, {"": "", " any \u00e9": " any \u00e9"}),
    (parsers.header, {"lsv2_pt_1": "lsv2_pt_1", "": "", "a-b~!": "a-b~!"}),
    (parsers.boolean, dict.fromkeys(["true", "TRUE", "True", "1", "yes", "on"], True)),
    (parsers.boolean, dict.fromkeys(["false", "FALSE", "0", "no", "Off"], False)),
    (parsers.count, {"1": 1, "007": 7, "1000": 1000}),
    (parsers.positive, {"1": 1.0, "0.5": 0.5, "1e3": 1000.0, ".5": 0.5}),
    (parsers.megabytes, {"8": 8_000_000, "0.5": 500_000, "1e-9": 1}),
    (
        parsers.moment,
        {
            "2026-01-31": datetime(2026, 1, 31, tzinfo=UTC),
            "2026-01-31T12:00:00": datetime(2026, 1, 31, 12, tzinfo=UTC),
            "2026-01-31T12:00:00Z": datetime(2026, 1, 31, 12, tzinfo=UTC),
            "2026-01-31T12:00:00+02:00": datetime(2026, 1, 31, 10, tzinfo=UTC),
        },
    ),
    (parsers.names, {"": (), "a": ("a",), " a , b ,,a, c d ": ("a", "b", "c d"), ",": ()}),
    (parsers.one_of("a", "b"), {"a": "a", "b": "b"}),
    (
        parsers.base_url,
        {
            **dict.fromkeys(
                [CLOUD + tail for tail in ("", "/", "/api", "/api/", "/v1", "/v1/", "/api/v1", "/api/v1/", "//")], CLOUD
            ),
            "https://example.com/langsmith/api/v1": "https://example.com/langsmith",
            "https://example.com:8443/api": "https://example.com:8443",
            "http://localhost:1984/api/v1": "http://localhost:1984",
            "http://127.0.0.1:1984": "http://127.0.0.1:1984",
            "http://[::1]:1984": "http://[::1]:1984",
        },
    ),
]
# What cannot be used, and what the message says.
BAD: list[tuple[Callable[[str], Any], list[str], str]] = [
    (parsers.header, ["two words", "caf\u00e9", "line\nbreak", "tab\t", "nul\x00", "\u200b"], "copy it again"),
    (parsers.boolean, ["", "maybe", "2", "truee", "null"], "write true or false"),
    (parsers.count, ["", "0", "-1", "1.5", "1e3", "ten", "\u0663", "+1", "1 000"], "write a whole number above 0"),
    (parsers.positive, ["", "0", "-1", "nan", "inf", "-inf", "ten", "1e400"], "write a number above 0"),
    (parsers.megabytes, ["", "0", "-1", "nan", "inf", "8 MB"], "write a number above 0"),
    (parsers.moment, ["", "yesterday", "2026", "31.01.2026", "2026-02-30", "0001-01-01T00:00:00+14:00"], "such as 2026-01-31"),
    (parsers.one_of("a", "b"), ["", "A", "c", "a b"], "write a or b"),
    (
        parsers.base_url,
        [
            *("", "api.smith.langchain.com", "https://", "ftp://example.com", "file:///etc", "https:example.com"),
            *("https://example.com?a=b", "https://example.com#a", "https://me@example.com", "https://me:pw@example.com"),
        ],
        "such as https://api.smith.langchain.com",
    ),
    (parsers.base_url, ["https://example.com:abc", "https://example.com:99999", "https://[::1"], ".+"),
    (
        parsers.base_url,
        ["http://api.smith.langchain.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"],
        "write https://",
    ),
]


@pytest.mark.parametrize(
    ("parse", "text", "value"), [(parse, text, value) for parse, table in GOOD for text, value in table.items()]
)
def test_good_forms(parse: Callable[[str], Any], text: str, value: Any) -> None:
    """Each way to write a value gives that value."""
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "message"), [(parse, text, message) for parse, texts, message in BAD for text in texts]
)
def test_bad_forms_say_what_to_write(parse: Callable[[str], Any], text: str, message: str) -> None:
    """A refused text's message says what to write instead."""
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_more_megabytes_than_a_float_holds_are_refused_or_taken() -> None:
    """A huge number of megabytes is accepted as a bound, or refused like any other bad one."""
    try:
        assert parsers.megabytes("1e308") > 0
    except ValueError as error:
        assert "write a number" in str(error)  # noqa: PT017  either is fine, anything else is not


@pytest.mark.parametrize(
    "text", ["https://example.com?", "https://example.com#", "https://:pw@example.com", "https://@example.com"]
)
def test_an_address_with_empty_parts_is_refused_or_without_them(text: str) -> None:
    """An address with empty parts is refused, or accepted without them, so that a path can follow."""
    try:
        assert parsers.base_url(text) == "https://example.com"
    except ValueError as error:
        assert "write the API's address" in str(error)  # noqa: PT017  either is fine, anything else is not


PARSERS = [*dict.fromkeys(parse for parse, _ in GOOD)]


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text(max_size=30) | st.from_regex(r"https?://[a-z.:@/?#\[\]0-9]{0,20}", fullmatch=True))
def test_any_text_is_a_value_or_a_value_error(parse: Callable[[str], Any], text: str) -> None:
    """A parser returns a value or raises ValueError with a message, whatever the text."""
    try:
        parse(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017  any value or this error


@given(
    st.sampled_from([CLOUD, "http://localhost:1", "https://example.com/x"]),
    st.sampled_from(["", "/", "/api", "/v1", "/api/v1", "/api/v1/"]),
)
def test_an_address_read_twice_is_the_same(root: str, tail: str) -> None:
    """Parsing an address again gives the same address."""
    assert parsers.base_url(parsers.base_url(root + tail)) == parsers.base_url(root + tail) == root
