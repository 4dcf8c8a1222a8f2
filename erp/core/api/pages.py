"""Every list of the API is walked by cursor: in an order that the client chooses, or along what changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination, _positive_int
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from erp.core.api import sync
from erp.core.api.errors import INVALID
from erp.core.errors import DomainError, Problem

CURSOR, SIZE, ORDERING = "cursor", "page_size", "ordering"
LONGEST_CURSOR = 2000


@dataclass(frozen=True, slots=True)
class Order:
    """Columns to walk along, the primary key last, all in one direction: one comparison of rows finds the page."""

    paths: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, names: Sequence[str]) -> Order:
        """From names as `order_by` takes them, all with the same sign."""
        paths = [name.lstrip("-") for name in names]
        unique = paths if paths[-1] in ("pk", "id") else [*paths, "pk"]
        return cls(tuple(unique), names[0].startswith("-"))

    def __str__(self) -> str:
        return ("-" if self.descending else "") + ",".join(self.paths)

    def walked(self, rows: Any, *, backwards: bool) -> Any:
        sign = "-" if self.descending != backwards else ""
        return rows.order_by(*(f"{sign}{path}" for path in self.paths))

    def beyond(self, rows: Any, keys: Sequence[Any], *, backwards: bool) -> Any:
        """The rows after the one with these keys, or before it. Raises ValidationError for keys that are none."""
        values = [self._field(rows.model, path).to_python(key) for path, key in zip(self.paths, keys, strict=True)]
        if any(value is None for value in values):
            raise ValueError("a key is missing")
        if len(values) == 1:
            return rows.filter(**{f"{self.paths[0]}__{'lt' if self.descending != backwards else 'gt'}": values[0]})
        lookup = TupleLessThan if self.descending != backwards else TupleGreaterThan
        return rows.filter(lookup(Tuple(*map(F, self.paths)), tuple(values)))

    def keys(self, row: Any) -> list[Any]:
        return [reduce(getattr, path.split("__"), row) for path in self.paths]

    def _field(self, model: Any, path: str) -> Field:
        *parents, last = path.split("__")
        for name in parents:
            model = model._meta.get_field(name).related_model
        field: Field = model._meta.pk if last == "pk" else model._meta.get_field(last)
        return field.target_field if field.is_relation else field  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: beyond the row with these keys, of a walk in this order."""

    order: str
    backwards: bool
    keys: list[Any]
    synced_until: str | None

    def encode(self) -> str:
        # Django's own encoder would cut moments to milliseconds: the walk would turn in a circle.
        text = json.dumps([self.order, self.backwards, self.keys, self.synced_until], default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        order, backwards, keys, until = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not (isinstance(order, str) and isinstance(backwards, bool) and isinstance(keys, list)):
            raise TypeError("no cursor")
        if until is not None:
            datetime.fromisoformat(until)
        return cls(order, backwards, keys, until)


class Pages(BasePagination):
    """Pages by keys: a stable walk while rows are added, and the thousandth page costs what the first does.

    A view that does not begin with the newest names its `page_ordering`; what else a client may order by stands in its
    `orderings`: only columns that an index serves, or lists that are short.
    """

    page_size = 50
    max_page_size = 200
    invalid_cursor_message = gettext_lazy("Invalid cursor")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        self.size = self._size(request)
        since = sync.asked_since(request, view)
        self.order = self._order(request, view, since is not None)
        self.cursor = self._cursor(request)
        self.synced_until = None
        if since is not None:
            # The first page says it for the whole walk: what is written late behind the walker is found next time.
            self.synced_until = self.cursor.synced_until if self.cursor else sync.settled_until().isoformat()
            queryset = queryset.filter(**{f"{view.synced_by}__gte": since})
        whole = view.get_queryset() if getattr(view, "keys_first", False) else None
        return self._page(queryset, whole)

    def _page(self, rows: Any, whole: Any = None) -> list[Any]:
        """With `whole`, all rows with what is shown of them: the keys are found first, and only those are joined."""
        backwards = bool(self.cursor and self.cursor.backwards)
        if self.cursor:
            try:
                rows = self.order.beyond(rows, self.cursor.keys, backwards=backwards)
            except (ValueError, TypeError, OverflowError, ValidationError, FieldDoesNotExist) as error:
                raise NotFound(self.invalid_cursor_message) from error
        found = self.order.walked(rows, backwards=backwards)
        if whole is not None:
            keys = found.select_related(None).values("pk")[: self.size + 1]
            found = self.order.walked(whole.filter(pk__in=keys), backwards=backwards)
        found = list(found[: self.size + 1])
        more, self.page = len(found) > self.size, found[: self.size]
        if backwards:
            self.page.reverse()
        self.has_next, self.has_previous = (bool(found), more) if backwards else (more, bool(self.cursor and found))
        return self.page

    def _order(self, request: Request, view: Any, syncing: bool) -> Order:
        name = request.query_params.get(ORDERING, "")
        if syncing:
            if name:
                message = _("With updated_since the order is that of the changes. Leave ordering out.")
                raise _refusal("ordering_with_updated_since", message, ORDERING)
            return Order.of([view.synced_by])
        if not name:
            return Order.of(getattr(view, "page_ordering", ("-pk",)))
        path = orderings_of(view).get(name.removeprefix("-"))
        if path is None:
            known = ", ".join(ordering_names(view))
            message = _("This list cannot be ordered by “%(name)s”. Use one of: %(known)s.")
            raise _refusal("unknown_ordering", message % {"name": name[:40], "known": known}, ORDERING)
        return Order.of([f"-{path}" if name.startswith("-") else path])

    def _cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get(CURSOR)
        if text is None:
            return None
        try:
            cursor = Cursor.decode(text)
        except (ValueError, TypeError, RecursionError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error
        if cursor.order != str(self.order):
            message = _("This cursor belongs to another ordering. Begin again without it.")
            raise _refusal("cursor_of_other_ordering", message, CURSOR)
        return cursor

    def _size(self, request: Request) -> int:
        try:
            return int(_positive_int(request.query_params[SIZE], strict=True, cutoff=self.max_page_size))
        except (KeyError, ValueError):
            return self.page_size

    def _link(self, *, backwards: bool) -> str | None:
        if not (self.has_previous if backwards else self.has_next):
            return None
        keys = self.order.keys(self.page[0 if backwards else -1]) if self.page else []
        cursor = Cursor(str(self.order), backwards, keys, self.synced_until)
        return str(replace_query_param(remove_query_param(self.base_url, CURSOR), CURSOR, cursor.encode()))

    def get_paginated_response(self, data: Any) -> Response:
        answer = {"next": self._link(backwards=False), "previous": self._link(backwards=True), "results": data}
        return Response(answer | ({"synced_until": self.synced_until} if self.synced_until else {}))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        until = {"type": "string", "format": "date-time", "description": sync.ABOUT_UNTIL}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema, "synced_until": until},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        names = ordering_names(view)
        usual = ", ".join(getattr(view, "page_ordering", ("-created",))).replace("pk", "created")
        found = [
            _parameter(CURSOR, {"type": "string"}, "Where the page begins: taken from `next` or `previous`."),
            _parameter(SIZE, size, "How many rows a page has."),
            _parameter(ORDERING, {"type": "string", "enum": names}, f"Left out: `{usual}`. `created`: the first made."),
        ]
        if getattr(view, "synced_by", None):
            found.append(_parameter(sync.SINCE, {"type": "string", "format": "date-time"}, sync.ABOUT_SINCE))
        return found


def orderings_of(view: Any) -> dict[str, str]:
    """What a client may order the list of a view by, and the column of each."""
    updated = {view.synced_by: view.synced_by} if getattr(view, "synced_by", None) else {}
    return {"created": "pk"} | updated | dict(getattr(view, "orderings", {}))


def ordering_names(view: Any) -> list[str]:
    return [sign + name for name in orderings_of(view) for sign in ("", "-")]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _refusal(code: str, message: str, field: str) -> DomainError:
    return DomainError(code, INVALID, [Problem(code, message, field)])
