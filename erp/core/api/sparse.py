"""`?fields=`: only what a client wants of each row, and only the queries that this needs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.serializers import Serializer, SerializerMethodField
from rest_framework.viewsets import GenericViewSet

from erp.core.api.errors import INVALID
from erp.core.errors import DomainError, Problem

FIELDS = "fields"
ABOUT = "Only these fields of each row, separated by commas. Left out: all."


class SparseFields(GenericViewSet):
    """Whatever `get_serializer` makes for a GET shows the fields that are asked for, and no others."""

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if self.request and self.request.method == "GET" and FIELDS in self.request.query_params:
            _prune(getattr(serializer, "child", serializer), self.request)
        return serializer

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        if self.request and self.request.method == "GET" and FIELDS in self.request.query_params:
            shape: Any = self.get_serializer_class()()
            return _without_unused(rows, shape.fields, asked_fields(self.request, shape))
        return rows


def asked_fields(request: Request, shape: Serializer[Any]) -> set[str]:
    """The names a request asks for. Raises DomainError that names every one the serializer has not."""
    names = [name.strip() for name in request.query_params[FIELDS].split(",")]
    known: Any = shape.fields
    message = _("There is no field “%(name)s” here. Use some of: %(known)s.")
    said = {"known": ", ".join(known)}
    problems = [
        Problem("unknown_field", message % (said | {"name": name[:40]}), FIELDS) for name in names if name not in known
    ]
    if problems:
        raise DomainError("unknown_field", INVALID, problems)
    return set(names)


def _prune(shape: Any, request: Request) -> None:
    wanted = asked_fields(request, shape)
    for name in list(shape.fields):
        if name not in wanted:
            shape.fields.pop(name)


def _without_unused(rows: Any, shown: Any, wanted: set[str]) -> Any:
    """Leaves out what is fetched ahead for fields nobody asked for.

    Only where it is plain which field needs it: what a method or a property of the row looks at is not known here.
    """
    if any(_is_opaque(rows.model, shown[name]) for name in wanted):
        return rows
    needed = {_root(shown[name]) for name in wanted}
    optional = {_root(field) for name, field in shown.items() if name not in wanted} - needed
    ahead = [
        lookup
        for lookup in rows._prefetch_related_lookups
        if getattr(lookup, "prefetch_to", lookup).split("__")[0] not in optional
    ]
    return rows.prefetch_related(None).prefetch_related(*ahead)


def _root(field: Any) -> str:
    return str(field.source or field.field_name).split(".")[0]


def _is_opaque(model: Any, field: Any) -> bool:
    if isinstance(field, SerializerMethodField):
        return True
    try:
        model._meta.get_field(_root(field))
    except FieldDoesNotExist:
        return True
    return False
