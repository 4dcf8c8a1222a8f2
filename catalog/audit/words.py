"""Changes as people say them: the names of fields, choices and related things instead of columns and ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, DecimalField, Model, TimeField
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from catalog.audit.registry import entry_named
from catalog.models import Change

# (model, pk) -> what the thing is called now.
Names = dict[tuple[type[Model], Any], str]


@dataclass(frozen=True, slots=True)
class FieldWords:
    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """`kind` is what sort of thing it was, `url` the page where it is seen, blank where there is none."""

    change: Change
    kind: str
    url: str
    fields: list[FieldWords]

    @property
    def who(self) -> str:
        return who(self.change)


def who(change: Change) -> str:
    return change.actor_name or _("Jangbu itself")


def in_words(changes: Iterable[Change]) -> list[ChangeWords]:
    """For a page of changes with their brands: related names are asked for once for each kind of thing."""
    rows = [(change, ContentType.objects.get_for_id(change.content_type_id).model_class()) for change in changes]
    names = _names(rows)
    return [ChangeWords(change, _kind(model), _url(change), _fields(change, model, names)) for change, model in rows]


def _kind(model: type[Model] | None) -> str:
    return str(capfirst(model._meta.verbose_name)) if model else "–"


def _url(change: Change) -> str:
    name, _colon, pk = change.topic.partition(":")
    entry = entry_named(name)
    if not change.brand or not entry or not entry.page:
        return ""
    return reverse(entry.page, args=[change.brand.slug] if entry.brand == "pk" else [change.brand.slug, int(pk)])


def _fields(change: Change, model: Any, names: Names) -> list[FieldWords]:
    order = {field.name: place for place, field in enumerate(model._meta.concrete_fields)} if model else {}
    found = sorted(change.changes.items(), key=lambda item: order.get(item[0], len(order)))
    return [_field(_field_of(model, name), name, pair, names) for name, pair in found]


def _field(field: Any, name: str, pair: Sequence[Any], names: Names) -> FieldWords:
    label = capfirst(field.verbose_name) if field else name
    return FieldWords(name, str(label), _shown(field, pair[0], names), _shown(field, pair[1], names))


def _shown(field: Any, value: Any, names: Names) -> str:
    if value is None or value == "" or field is None:
        return "" if value is None else str(value)
    if field.is_relation:
        return names.get((field.related_model, value)) or _("deleted (No. %(pk)s)") % {"pk": value}
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, DecimalField):
        amount = Decimal(value)
        return number_format(amount.quantize(1) if amount == amount.to_integral() else amount, force_grouping=True)
    if isinstance(field, DateTimeField):
        moment = timezone.localtime(datetime.fromisoformat(value).replace(tzinfo=UTC))
        return date_format(moment, "DATETIME_FORMAT")
    if isinstance(field, TimeField):
        return str(value)[:5]
    return str(value)


def _names(rows: Sequence[tuple[Change, Any]]) -> Names:
    wanted: defaultdict[type[Model], set[Any]] = defaultdict(set)
    for field, value in _relations(rows):
        wanted[field.related_model].add(value)
    return {
        (model, pk): str(row) for model, pks in wanted.items() for pk, row in model._base_manager.in_bulk(pks).items()
    }


def _relations(rows: Sequence[tuple[Change, Any]]) -> Iterator[tuple[Any, Any]]:
    for change, model in rows:
        for name, pair in change.changes.items():
            field = _field_of(model, name)
            if field is not None and field.is_relation:
                yield from ((field, value) for value in pair if value is not None)


def _field_of(model: Any, name: str) -> Any:
    """None for a field or a model of an earlier version."""
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
