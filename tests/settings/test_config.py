"""Every configuration key, from environment and request: default, accepted values, and refusals that name the key."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.errors import ConfigError
from langsmith_core.privacy.places import Place
from langsmith_core.settings import config, request_values
from langsmith_core.settings.config import KEYS, Settings
from langsmith_core.settings.keys import METADATA, OFF

KEY, TENANT = "lsv2_pt_secret", "5f0c4dfe-93c1-4c5e-8d5e-0b6a3b2f9a10"
OWN = {"LANGSMITH_API_KEY": KEY, "LANGSMITH_TENANT_ID": TENANT}
CLOUD = "https://api.smith.langchain.com"

# Every key: its field, its default, a text and what it means, texts that cannot be used.
QUEUE = "projects/p/locations/l/queues/q"
TABLE: list[tuple[str, str, Any, dict[str, Any], list[str]]] = [
    ("LANGSMITH_API_KEY", "api_key", KEY, {"lsv2_sk_other": "lsv2_sk_other", " padded ": "padded"}, ["two words", "caf\u00e9"]),
    ("LANGSMITH_TENANT_ID", "tenant_id", TENANT, {"other": "other"}, ["two words"]),
    ("LANGSMITH_ORG_ID", "org_id", None, {"org": "org"}, ["two words"]),
    (
        "LANGSMITH_BASE_URL",
        "base_url",
        CLOUD,
        {"https://eu.api.smith.langchain.com/api/v1/": "https://eu.api.smith.langchain.com"},
        ["x"],
    ),
    ("PAGE_SIZE", "page_size", 200, {"1": 1, "1000": 1000}, ["0", "-1", "1.5", "many", "1000001", "1" * 5000]),
    ("SYNC_RUNS", "off:langsmith_run", True, {"no": False, "TRUE": True}, ["maybe"]),
    ("SYNC_DATASET_VERSIONS", "off:langsmith_dataset_version", True, {"0": False, "yes": True}, ["maybe"]),
    ("SYNC_EXAMPLES", "off:langsmith_example", True, {"false": False, "1": True}, ["maybe"]),
    ("SYNC_FEEDBACK", "off:langsmith_feedback", True, {"off": False}, ["maybe"]),
    ("SYNC_FEEDBACK_CONFIGS", "off:langsmith_feedback_config", True, {"False": False}, ["maybe"]),
    (
        "SYNC_ANNOTATION_QUEUES",
        "off:langsmith_annotation_queue,langsmith_annotation_queue_item",
        True,
        {"false": False, "true": True},
        ["maybe"],
    ),
    ("SYNC_PROMPTS", "off:langsmith_prompt,langsmith_prompt_commit", True, {"false": False, "true": True}, ["maybe"]),
    ("SYNC_USAGE", "off:langsmith_usage_day", True, {"false": False, "true": True}, ["maybe"]),
    ("USER_ID_METADATA_KEY", "metadata:user_id", "user_id", {"customer": "customer", "a.b c": "a.b c"}, ["x" * 201, "a\0"]),
    ("ENVIRONMENT_METADATA_KEY", "metadata:environment", "environment", {"it's": "it's"}, ['a"b', "a\\b", "\ud800"]),
    (
        "START_TIME",
        "start_time",
        None,
        {"2026-01-31": datetime(2026, 1, 31, tzinfo=UTC)},
        ["soon", "31.01.2026", "1969-12-31", "2101-01-01", "0001-01-01T00:00:00+14:00"],
    ),
    ("PROJECTS", "projects", (), {"a, b": ("a", "b")}, [",".join(map(str, range(1_001)))]),
    ("PROJECTS_EXCLUDE", "projects_exclude", (), {"a, b": ("a", "b")}, [",".join(map(str, range(1_001)))]),
    (
        "EXCLUDE_COLUMNS",
        "exclude_columns",
        (),
        {
            "langsmith_run.inputs": (Place("langsmith_run", "inputs"),),
            "*.outputs, langsmith_run.raw": (
                Place("langsmith_run", "outputs"),
                Place("langsmith_example", "outputs"),
                Place("langsmith_run", "raw"),
            ),
        },
        ["inputs", "langsmith_run.nothing", "nothing.inputs", "langsmith_run.run_id", "*.start_time", "langsmith_run.inputs.a"],
    ),
    (
        "REDACT_PATHS",
        "redact_paths",
        (),
        {
            "langsmith_run.name": (Place("langsmith_run", "name"),),
            'langsmith_run.inputs.m[*][0].*["a, b"],langsmith_run.raw.extra.x-y': (
                Place("langsmith_run", "inputs", ("m", None, 0, None, "a, b")),
                Place("langsmith_run", "raw", ("extra", "x-y")),
            ),
        },
        ["langsmith_run.inputs[", "langsmith_run.inputs..a", "langsmith_run.total_cost", "*.raw", "langsmith_run.raw.session_id"],
    ),
    (
        "HASH_PATHS",
        "hash_paths",
        (),
        {},
        ["langsmith_run.run_id", "langsmith_run.raw.*", 'langsmith_run.inputs["\\q"]', "[" * 20_001],
    ),
    ("HASH_KEY", "hash_key", None, {"0123456789abcdef": "0123456789abcdef"}, ["0123456789abcde"]),
    (
        "MAX_SECONDS",
        "seconds_max",
        240.0,
        {"30": 30.0, "0.5": 0.5},
        ["0", "-1", "nan", "inf", "long", "604801", "1e308", "1" * 5000],
    ),
    ("MAX_RESPONSE_MB", "bytes_max", 8_000_000, {"1.5": 1_500_000}, ["0", "-1", "nan", "inf", "big", "1001", "1e308"]),
    ("BIGQUERY_MAX_GB", "bigquery_bytes_max", 10**12, {"0.5": 5 * 10**8}, ["0", "-1", "nan", "all", "1000001"]),
    ("SINK", "sink", "duckdb", {"duckdb": "duckdb", "bigquery": "bigquery"}, ["postgres", "DuckDB"]),
    ("STATE_STORE", "state_store", "duckdb", {"duckdb": "duckdb", "firestore": "firestore"}, ["redis"]),
    ("LOCAL_DB", "local_db", "langsmith.duckdb", {"/data/x y.duckdb": "/data/x y.duckdb"}, []),
    ("GOOGLE_CLOUD_PROJECT", "google_project", None, {"my-project": "my-project"}, []),
    ("BIGQUERY_DATASET", "bigquery_dataset", "langsmith", {"raw_2026": "raw_2026"}, ["my-data", "a.b", "d`", "é"]),
    ("WORKSPACE_COLUMN", "workspace_column", False, {"yes": True}, ["maybe"]),
    ("RETENTION_DAYS", "retention_days", None, {"400": 400}, ["0", "-1", "1.5", "ever"]),
    ("FIRESTORE_DATABASE", "firestore_database", "(default)", {"langsmith": "langsmith"}, []),
    ("FIRESTORE_COLLECTION", "firestore_collection", "langsmith_sync", {"a_b": "a_b"}, ["a/b", "a b"]),
    ("CHECK_COMPLETENESS", "check", True, {"off": False}, ["maybe"]),
    ("SHARDS", "shards", 0, {"4": 4, "20": 20}, ["21", "-1", "1.5", "many", "²", "1" * 5000]),
    ("TASKS_QUEUE", "tasks_queue", None, {QUEUE: QUEUE}, ["shards", "projects/p/queues/q", f"{QUEUE}/tasks/t"]),
    (
        "TASKS_URL",
        "tasks_url",
        None,
        {"https://f": "https://f", "http://localhost:8080/": "http://localhost:8080/"},
        ["f", "http://f", "ftp://f", "http://"],
    ),
    ("TASKS_ACCOUNT", "tasks_account", None, {"a@b": "a@b"}, []),
    ("JSON_COLUMNS", "json_columns", "json", {"string": "string", "json": "json"}, ["text", "both"]),
]
REQUIRED = ["LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"]


def value_of(settings: Settings, field: str) -> Any:
    """What a key has come to: its field, or of a SYNC switch, whether its table is synced."""
    if field.startswith(METADATA):
        return dict(settings.metadata_keys)[field.removeprefix(METADATA)]
    off = field.removeprefix(OFF).split(",")
    return not {*off} & {*settings.off} if field.startswith(OFF) else getattr(settings, field)


def test_every_key_is_in_the_table_above() -> None:
    """No key is without a test, and each fills one field of Settings; the switches fill one together."""
    assert [key.name for key in KEYS] == [name for name, *_ in TABLE]
    assert [key.field for key in KEYS] == [field for _, field, *_ in TABLE]
    gathered = {OFF: "off", METADATA: "metadata_keys"}
    fields = dict.fromkeys(gathered.get(key.field.partition(":")[0] + ":", key.field) for key in KEYS)
    assert list(Settings.__struct_fields__) == [
        *fields,
        "state_bytes_max",
        "pages_grow",
    ]  # the face's, and whether PAGE_SIZE is set
    assert [key.name for key in KEYS if key.required] == REQUIRED
    assert all(key.meaning for key in KEYS)


@pytest.mark.parametrize(("field", "default"), [(field, default) for _, field, default, *_ in TABLE])
def test_defaults(field: str, default: Any) -> None:
    """What holds where nothing but the two required keys is given, or where a text is empty."""
    assert value_of(config.load(OWN), field) == default
    assert value_of(config.load({**dict.fromkeys((name for name, *_ in TABLE), ""), **OWN}), field) == default
    assert value_of(config.load(OWN, dict.fromkeys((name for name, *_ in TABLE), "")), field) == default
    assert value_of(config.load(OWN, dict.fromkeys(name for name, *_ in TABLE)), field) == default


@pytest.mark.parametrize(
    ("name", "field", "text", "value"),
    [(name, field, text, value) for name, field, _, good, _ in TABLE for text, value in good.items()],
)
def test_good_values_from_either_source(name: str, field: str, text: str, value: Any) -> None:
    """A value means the same from the environment and from a request, spaces around it aside."""
    assert value_of(config.load({**OWN, name: text}), field) == value
    assert value_of(config.load({**OWN, name: f"  {text}\n"}), field) == value
    assert value_of(config.load({}, {**OWN, name: text}), field) == value


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, *_, bad in TABLE for text in bad])
def test_bad_values_are_refused_by_name(name: str, text: str) -> None:
    """A refusal begins with the key, and holds neither the value nor the API key."""
    refusals: list[tuple[dict[str, str], dict[str, str]]] = [({**OWN, name: text}, {}), ({}, {**OWN, name: text})]
    for refused in refusals:
        with pytest.raises(ConfigError, match=rf"^{name}: \S+") as caught:
            config.load(*refused)
        assert KEY not in str(caught.value)
        assert len(text) < 4 or text not in str(caught.value)


@pytest.mark.parametrize("value", [None, "", "  "])
@pytest.mark.parametrize("name", REQUIRED)
def test_required_keys(name: str, value: str | None) -> None:
    """A missing required key is refused, and the message says what it is for."""
    given = {key: text for key, text in {**OWN, name: value}.items() if text is not None}
    with pytest.raises(ConfigError, match=rf"^{name}: missing\. \S+"):
        config.load(given)


@pytest.mark.parametrize(
    ("name", "value", "field", "meant"),
    [
        ("PAGE_SIZE", 50, "page_size", 50),
        ("SYNC_RUNS", False, "off:langsmith_run", False),
        ("SYNC_RUNS", True, "off:langsmith_run", True),
        ("MAX_SECONDS", 0.5, "seconds_max", 0.5),
        ("MAX_RESPONSE_MB", 2, "bytes_max", 2_000_000),
    ],
)
def test_a_request_may_give_numbers_and_booleans(name: str, value: Any, field: str, meant: Any) -> None:
    """Fivetran's secrets may be JSON: a number or boolean is as good as its text."""
    assert value_of(config.load(OWN, {name: value}), field) == meant


@pytest.mark.parametrize(("name", "value"), [("PAGE_SIZE", True), ("PAGE_SIZE", 1.5), ("SYNC_RUNS", 2), ("MAX_SECONDS", [1])])
def test_a_request_may_not_give_the_wrong_kind(name: str, value: Any) -> None:
    """A value of the wrong type is refused by its key's name."""
    with pytest.raises(ConfigError, match=f"^{name}: "):
        config.load(OWN, {name: value})


def test_a_list_of_projects_is_taken_or_refused() -> None:
    """PROJECTS as a JSON list is read as its names, or refused; it never means other names."""
    try:
        assert config.load(OWN, {"PROJECTS": ["a", "b"]}).projects == ("a", "b")
    except ConfigError as error:
        assert str(error).startswith("PROJECTS: ")  # noqa: PT017  either is fine, anything else is not


def test_the_request_wins_over_the_environment() -> None:
    """A request overrides the environment key by key. Other keys keep the environment's value."""
    found = config.load({**OWN, "PAGE_SIZE": "10", "MAX_SECONDS": "5"}, {"PAGE_SIZE": "20", "PROJECTS": "a"})
    assert (found.page_size, found.seconds_max, found.projects, found.api_key) == (20, 5.0, ("a",), KEY)


URL = "https://self.example.com"
IDENTITY = {
    "LANGSMITH_BASE_URL": URL,
    "LANGSMITH_API_KEY": "mine",
    "LANGSMITH_TENANT_ID": "other",
    "LANGSMITH_ORG_ID": "org",
}
PARTS = [part for count in range(5) for part in combinations(IDENTITY, count)]


@pytest.mark.parametrize(
    "shape", [lambda given: given, lambda given: {"a": given}, lambda given: [{"key": k, "value": v} for k, v in given.items()]]
)
@pytest.mark.parametrize("part", PARTS)
def test_key_workspace_address_and_organization_come_from_one_place(part: tuple[str, ...], shape: Callable[[Any], Any]) -> None:
    """A request that names one identity key must bring key and workspace. Then none of the environment's four is used."""
    environment = {name: f"https://own.example.com/{name}" for name in IDENTITY}
    asked = request_values.merged(
        shape({name: IDENTITY[name] for name in part[:1]}), shape({name: IDENTITY[name] for name in part[1:]})
    )
    if part and not {"LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"} <= set(part):
        with pytest.raises(ConfigError, match=r"^LANGSMITH_[A-Z_]+: give LANGSMITH_(API_KEY|TENANT_ID) beside it") as refused:
            config.load(environment, asked)
        assert str(refused.value).split(":")[0] in part
        return
    found = config.load(environment, asked)
    given = {name: IDENTITY[name] for name in part} if part else environment
    assert (found.api_key, found.tenant_id) == (given["LANGSMITH_API_KEY"], given["LANGSMITH_TENANT_ID"])
    assert (found.base_url, found.org_id) == (given.get("LANGSMITH_BASE_URL", CLOUD), given.get("LANGSMITH_ORG_ID"))


@pytest.mark.parametrize("nothing", ["", None, "  ", "\n"])
@pytest.mark.parametrize("name", IDENTITY)
def test_a_field_left_empty_names_nothing(name: str, nothing: str | None) -> None:
    """Empty fields, which Fivetran's form sends too, leave the environment's identity in force."""
    own = {**OWN, "LANGSMITH_BASE_URL": "https://own.example.com", "LANGSMITH_ORG_ID": "own"}
    assert config.load(own, {name: nothing}) == config.load(own)


LISTS = [
    ("EXCLUDE_COLUMNS", "exclude_columns", "langsmith_run.inputs", "*.raw"),
    ("REDACT_PATHS", "redact_paths", "langsmith_run.inputs.a", "langsmith_example.outputs.b"),
    ("HASH_PATHS", "hash_paths", "langsmith_run.inputs.a", "langsmith_example.outputs.b"),
    ("PROJECTS_EXCLUDE", "projects_exclude", "one", "two"),
]


@pytest.mark.parametrize(("name", "field", "own", "asked"), LISTS)
def test_a_request_adds_to_what_is_hidden_and_takes_nothing_from_it(name: str, field: str, own: str, asked: str) -> None:
    """A request cannot reveal what the environment hides, but can hide more."""
    key = {"HASH_KEY": "0123456789abcdef"}
    both = value_of(config.load({**OWN, **key, name: f"{own},{asked}"}), field)
    assert value_of(config.load({**OWN, **key, name: own}, {name: asked}), field) == both
    empty: list[Any] = ["", None, []]
    for nothing in empty:
        assert value_of(config.load({**OWN, **key, name: own}, {name: nothing}), field) == both[:1]


def test_the_key_of_hashes_is_the_environments() -> None:
    """A request cannot replace HASH_KEY. Hashing without a key, or with a short one that could be guessed, is refused."""
    own = {**OWN, "HASH_KEY": "0123456789abcdef", "HASH_PATHS": "langsmith_run.name"}
    assert config.load(own, {"HASH_KEY": "0123456789abcdef"}) == config.load(own)
    for environment, request in (
        (own, {"HASH_KEY": "fedcba9876543210"}),
        ({**own, "HASH_KEY": ""}, {}),
        ({**own, "HASH_KEY": "short"}, {}),
    ):
        with pytest.raises(ConfigError, match=r"^HASH_KEY: "):
            config.load(environment, request)


@pytest.mark.parametrize("own", [{}, {"USER_ID_METADATA_KEY": "customer"}])
@pytest.mark.parametrize(
    "hiding",
    [{"EXCLUDE_COLUMNS": "*.user_id"}, {"REDACT_PATHS": "langsmith_run.user_id"}, {"HASH_PATHS": "langsmith_run.user_id"}],
)
def test_a_request_cannot_look_for_a_hidden_user_elsewhere(own: dict[str, str], hiding: dict[str, str]) -> None:
    """With another key, the value under the environment's would be shown. Another column's key is the request's to choose."""
    environment = {**OWN, **own, **hiding, "HASH_KEY": "0123456789abcdef"}
    same = {"USER_ID_METADATA_KEY": own.get("USER_ID_METADATA_KEY", "user_id")}
    assert config.load(environment, same) == config.load(environment)
    with pytest.raises(ConfigError, match=r"^USER_ID_METADATA_KEY: .* hides user_id"):
        config.load(environment, {"USER_ID_METADATA_KEY": "other"})
    chosen = config.load(environment, {"ENVIRONMENT_METADATA_KEY": "other"})
    assert dict(chosen.metadata_keys) == {"user_id": same["USER_ID_METADATA_KEY"], "environment": "other"}
    shown = config.load({**OWN, **own}, {"USER_ID_METADATA_KEY": "other", **hiding, "HASH_KEY": "0123456789abcdef"})
    assert dict(shown.metadata_keys) == {"user_id": "other", "environment": "environment"}


MISSPELT = {
    "exclude_columns": "EXCLUDE_COLUMNS",
    "EXCLUDE_COLUMN": "EXCLUDE_COLUMNS",
    "Redact-Paths": "REDACT_PATHS",
    "HASH_PATH": "HASH_PATHS",
    "PROJECT_EXCLUDE": "PROJECTS_EXCLUDE",
    "PROJECTS_EXCLUDED": "PROJECTS_EXCLUDE",
    "PROJECT": "PROJECTS",
    "langsmith_api_key": "LANGSMITH_API_KEY",
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_key_that_is_nearly_one_of_ours_is_refused(name: str) -> None:
    """A misspelt key is refused, as it would be ignored. The message begins with the right key and holds no value."""
    with pytest.raises(ConfigError, match=rf"^{MISSPELT[name]}: it is written as '{name}', which") as refused:
        config.load(OWN, {name: "a,b,c"})
    assert "a,b,c" not in str(refused.value)
    assert config.load(OWN, {name: ""}) == config.load(OWN, {name: None}) == config.load(OWN)


@pytest.mark.parametrize("name", ["TEAM", "LANGSMITH_PROJECT", "LANGCHAIN_API_KEY", "LANGSMITH_WORKSPACE_ID", "START_DATE", ""])
def test_a_key_that_is_none_of_ours_is_passed_over(name: str) -> None:
    """A key that resembles none of ours is ignored."""
    assert config.load(OWN, {name: "a"}) == config.load(OWN)


def test_an_object_under_a_key_of_ours_is_no_object_of_keys() -> None:
    """An object under one of our keys is refused as its value, and not searched for keys."""
    with pytest.raises(ConfigError, match=r"^EXCLUDE_COLUMNS: item 1 is not a place"):
        config.load(OWN, request_values.flat({"EXCLUDE_COLUMNS": {"langsmith_run": ["inputs"]}}))


FLAT: list[tuple[Any, dict[str, Any]]] = [
    ({"PAGE_SIZE": "5", "A": 1}, {"PAGE_SIZE": "5", "A": 1}),
    ({"langsmith": {"PAGE_SIZE": "5"}, "A": {"B": {"C": 1}}}, {"PAGE_SIZE": "5", "C": 1}),
    ([{"key": "PAGE_SIZE", "value": "5"}, {"key": "A", "value": None}], {"PAGE_SIZE": "5", "A": None}),
    ([{"key": "A"}, {"key": 5, "value": 1}, {"value": 1}, "B", None], {"A": None}),
    ([{"key": "A", "value": {"PAGE_SIZE": "5"}}], {"PAGE_SIZE": "5"}),
    ([], {}),
    ({}, {}),
    *[(nothing, {}) for nothing in (None, "text", 5, True)],
]


@pytest.mark.parametrize(("value", "flat"), FLAT)
def test_secrets_and_payloads_in_every_shape(value: Any, flat: dict[str, Any]) -> None:
    """An object, nested objects, and a list of key and value give the same pairs. Anything else gives none."""
    assert request_values.flat(value) == flat


@pytest.mark.parametrize(
    "value",
    [
        {"PAGE_SIZE": "5", "a": {"PAGE_SIZE": "6"}},
        {"a": {"PAGE_SIZE": "5"}, "b": {"c": {"PAGE_SIZE": "5"}}},
        [{"key": "PAGE_SIZE", "value": "5"}, {"key": "PAGE_SIZE", "value": "6"}],
    ],
)
def test_a_key_with_two_values_is_refused(value: Any) -> None:
    """A key with two values is refused, since either may be meant. An empty field is no second value."""
    with pytest.raises(ConfigError, match=r"^PAGE_SIZE: the request gives it twice"):
        request_values.flat(value)
    assert request_values.flat({"PAGE_SIZE": "", "a": {"PAGE_SIZE": "6"}, "b": {"PAGE_SIZE": None}}) == {"PAGE_SIZE": "6"}


def test_secrets_win_over_the_payload_but_for_what_is_hidden() -> None:
    """Secrets win over the payload, but privacy lists are joined, and an empty secret takes nothing back."""
    payload = {"PAGE_SIZE": "5", "PROJECTS_EXCLUDE": "a", "EXCLUDE_COLUMNS": "*.raw", "REDACT_PATHS": "langsmith_run.name"}
    secrets = {"PAGE_SIZE": "6", "PROJECTS_EXCLUDE": ["b", "c"], "EXCLUDE_COLUMNS": "", "REDACT_PATHS": None}
    assert request_values.merged(payload, secrets) == {**payload, "PAGE_SIZE": "6", "PROJECTS_EXCLUDE": "a,b,c"}


def test_a_request_with_a_thousand_keys_is_refused() -> None:
    """A request with over 1,000 keys is refused: each key is compared with all of ours."""
    with pytest.raises(ConfigError, match=r"^body: more than 1000 keys"):
        config.load(OWN, {f"LANGSMITH_{number}": "a" for number in range(1_001)})


def test_no_repr_holds_the_key() -> None:
    """Printed settings show the address and the workspace, but never the API key."""
    found = config.load({**OWN, "LANGSMITH_ORG_ID": "org"})
    printed = f"{found} {found!r} {[found]} { ({'a': found}) }"
    assert KEY not in printed
    assert repr(found) == f"Settings(base_url='{CLOUD}', tenant_id='{TENANT}')"


def test_the_fingerprint_is_of_host_and_workspace_alone() -> None:
    """The state's fingerprint survives a new API key, but not another workspace or host."""
    one = config.load(OWN).source
    assert one == config.load({**OWN, "LANGSMITH_API_KEY": "rotated", "PAGE_SIZE": "7"}).source
    others = [config.load({**OWN, "LANGSMITH_TENANT_ID": "x"}), config.load({**OWN, "LANGSMITH_BASE_URL": URL})]
    assert len({one, *(other.source for other in others)}) == 3
    assert KEY not in one


@given(
    st.dictionaries(
        st.sampled_from([name for name, *_ in TABLE]), st.text(max_size=8) | st.integers() | st.booleans() | st.none()
    )
)
def test_any_values_are_settings_or_a_refusal_by_name(values: dict[str, Any]) -> None:
    """Any values of a request give settings, or a refusal that names a known key."""
    try:
        assert isinstance(config.load(OWN, json.loads(json.dumps(values))), Settings)
    except ConfigError as error:
        assert str(error).split(":")[0] in {name for name, *_ in TABLE}  # noqa: PT017  settings or this


@pytest.mark.parametrize("pair", [("bigquery", "duckdb"), ("duckdb", "firestore")])
def test_a_cursor_stays_by_its_rows(pair: tuple[str, str]) -> None:
    """SINK and STATE_STORE of different systems are refused: rows would be lost when one of them is changed."""
    with pytest.raises(ConfigError, match=r"^STATE_STORE: write firestore with SINK=bigquery"):
        config.standalone({**OWN, "SINK": pair[0], "STATE_STORE": pair[1]})


def test_shards_need_a_sink_for_several_a_queue_and_an_address() -> None:
    """SHARDS without one of them is refused with the key that is missing. With all of them, or without SHARDS, it is not."""
    whole = {"SINK": "bigquery", "SHARDS": "2", "TASKS_QUEUE": QUEUE, "TASKS_URL": "https://f", "TASKS_ACCOUNT": "a@b"}
    assert config.standalone({**OWN, **whole}).shards == 2
    for missing, key in (
        ("SINK", "SHARDS"),
        ("TASKS_QUEUE", "TASKS_QUEUE"),
        ("TASKS_URL", "TASKS_URL"),
        ("TASKS_ACCOUNT", "TASKS_ACCOUNT"),
    ):
        part = {name: value for name, value in whole.items() if name != missing}
        with pytest.raises(ConfigError, match=f"^{key}: "):
            config.standalone({**OWN, **part})
        assert config.standalone({**OWN, **part, "SHARDS": "0"}).shards == 0


def test_another_dataset_begins_with_an_empty_cursor() -> None:
    """Another destination or workspace begins with an empty state: the position's fingerprint differs."""
    chosen = [{}, {"BIGQUERY_DATASET": "b"}, {"GOOGLE_CLOUD_PROJECT": "p"}, {"SINK": "bigquery"}, {"LANGSMITH_TENANT_ID": "t"}]
    assert len({config.load({**OWN, **values}).position for values in chosen}) == len(chosen)
