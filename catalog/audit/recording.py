"""Writing changes down: one by one as rows are saved, or many at once where rows are written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditlog import get_logentry_model
from auditlog.diff import get_field_value
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from catalog.audit.registry import Audited, entry_of
from catalog.signals import written_in_bulk
from erp.core.audit import acting_person, together

CREATE, UPDATE = 0, 1
BATCH = 1_000
# Field name -> [before, after].
Changed = Mapping[str, Any]


def change_of(row: Model, action: int, changes: Changed) -> Any:
    """The unsaved record of a change of one row."""
    person = acting_person()
    return _change(entry_of(type(row)), row, action, changes, person, name_of(person))


def name_of(person: Any) -> str:
    """Kept with the change: it stays readable when the account is gone."""
    return (person.get_full_name() or person.get_username()) if person else ""


def remember(rows: Iterable[Model]) -> dict[Any, dict[str, Any]]:
    """What rows say now, by pk, to be handed to `record_changed` once they are changed and saved."""
    return {row.pk: _values(row) for row in rows}


def record_created(rows: Iterable[Model]) -> None:
    """Records rows that `bulk_create` saved, in one statement for a thousand of them."""
    _write([(row, CREATE, {name: [None, value] for name, value in _values(row).items()}) for row in rows])


def record_changed(rows: Iterable[Model], before: Mapping[Any, Mapping[str, Any]]) -> None:
    """Records what became of rows since `remember`, where anything did."""
    _write(list(_differences(rows, before)))


def filled(changes: Changed) -> dict[str, Any]:
    """Without the fields that were blank before and after: a new row has many."""
    return {name: pair for name, pair in changes.items() if any(value not in (None, "") for value in pair)}


def _differences(
    rows: Iterable[Model], before: Mapping[Any, Mapping[str, Any]]
) -> Iterator[tuple[Model, int, Changed]]:
    for row in rows:
        then, now = before[row.pk], _values(row)
        changed = {name: [then[name], value] for name, value in now.items() if then[name] != value}
        if changed:
            yield row, UPDATE, changed


def _values(row: Model) -> dict[str, Any]:
    found = ((field.name, get_field_value(row, field, True)) for field in entry_of(type(row)).fields)
    return {name: value if isinstance(value, str | int | float | None) else str(value) for name, value in found}


def _write(records: Sequence[tuple[Model, int, Changed]]) -> None:
    """The records, and word to whoever follows rows of their model: they are all of one."""
    if not records:
        return
    person = acting_person()
    name = name_of(person)
    changes = [_change(entry_of(type(row)), row, action, changed, person, name) for row, action, changed in records]
    get_logentry_model().objects.bulk_create(changes, batch_size=BATCH)
    rows = [row for row, _action, _changed in records]
    written_in_bulk.send(type(rows[0]), rows=rows)


def _change(entry: Audited, row: Model, action: int, changes: Changed, person: Any, name: str) -> Any:
    return get_logentry_model()(
        brand_id=entry.brand_id(row),
        topic=entry.topic_of(row),
        is_private=entry.private,
        content_type=ContentType.objects.get_for_model(entry.model),
        object_pk=str(row.pk),
        object_id=row.pk if isinstance(row.pk, int) else None,
        object_repr=str(row)[:200],
        action=action,
        changes=filled(changes),
        actor=person,
        actor_name=name,
        cid=together(),
    )
