"""What the changes can be narrowed to: the same on the pages, in the API and in the export."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from catalog.access import visible_brands
from catalog.audit.registry import Audited, content_type_of, entries, entry_named
from catalog.filters import BusinessDays, DayFilter
from catalog.models import Change
from erp.core.models import User


def kinds(*, private: bool = True) -> list[tuple[str, Any]]:
    """Name and words of every kind of thing that is audited."""
    shown = (entry for entry in entries() if private or not entry.private)
    return [(entry.name, entry.model._meta.verbose_name) for entry in shown]


class ChangeFilter(BusinessDays, filters.FilterSet):
    """Narrows changes that are scoped already."""

    brand = filters.ModelChoiceFilter(label=_("Brand"), to_field_name="slug", queryset=visible_brands)
    kind = filters.ChoiceFilter(label=_("Kind of thing"), choices=kinds, method="of_kind")
    thing = filters.CharFilter(
        label=_("One thing"), method="of_thing", max_length=80,
        help_text="`kind:id`, such as `product:12`: with its variants, colours and photos; or `variant:7`.",
    )  # fmt: skip
    actor = filters.CharFilter(label=_("By"), method="by_actor", strip=True, help_text="A user name.")
    since = DayFilter(label=_("From day"), method="in_period")
    until = DayFilter(label=_("To day"), method="in_period")

    class Meta:
        model = Change
        fields: list[str] = []

    def of_kind(self, queryset: Any, name: str, value: str) -> Any:
        entry = entry_named(value)
        return queryset.filter(content_type=content_type_of(entry)) if entry else queryset.none()

    def of_thing(self, queryset: Any, name: str, thing: str) -> Any:
        match = re.fullmatch(r"([a-z]+):([0-9]{1,18})", thing.strip())
        entry = entry_named(match[1]) if match else None
        if not match or not entry:
            return queryset.none()
        return queryset.about(thing.strip()) if not entry.topic else self._of_part(queryset, entry, int(match[2]))

    def by_actor(self, queryset: Any, name: str, username: str) -> Any:
        actor = User.objects.filter(username=username).values_list("pk", flat=True).first()
        return queryset.filter(actor_id=actor) if actor else queryset.none()

    def in_period(self, queryset: Any, name: str, day: date) -> Any:
        start, end = self.period()
        queryset = queryset.filter(timestamp__gte=start) if start else queryset
        return queryset.filter(timestamp__lt=end) if end else queryset

    def _of_part(self, queryset: Any, entry: Audited, pk: int) -> Any:
        """What is seen on the page of another thing is looked up there, where an index leads."""
        row = entry.model._default_manager.filter(pk=pk).first()
        queryset = queryset.about(entry.topic_of(row)) if row else queryset
        return queryset.filter(content_type=content_type_of(entry), object_id=pk)
