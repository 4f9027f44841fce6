"""The map of workspaces: which settings each entry becomes, what is refused, and that no message repeats a value."""

import json
from typing import Any

import pytest

from langsmith_core.errors import ConfigError
from langsmith_core.privacy.places import Place
from langsmith_core.settings import keys, workspaces
from langsmith_core.settings.config import Settings

SECRET, SALT = "lsv2_pt_1234567890abcdef", "0123456789abcdef"
GOOGLE = {"SINK": "bigquery", "GOOGLE_CLOUD_PROJECT": "acme"}


def tenant(number: int, **more: Any) -> dict[str, Any]:
    """Make an entry."""
    return {"LANGSMITH_TENANT_ID": f"tenant-{number}", **more}


def environment(entries: Any, **more: str) -> dict[str, str]:
    """Make an environment with these entries and a key for each."""
    text = entries if isinstance(entries, str) else json.dumps(entries)
    given = entries if isinstance(entries, dict) else {}
    secrets = {workspaces.key_variable(name): f"{SECRET}-{name}" for name in given}
    return {"WORKSPACES": text, **secrets, **more}


TWO = {"my-team": tenant(1, BIGQUERY_DATASET="one"), "b": tenant(2, BIGQUERY_DATASET="two", LANGSMITH_ORG_ID="org")}


def test_each_entry_becomes_settings_of_its_own() -> None:
    """An entry's keys win over the environment's, whose others hold for all. The key is that of the workspace."""
    given = environment(TWO, **GOOGLE, PAGE_SIZE="7")
    assert workspaces.names(given) == ("my-team", "b")
    found = [workspaces.settings(given, name) for name in ("my-team", "b")]
    assert [(one.api_key, one.tenant_id, one.org_id, one.bigquery_dataset, one.page_size, one.sink) for one in found] == [
        (f"{SECRET}-my-team", "tenant-1", None, "one", 7, "bigquery"),
        (f"{SECRET}-b", "tenant-2", "org", "two", 7, "bigquery"),
    ]
    assert "LANGSMITH_API_KEY__MY_TEAM" in given


def test_an_identity_is_the_entrys_alone() -> None:
    """Nothing of the environment's identity mixes with an entry's: its address is the public one unless it names another."""
    others = {"LANGSMITH_API_KEY": "other", "LANGSMITH_TENANT_ID": "other", "LANGSMITH_ORG_ID": "other"}
    given = environment({"a": tenant(1)}, **others, LANGSMITH_BASE_URL="https://eu.api.smith.langchain.com")
    found = workspaces.settings(given, "a")
    assert (found.api_key, found.tenant_id, found.org_id) == (f"{SECRET}-a", "tenant-1", None)
    assert found.base_url == "https://api.smith.langchain.com"


def test_without_a_map_the_environment_is_the_only_workspace() -> None:
    """A deployment of one workspace works as before. A call that names one there is refused."""
    given = {"LANGSMITH_API_KEY": SECRET, "LANGSMITH_TENANT_ID": "t", "WORKSPACES": " "}
    assert workspaces.names(given) == ()
    assert workspaces.settings(given, None).tenant_id == "t"
    with pytest.raises(ConfigError, match=r"^workspace: this function reads only one; leave the name out, or set WORKSPACES$"):
        workspaces.settings(given, "a")


@pytest.mark.parametrize("name", [None, "", "MY-TEAM", "c"])
def test_a_call_names_one_of_the_map(name: str | None) -> None:
    """A call without a name, or with another one, is told the choices."""
    with pytest.raises(ConfigError) as refused:
        workspaces.settings(environment(TWO), name)
    assert str(refused.value) == 'workspace: name one of these, as in {"workspace": "..."}: my-team, b'


NESTED = '{"a": {"PAGE_SIZE": "1", "PAGE_SIZE": "2"}}'
MAPS = [
    ("no JSON", r"^WORKSPACES: not JSON; write \{"),
    ("[" * 100_000, r"^WORKSPACES: not JSON; write \{"),
    ([], r"^WORKSPACES: it names no workspace"),
    ({}, r"^WORKSPACES: it names no workspace"),
    ('{"a": {}, "a": {}}', r"^WORKSPACES: an object in it gives one name twice"),
    (NESTED, r"^WORKSPACES: an object in it gives one name twice"),
    ({"A": tenant(1)}, r"^WORKSPACES: 'A' is not a name; write a lower-case letter"),
    ({"a_b": tenant(1)}, r"^WORKSPACES: 'a_b' is not a name"),
    ({"a" * 31: tenant(1)}, r"^WORKSPACES: 'a{31}' is not a name"),
    ({"1a": tenant(1)}, r"^WORKSPACES: '1a' is not a name"),
]


@pytest.mark.parametrize(("entries", "message"), MAPS)
def test_a_map_of_another_form_is_refused(entries: Any, message: str) -> None:
    """The message names WORKSPACES, whoever asks for what."""
    with pytest.raises(ConfigError, match=message):
        workspaces.names(environment(entries))


ENTRIES = [
    ("text", r"^WORKSPACES: the entry of a is not an object; write"),
    ({}, r"^LANGSMITH_TENANT_ID: missing in the entry of a; no workspace takes it from the environment$"),
    (tenant(1, LANGSMITH_TENANT_ID=" "), r"^LANGSMITH_TENANT_ID: missing in the entry of a"),
    (tenant(1, PAGE_SIZ="9"), r"^PAGE_SIZE: it is written as 'PAGE_SIZ'"),
    (tenant(1, PAGE_SIZE="many"), r"^PAGE_SIZE: write a whole number"),
    (tenant(1, WORKSPACES="{}"), r"^WORKSPACES: only the function's environment can name workspaces; take it out$"),
    (tenant(1, SINK="bigquery", STATE_STORE="duckdb"), r"^STATE_STORE: write firestore with SINK=bigquery"),
    (tenant(1, LANGSMITH_BASE_URL="http://example.org"), r"^LANGSMITH_BASE_URL: write https://"),
]


@pytest.mark.parametrize(("entry", "message"), ENTRIES)
def test_an_entry_that_cannot_be_used_is_refused(entry: Any, message: str) -> None:
    """The message begins with the key. The other workspaces go on."""
    given = environment({"a": entry, "other": tenant(2, LOCAL_DB="other")}, LANGSMITH_TENANT_ID="the environment's")
    with pytest.raises(ConfigError, match=message):
        workspaces.settings(given, "a")
    assert workspaces.settings(given, "other").tenant_id == "tenant-2"


@pytest.mark.parametrize(("secret", "place"), [("LANGSMITH_API_KEY", "LANGSMITH_API_KEY__MY_TEAM"), ("HASH_KEY", "HASH_KEY")])
def test_no_secret_stands_in_the_map(secret: str, place: str) -> None:
    """An entry with a secret, even an empty one, is refused. The message names workspace and key, and never the value."""
    for value in (SECRET, ""):
        with pytest.raises(ConfigError) as refused:
            workspaces.settings(environment({"my-team": tenant(1, **{secret: value})}), "my-team")
        assert str(refused.value) == (
            f"WORKSPACES: the entry of my-team holds {secret}, and no secret may stand in the map; make a new one, "
            f"and put it into the variable {place}"
        )


def test_a_workspace_without_its_key_is_told_where_to_put_it() -> None:
    """No workspace reads by the key of the environment, or of another workspace."""
    given = {"WORKSPACES": json.dumps({"my-team": tenant(1), "my": tenant(2)})}
    given |= {"LANGSMITH_API_KEY": SECRET, "LANGSMITH_API_KEY__MY": SECRET, "LANGSMITH_API_KEY__MY_TEAM": " "}
    with pytest.raises(ConfigError) as refused:
        workspaces.settings(given, "my-team")
    expected = "LANGSMITH_API_KEY__MY_TEAM: missing. The API key of workspace my-team, in the environment and from a secret"
    assert str(refused.value) == expected


def test_an_entry_adds_to_the_environments_privacy_and_takes_nothing_away() -> None:
    """Lists are joined. The environment's HASH_KEY holds for every workspace."""
    entry = tenant(1, EXCLUDE_COLUMNS="langsmith_run.outputs", PROJECTS_EXCLUDE=["b"], REDACT_PATHS="")
    given = environment({"a": entry}, EXCLUDE_COLUMNS="langsmith_run.inputs", PROJECTS_EXCLUDE="a", HASH_KEY=SALT)
    given |= {"REDACT_PATHS": "langsmith_run.error", "HASH_PATHS": "langsmith_run.name"}
    found = workspaces.settings(given, "a")
    assert found.exclude_columns == (Place("langsmith_run", "inputs"), Place("langsmith_run", "outputs"))
    assert (found.projects_exclude, found.hash_key) == (("a", "b"), SALT)
    assert (found.redact_paths, found.hash_paths) == ((Place("langsmith_run", "error"),), (Place("langsmith_run", "name"),))


def columns(**entries: dict[str, Any]) -> dict[str, bool]:
    """Return which workspaces write a `workspace_id`."""
    given = environment(entries, **GOOGLE)
    return {name: workspaces.settings(given, name).workspace_column for name in entries}


def test_rows_name_their_workspace_where_a_dataset_is_shared() -> None:
    """So do those of an entry that asks for it. Another dataset, or one of that name in another project, is not shared."""
    apart = {"GOOGLE_CLOUD_PROJECT": "other"}
    found = columns(a=tenant(1), b=tenant(2), c=tenant(3, BIGQUERY_DATASET="c"), d=tenant(4, **apart))
    assert found == {"a": True, "b": True, "c": False, "d": False}
    assert columns(a=tenant(1, WORKSPACE_COLUMN=True), b=tenant(2, BIGQUERY_DATASET="b")) == {"a": True, "b": False}


SAME = [
    ({"a": tenant(1), "b": tenant(2)}, "LOCAL_DB: a and b would write one file; give each entry a file of its own"),
    (
        {"a": tenant(1, LOCAL_DB="./x//y"), "b": tenant(2, LOCAL_DB="x/y")},
        "LOCAL_DB: a and b would write one file; give each entry a file of its own",
    ),
    (
        {"a": tenant(1, **GOOGLE), "b": tenant(1, **GOOGLE)},
        "WORKSPACES: a and b are one workspace in one dataset; remove one of them",
    ),
]


@pytest.mark.parametrize(("entries", "message"), SAME)
def test_workspaces_that_would_write_over_each_other_are_refused(entries: dict[str, Any], message: str) -> None:
    """Neither of the two runs. A third one does."""
    given = environment({**entries, "c": tenant(3, LOCAL_DB="c")})
    with pytest.raises(ConfigError) as refused:
        workspaces.settings(given, "a")
    assert str(refused.value) == message
    with pytest.raises(ConfigError):
        workspaces.settings(given, "b")
    assert workspaces.settings(given, "c").local_db == "c"


def test_one_workspace_may_be_written_into_two_datasets() -> None:
    """A tenant twice is no fault where its rows and positions lie apart."""
    given = environment({"a": tenant(1), "b": tenant(1, BIGQUERY_DATASET="b")}, **GOOGLE)
    one, other = workspaces.settings(given, "a"), workspaces.settings(given, "b")
    assert one.position != other.position
    assert (one.workspace_column, other.workspace_column) == (False, False)


def moved(**entry: str) -> tuple[Settings, Settings]:
    """Return the settings of a deployment of one workspace, and of the same one after it became an entry of a map."""
    plain = {"LANGSMITH_API_KEY": SECRET, "LANGSMITH_TENANT_ID": "tenant-1", **GOOGLE, "BIGQUERY_DATASET": "rows"}
    before = workspaces.settings(plain, None)
    return before, workspaces.settings(environment({"a": tenant(1, **entry), "b": tenant(2)}, **GOOGLE), "a")


def test_a_deployment_that_changes_to_a_map_keeps_its_position() -> None:
    """The position's name is made of address, tenant, project and dataset, and not of the workspace's name or key."""
    before, after = moved(BIGQUERY_DATASET="rows")
    assert (after.source, after.position) == (before.source, before.position)
    assert (after.firestore_database, after.firestore_collection) == (before.firestore_database, before.firestore_collection)
    before, after = moved(BIGQUERY_DATASET="other")
    assert after.position != before.position


def test_a_workspaces_key_is_a_secret() -> None:
    """All keys of workspaces are masked in every call. Their names are no misspelt LANGSMITH_API_KEY."""
    given = environment(TWO, HASH_KEY=SALT)
    assert sorted(keys.secrets(given)) == sorted([f"{SECRET}-my-team", f"{SECRET}-b", SALT])


def test_no_key_of_a_workspace_is_taken_for_a_misspelt_one(caplog: pytest.LogCaptureFixture) -> None:
    """Only names that are none of ours are warned of, once for all workspaces."""
    with caplog.at_level("WARNING", "langsmith_core"):
        workspaces.settings(environment(TWO, **GOOGLE, PAGE_SIZ="9"), "b")
    assert [record.getMessage() for record in caplog.records] == [
        "PAGE_SIZE: the environment has 'PAGE_SIZ', which is ignored; correct it if you meant the key"
    ]
