"""Which models are audited, and what of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, FileField, Model

# Set by Django at each save, or never set again.
_ALWAYS_LEFT_OUT = frozenset({"created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class Audited:
    """What is recorded of a model, and to whom it belongs."""

    model: type[Model]
    brand: str | None
    topic: str
    page: str
    private: bool
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    def brand_id(self, row: Any) -> int | None:
        """The brand a row belongs to; None: the platform."""
        if self.brand is None:
            return None
        *path, last = self.brand.split(".")
        for step in path:
            row = getattr(row, step)
        found: int | None = row.pk if last == "pk" else getattr(row, f"{last}_id")
        return found

    def topic_of(self, row: Any) -> str:
        """The thing on whose page the row is seen, as `name:pk`."""
        if not self.topic:
            return f"{self.name}:{row.pk}"
        field: Any = self.model._meta.get_field(self.topic)
        return f"{field.related_model._meta.model_name}:{getattr(row, field.attname)}"


_by_name: dict[str, Audited] = {}


def audited(
    model: Any = None,
    *,
    brand: str | None = "brand",
    topic: str = "",
    page: str = "",
    private: bool = False,
    without: Collection[str] = (),
) -> Any:
    """Records every change of a model's rows.

    `brand` leads from a row to its brand ("product.brand"; "pk" where the row is the brand; None: the platform's own).
    `topic` names the foreign key to the thing on whose page the row is seen (a line's order); blank: the row itself.
    `page` is the URL name of that thing's page, reversed with the brand's slug and the pk. Changes of a `private`
    model are shown to owners and auditors only. Fields `without` interest, and all that must not be kept, are left out.
    """
    if model is None:
        return lambda cls: audited(cls, brand=brand, topic=topic, page=page, private=private, without=without)
    fields = tuple(
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and field.name not in _ALWAYS_LEFT_OUT
        and field.name not in without
        and field.name != brand
        and not isinstance(field, FileField)
    )
    entry = Audited(model, brand, topic, page, private, fields)
    if _by_name.setdefault(entry.name, entry).model is not model:
        raise ValueError(f"Two audited models are called {entry.name}.")
    auditlog.register(model, include_fields=[field.name for field in fields])
    return model


def entry_of(model: type[Model]) -> Audited:
    return _by_name[str(model._meta.model_name)]


def entries() -> list[Audited]:
    return list(_by_name.values())


def entry_named(name: str) -> Audited | None:
    return _by_name.get(name)


def content_type_of(entry: Audited) -> ContentType:
    return ContentType.objects.get_for_model(entry.model)
