"""Examples on the simulator: records, listings, deletions."""

from datetime import timedelta

import pytest

from simulator import RawJson
from simulator.app import Simulator
from simulator.client import Api, make


@pytest.fixture
def three() -> tuple[Simulator, Api, str, list[str]]:
    """A dataset with three examples, made an hour apart."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    made = []
    for number in range(3):
        made.append(sim.workspace.add_example(dataset, {"q": number}, {"a": number}, {"n": number}))
        sim.clock.advance(hours=1)
    return sim, api, dataset, made


def test_example_record_is_whole(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """An example has every selected field, and neither the dataset's name nor a split."""
    sim, api, dataset, made = three
    sim.workspace.edit_example(made[0], outputs={"a": 9}, split="train")
    row = api.get(f"/examples/{made[0]}").json()
    assert row == {
        "id": made[0],
        "name": "#1",
        "dataset_id": dataset,
        "inputs": {"q": 0},
        "outputs": {"a": 9},
        "metadata": {"n": 0, "dataset_split": ["train"]},
        "source_run_id": None,
        "created_at": "2026-06-01T00:00:00+00:00",
        "modified_at": "2026-06-01T03:00:00+00:00",
        "attachment_urls": None,
    }
    listed = {one["id"]: one for one in api.rows("/examples", dataset=dataset)}
    assert listed[made[0]] == {name: value for name, value in row.items() if name != "attachment_urls"}


def test_listing_needs_a_dataset_or_ids() -> None:
    """A request without a dataset and without ids is a 400."""
    _, api = make()
    assert api.get("/examples").status_code == 400


def test_newest_version_shifts_under_offset_pages_and_a_pinned_one_does_not(
    three: tuple[Simulator, Api, str, list[str]],
) -> None:
    """A deletion between two pages of "latest" hides a row; with `as_of` every row is seen once."""
    sim, api, dataset, made = three
    pinned = api.get(f"/datasets/{dataset}/version", tag="latest").json()["as_of"]

    def page(offset: int, **params: str) -> list[str]:
        return [row["id"] for row in api.get("/examples", dataset=dataset, limit=1, offset=offset, **params).json()]

    first = page(0) + page(0, as_of=pinned)
    sim.workspace.delete_example(made[2])
    assert first == [made[2], made[2]]
    assert page(1) + page(2) == [made[0]]
    assert page(1, as_of=pinned) + page(2, as_of=pinned) == [made[1], made[0]]


def test_deletion_is_a_tombstone_unless_it_is_hard(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """Older versions still show a deleted example; a hard deletion removes it from all versions."""
    sim, api, dataset, made = three
    before = "2026-06-01T02:30:00Z"
    sim.workspace.delete_example(made[0])
    assert api.get(f"/examples/{made[0]}").status_code == 404
    assert api.get(f"/examples/{made[0]}", as_of=before).json()["inputs"] == {"q": 0}
    assert len(api.rows("/examples", dataset=dataset, as_of=before)) == 3
    sim.workspace.delete_example(made[1], hard=True)
    assert api.get(f"/examples/{made[1]}", as_of=before).status_code == 404
    assert {row["id"] for row in api.rows("/examples", dataset=dataset)} == {made[2]}
    assert set(sim.workspace.truth()["langsmith_example"]) == {made[2]}


def test_orders(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """`recent` sorts by change, `recently_created` by creation, `id` by id; `random` is the same for the same seed."""
    sim, api, dataset, made = three
    sim.workspace.edit_example(made[0], metadata={})

    def order(**params: str) -> list[int]:
        return [made.index(row["id"]) for row in api.get("/examples", dataset=dataset, **params).json()]

    assert order() == order(order="recent") == [0, 2, 1]
    assert order(order="recently_created") == [2, 1, 0]
    assert order(order="recently_created", descending="false") == [0, 1, 2]
    assert order(order="id") == [made.index(ident) for ident in sorted(made)]
    assert order(order="random", random_seed="4") == order(order="random", random_seed="4")
    assert api.get("/examples", dataset=dataset, order="size").status_code == 422


def test_filters(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """Ids, metadata, splits and words filter examples, and the count equals the listing."""
    sim, api, dataset, made = three
    sim.workspace.edit_example(made[1], split=["test"])

    def found(**params: str | list[str]) -> set[int]:
        return {made.index(row["id"]) for row in api.get("/examples", dataset=dataset, **params).json()}

    assert found(metadata='{"n": 2}') == {2}
    assert (found(splits=["test"]), found(splits=["base"])) == ({1}, {0, 2})
    assert found(full_text_contains=['"Q":1']) == {1}
    assert found(id=[made[0], made[2]]) == {0, 2}
    assert api.get("/examples/count", dataset=dataset, metadata='{"n": 2}').json() == 1


def test_second_page_of_ids_is_a_404(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """An empty page of ids is a 404, which breaks clients that ask on after a full first page."""
    _, api, _, made = three
    assert len(api.get("/examples", id=made, limit=3).json()) == 3
    assert api.get("/examples", id=made, limit=3, offset=3).status_code == 404


def test_select_leaves_out_what_the_schema_does_not_require(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """An example has the selected and the required fields only; an unknown field is a 422."""
    _, api, dataset, _ = three
    rows = api.get("/examples", dataset=dataset, select=["outputs"]).json()
    assert {tuple(sorted(row)) for row in rows} == {("dataset_id", "id", "inputs", "name", "outputs")}
    assert api.get("/examples", dataset=dataset, select=["color"]).status_code == 422


def test_unescaped_plus_in_a_time_is_refused(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """An unescaped `+` in a timestamp has become a space: the answer is a 422, not another version."""
    _, api, dataset, _ = three
    url = f"https://api.smith.langchain.com/api/v1/examples?dataset={dataset}&as_of=2026-06-01T00:00:00"
    assert api.session.get(f"{url}+00:00", timeout=5).status_code == 422
    assert len(api.session.get(f"{url}%2B00:00", timeout=5).json()) == 1


def test_planted_payloads_arrive_byte_for_byte() -> None:
    """RawJson in an example is served byte for byte."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    data = b'{"n":123456789012345678901234567890,"f":1.10,"nan":NaN}'
    sim.workspace.add_example(dataset, RawJson(data), outputs={"x": RawJson(b"1e400")})
    content = api.get("/examples", dataset=dataset).content
    assert b'"inputs":' + data in content
    assert b'"outputs":{"x":1e400}' in content


def test_changes_that_join_a_version_show_at_once_and_the_past_is_closed() -> None:
    """`as_of` joins the newest version and shows at once; a version before that cannot be made."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    moment = sim.clock.now()
    sim.workspace.add_example(dataset, {"q": 1}, as_of=moment)
    assert len(api.get("/examples", dataset=dataset).json()) == 1
    sim.workspace.add_example(dataset, {"q": 2}, as_of=moment)
    assert len(api.get("/examples", dataset=dataset).json()) == 2
    assert len(api.get(f"/datasets/{dataset}/versions").json()) == 1
    with pytest.raises(ValueError, match="none can be made"):
        sim.workspace.add_example(dataset, {"q": 3}, as_of=moment - timedelta(seconds=1))


def test_examples_by_id_in_no_dataset_are_left_out(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """Unknown ids are left out as long as one id is known; counting them needs the dataset."""
    _, api, _, made = three
    ids = [made[0], "00000000-0000-4000-8000-000000000009"]
    assert [row["id"] for row in api.get("/examples", id=ids).json()] == [made[0]]
    assert api.get("/examples/count", dataset="00000000-0000-4000-8000-000000000009").status_code == 404


def test_a_count_is_exact_for_each_version(three: tuple[Simulator, Api, str, list[str]]) -> None:
    """`as_of` counts the examples of one version: by its time, by a time between two, by a tag, and of a deletion."""
    sim, api, dataset, made = three
    sim.workspace.delete_example(made[1])
    versions = [row["as_of"] for row in api.get(f"/datasets/{dataset}/versions").json()]

    def count(as_of: str) -> int:
        found = api.get("/examples/count", dataset=dataset, as_of=as_of).json()
        assert len(api.rows("/examples", dataset=dataset, as_of=as_of)) == found
        return int(found)

    assert [count(version) for version in sorted(versions)] == [1, 2, 3, 2]
    assert [count(moment) for moment in ("2026-05-31T00:00:00Z", "2026-06-01T01:30:00Z", "latest")] == [0, 2, 2]
    assert api.get("/examples/count", dataset=dataset).json() == 2
