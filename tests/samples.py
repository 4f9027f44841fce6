"""Recorded pages, settings and moments that several rooms of tests share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from langsmith_core.settings import config
from langsmith_core.settings.config import Settings

FIXTURES = Path(__file__).parent / "data" / "fixtures"
NOW = datetime(2026, 6, 1, tzinfo=UTC)

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  as Hypothesis wants it
IDS = st.uuids().map(str)


def fixture(name: str) -> Any:
    """One of the documents of `tests/data/fixtures`, by the number it begins with."""
    (path,) = FIXTURES.glob(f"{name}_*.json")
    return json.loads(path.read_bytes())


def compact(value: Any) -> str:
    """JSON text without a space, as it reaches a destination."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def encoded(value: Any) -> bytes:
    """JSON text as bytes, as LangSmith sends it."""
    return compact(value).encode()


def settings(**values: str) -> Settings:
    """Settings of a configured workspace, with these keys besides."""
    return config.load({"LANGSMITH_API_KEY": "lsv2_pt_key", "LANGSMITH_TENANT_ID": "workspace", **values})


def nested(levels: int, inner: str = "") -> str:
    """JSON text of so many lists in one another."""
    return "[" * levels + inner + "]" * levels
