"""Datasets and their versions on the simulator. Not here: examples (test_sim_examples)."""

from simulator.client import make
from simulator.times import parse_time

MISSING = "00000000-0000-4000-8000-000000000009"


def test_dataset_record_is_whole() -> None:
    """A dataset has every field of the schema. The change time is `modified_at`; there is no `updated_at`."""
    sim, api = make()
    ident = sim.workspace.add_dataset("cases", description="all", data_type="chat", metadata={"a": 1})
    sim.workspace.add_example(ident, {"q": 1})
    sim.workspace.add_project("trial", reference_dataset_id=ident, start_time="2026-05-01T00:00:00Z")
    assert api.get(f"/datasets/{ident}").json() == {
        "name": "cases",
        "description": "all",
        "created_at": "2026-06-01T00:00:00+00:00",
        "inputs_schema_definition": None,
        "outputs_schema_definition": None,
        "externally_managed": False,
        "transformations": None,
        "data_type": "chat",
        "id": ident,
        "tenant_id": sim.tenant_id,
        "example_count": 1,
        "session_count": 1,
        "modified_at": "2026-06-01T00:00:00+00:00",
        "last_session_start_time": "2026-05-01T00:00:00+00:00",
        "metadata": {"a": 1},
        "baseline_experiment_id": None,
    }


def test_only_changes_of_the_dataset_itself_move_modified_at() -> None:
    """A rename moves modified_at; a new example does not. Only versions announce changes of examples."""
    sim, api = make()
    ident = sim.workspace.add_dataset("cases")
    sim.clock.advance(hours=1)
    sim.workspace.add_example(ident, {"q": 1})
    assert api.get(f"/datasets/{ident}").json()["modified_at"] == "2026-06-01T00:00:00+00:00"
    sim.workspace.rename_dataset(ident, "other")
    renamed = api.get(f"/datasets/{ident}").json()
    assert (renamed["name"], renamed["modified_at"]) == ("other", "2026-06-01T01:00:00+00:00")


def test_filters_and_order() -> None:
    """Ids, names, type and metadata filter. Every column sorts, nulls last in descending order."""
    sim, api = make()
    one = sim.workspace.add_dataset("One", created_at="2026-05-01T00:00:00Z", metadata={"a": 1})
    two = sim.workspace.add_dataset("two", created_at="2026-05-02T00:00:00Z", data_type="llm")
    sim.workspace.add_project("trial", reference_dataset_id=one)

    def found(**params: str | list[str]) -> list[str]:
        return [row["id"] for row in api.get("/datasets", **params).json()]

    assert found() == [one, two]
    assert found(sort_by="created_at") == [two, one]
    assert found(sort_by="modified_at", sort_by_desc="false") == [one, two]
    assert found(sort_by="session_count") == [one, two]
    assert (found(id=[two]), found(name="One"), found(name_contains="o", limit="1", offset="1")) == ([two], [one], [two])
    assert (found(data_type="llm"), found(metadata='{"a": 1}')) == ([two], [one])


def test_every_change_of_examples_makes_a_version() -> None:
    """Adding, editing and deleting an example each make a version of its own moment, even if the clock stands still."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    assert api.get(f"/datasets/{dataset}/versions").json() == []
    assert api.get(f"/datasets/{dataset}/version", tag="latest").status_code == 404
    example = sim.workspace.add_example(dataset, {"q": 1})
    sim.workspace.edit_example(example, outputs={"a": 2})
    sim.workspace.delete_example(example)
    assert api.get(f"/datasets/{dataset}/versions").json() == [
        {"tags": ["latest"], "as_of": "2026-06-01T00:00:00.000002+00:00"},
        {"tags": None, "as_of": "2026-06-01T00:00:00.000001+00:00"},
        {"tags": None, "as_of": "2026-06-01T00:00:00+00:00"},
    ]
    assert api.get(f"/datasets/{dataset}/versions", limit=1, offset=1).json() == [
        {"tags": None, "as_of": "2026-06-01T00:00:00.000001+00:00"}
    ]


def test_version_is_found_by_time_and_by_tag() -> None:
    """The version at a moment is the newest not after it; tags move."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    sim.workspace.add_example(dataset, {"q": 1})
    sim.clock.advance(hours=2)
    sim.workspace.add_example(dataset, {"q": 2})
    first = {"tags": None, "as_of": "2026-06-01T00:00:00+00:00"}
    path = f"/datasets/{dataset}/version"
    assert api.get(path, as_of="2026-06-01T01:00:00Z").json() == first
    assert api.get(path, tag="latest").json() == {"tags": ["latest"], "as_of": "2026-06-01T02:00:00+00:00"}
    assert api.get(path, as_of="2026-05-01T00:00:00Z").status_code == 404
    assert api.get(path).status_code == 400
    answer = api.session.put(
        f"https://api.smith.langchain.com/api/v1/datasets/{dataset}/tags",
        json={"as_of": first["as_of"], "tag": "prod"},
        timeout=5,
    )
    assert answer.json() == api.get(path, tag="prod").json() == {**first, "tags": ["prod"]}
    assert api.get(path, tag="nightly").status_code == 422


def test_truth_has_every_version_with_its_tags() -> None:
    """The truth holds the listed versions and tags, by dataset id and `as_of`. A deleted dataset leaves no row."""
    sim, api = make()
    sim.corpus(projects=1, runs=1, datasets=2, examples=120)
    truth = sim.workspace.truth()["langsmith_dataset_version"]
    listed = {
        f"{dataset}@{parse_time(row['as_of']):%Y-%m-%dT%H:%M:%S.%fZ}": row["tags"]
        for dataset in sim.workspace.datasets
        for row in api.rows(f"/datasets/{dataset}/versions")
    }
    assert listed == {key: row["tags"] for key, row in truth.items()}
    assert {tag for tags in listed.values() for tag in tags or ()} == {"latest", "prod", "staging", "reviewed"}
    for dataset in list(sim.workspace.datasets):
        sim.workspace.delete_dataset(dataset)
    assert sim.workspace.truth()["langsmith_dataset_version"] == {}


def test_diff_tells_what_was_added_changed_and_removed() -> None:
    """The diff of two versions names added, changed and removed examples. Versions are given as times or tags."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    kept, changed, removed = (sim.workspace.add_example(dataset, {"q": number}) for number in range(3))
    before = api.get(f"/datasets/{dataset}/version", tag="latest").json()["as_of"]
    sim.clock.advance(hours=1)
    added = sim.workspace.add_example(dataset, {"q": 4})
    sim.workspace.edit_example(changed, inputs={"q": 5})
    sim.workspace.delete_example(removed)
    path = f"/datasets/{dataset}/versions/diff"
    assert api.get(path, from_version=before, to_version="latest").json() == {
        "examples_modified": [changed],
        "examples_added": [added],
        "examples_removed": [removed],
    }
    assert kept in {row["id"] for row in api.rows("/examples", dataset=dataset)}
    assert api.get(path, from_version=before).status_code == 422


def test_deleted_dataset_is_gone_with_its_examples() -> None:
    """The examples of a deleted dataset cannot be listed or read; its experiments stay."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    example = sim.workspace.add_example(dataset, {"q": 1})
    trial = sim.workspace.add_project("trial", reference_dataset_id=dataset)
    run = sim.workspace.add_run(trial, reference_example_id=example)
    assert api.get(f"/runs/{run}").json()["reference_dataset_id"] == dataset
    sim.workspace.delete_dataset(dataset)
    statuses = [api.get(f"/datasets/{dataset}{rest}").status_code for rest in ("", "/versions", "/versions/diff")]
    assert statuses == [404, 404, 404]
    assert api.get("/examples", dataset=dataset).json() == {"detail": "Dataset not found"}
    assert api.get(f"/examples/{example}").status_code == 404
    assert api.get(f"/runs/{run}").json()["reference_dataset_id"] is None
    assert api.get(f"/datasets/{MISSING}").status_code == 404


def test_a_run_knows_its_examples_dataset_whichever_came_first() -> None:
    """A run shows its example's dataset, even if the example is added after the run."""
    sim, api = make()
    example = "00000000-0000-4000-8000-000000000007"
    run = sim.workspace.add_run(sim.workspace.add_project("one"), reference_example_id=example)
    assert api.get(f"/runs/{run}").json()["reference_dataset_id"] is None
    dataset = sim.workspace.add_dataset("cases")
    sim.workspace.add_example(dataset, {"q": 1}, id=example)
    assert api.get(f"/runs/{run}").json()["reference_dataset_id"] == dataset


def test_edits_over_http() -> None:
    """PATCH changes the dataset's own fields; a tag on a moment that is no version is a 404."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    url = f"https://api.smith.langchain.com/api/v1/datasets/{dataset}"
    answer = api.session.patch(url, json={"name": "other", "description": "new"}, timeout=5).json()
    assert (answer["name"], answer["description"]) == ("other", "new")
    refused = api.session.put(f"{url}/tags", json={"as_of": "2026-05-01T00:00:00Z", "tag": "prod"}, timeout=5)
    assert refused.status_code == 404
