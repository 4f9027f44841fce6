"""Create and change datasets and examples. Every change of examples makes a version; a deletion leaves a tombstone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack

from simulator.fields import DatasetFields, ExampleChanges, ExampleFields
from simulator.records import Dataset, Example, Revision
from simulator.store import Store

DATASET_COLUMNS = ("description", "data_type", "metadata", "inputs_schema_definition", "outputs_schema_definition")


class DatasetEdits(Store):
    """Editing methods for datasets and their examples."""

    def add_dataset(self, name: str, **fields: Unpack[DatasetFields]) -> str:
        """Add an empty dataset, which has no version yet; returns its id."""
        created = self.moment(fields.get("created_at"), self.clock.now())
        given = {column: value for column, value in fields.items() if column in DATASET_COLUMNS}
        dataset = Dataset(fields.get("id") or self.new_id(), name, created, created)
        self._change_dataset(dataset, given)
        self.datasets[dataset.id] = dataset
        return dataset.id

    def rename_dataset(self, dataset_id: str, name: str) -> str:
        """Rename a dataset, which moves its modified_at."""
        return self.edit_dataset(dataset_id, name=name)

    def edit_dataset(self, dataset_id: str, *, name: str | None = None, **fields: Unpack[DatasetFields]) -> str:
        """Change a dataset's own fields, which moves its modified_at; returns its id."""
        dataset = self.datasets[dataset_id]
        dataset.name = name or dataset.name
        dataset.modified_at = self.clock.now()
        self._change_dataset(dataset, {column: value for column, value in fields.items() if column in DATASET_COLUMNS})
        return dataset_id

    def delete_dataset(self, dataset_id: str) -> str:
        """Delete a dataset with its examples and all versions; its experiments stay."""
        for example_id in self.datasets.pop(dataset_id).examples:
            del self.dataset_of_example[example_id]
            self._forget_runs_over(example_id)
        return dataset_id

    def tag_dataset(self, dataset_id: str, tag: str, as_of: datetime) -> str:
        """Put a tag on the version of that moment, and take it off any other."""
        self.datasets[dataset_id].tags[tag] = as_of
        return dataset_id

    def add_example(
        self,
        dataset_id: str,
        inputs: Any,
        outputs: Any = None,
        metadata: Any = None,
        **fields: Unpack[ExampleFields],
    ) -> str:
        """Add an example, which makes a version of the dataset; returns its id."""
        dataset = self.datasets[dataset_id]
        at = self._version(dataset, fields.get("as_of"))
        example = Example(
            id=fields.get("id") or self.new_id(),
            dataset_id=dataset_id,
            name=fields.get("name") or f"#{len(dataset.examples) + 1}",
            created_at=self.moment(fields.get("created_at"), at),
            source_run_id=fields.get("source_run_id"),
            attachments=dict(fields.get("attachments", {})),
        )
        example.revisions.append(Revision(example, at, inputs, outputs, with_split(metadata, fields.get("split"))))
        dataset.examples[example.id] = example
        self.dataset_of_example[example.id] = dataset_id
        self._forget_runs_over(example.id)
        return example.id

    def edit_example(self, example_id: str, **fields: Unpack[ExampleChanges]) -> str:
        """Change the given fields of an example, which makes a version of the dataset."""
        dataset = self.datasets[self.dataset_of_example[example_id]]
        example = dataset.examples[example_id]
        last = example.revisions[-1]
        at = self._version(dataset, fields.get("as_of"))
        metadata = with_split(fields.get("metadata", last.metadata), fields.get("split"))
        inputs, outputs = fields.get("inputs", last.inputs), fields.get("outputs", last.outputs)
        example.revisions.append(Revision(example, at, inputs, outputs, metadata))
        return example_id

    def delete_example(self, example_id: str, *, hard: bool = False, as_of: datetime | None = None) -> str:
        """Delete an example. Older versions keep it unless `hard` is set."""
        dataset = self.datasets[self.dataset_of_example[example_id]]
        at = self._version(dataset, as_of)
        if hard:
            del dataset.examples[example_id], self.dataset_of_example[example_id]
        else:
            example = dataset.examples[example_id]
            example.revisions.append(Revision(example, at, deleted=True))
        return example_id

    def _version(self, dataset: Dataset, at: datetime | None) -> datetime:
        """The moment of a change: the version of `at`, or a new version after all others. Raises ValueError for the past."""
        last = dataset.versions[-1] if dataset.versions else None
        if at is not None and last is not None and at < last:
            raise ValueError(f"the dataset has a version at {last}, so none can be made at {at}")
        moment = at or self.clock.now()
        if at is None and last is not None:  # two versions never share a moment, even if the clock stands still
            moment = max(moment, last + timedelta(microseconds=1))
        if last != moment:
            dataset.versions.append(moment)
        dataset.listings.clear()
        return moment

    def _forget_runs_over(self, example_id: str) -> None:
        """Drop cached renderings of runs, which name the dataset of the example."""
        for run in self.example_runs.get(example_id, ()):
            run.renderings.clear()

    @staticmethod
    def _change_dataset(dataset: Dataset, columns: dict[str, Any]) -> None:
        for column, value in columns.items():
            setattr(dataset, column, value)


def with_split(metadata: Any, split: str | list[str] | None) -> Any:
    """Metadata with the splits in it, where the API keeps them."""
    if split is None:
        return metadata
    return {**(metadata or {}), "dataset_split": [split] if isinstance(split, str) else split}
