"""The base of every view of rows: some of the fields, tags of what is answered, and repetitions that are done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.api import etags
from erp.core.api.idempotency import KEY_PARAMETER
from erp.core.api.repeats import answer_once, is_keyed
from erp.core.api.sparse import SparseFields


class RestViewSet(SparseFields):
    """What a list can be ordered by and synced along, and which POSTs move nothing, is said by each view."""

    orderings: ClassVar[Mapping[str, str]] = {}  # the name a client gives: the column
    synced_by: ClassVar[str | None] = None  # the column that says when a row was last changed
    keys_first: ClassVar[bool] = False  # of a long list whose rows are joined with much
    keyless: ClassVar[frozenset[str]] = frozenset()  # actions that are sent by POST and write nothing

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the checks of who asks, what follows is put round the handler where the request asks for it."""
        super().initial(request, *args, **kwargs)
        name = (request.method or "").lower()
        handler = getattr(self, name, None)
        if handler is None:
            return
        if is_keyed(request) and takes_key(type(self), self.action):
            setattr(self, name, self._once(handler))
        elif request.method in etags.EDITS and "If-Match" in request.headers:
            setattr(self, name, transaction.atomic(handler))

    def get_object(self) -> Any:
        """The row that the address names; where the request says `If-Match`, locked and unchanged."""
        row = super().get_object()
        header = self.request.headers.get("If-Match")
        if header and self.request.method in etags.EDITS:
            # Whoever has the lock may change the row until we get it: it is read again.
            locked = type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
            etags.refuse_changed(header, locked)
            row = super().get_object()
        self._addressed = row
        return row

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        row = getattr(self, "_addressed", None)
        if isinstance(response, Response) and response.status_code == 200 and row is not None:
            if self.action == "retrieve":
                response = etags.tagged(response, row, request.headers.get("If-None-Match"))
            elif self.action in ("update", "partial_update"):
                response.headers["ETag"] = etags.etag_of(type(row)._base_manager.get(pk=row.pk), response.data)
        return super().finalize_response(request, response, *args, **kwargs)

    def _once(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def repeated(request: Request, *args: Any, **kwargs: Any) -> Response:
            if self.lookup_field in self.kwargs or (self.lookup_url_kwarg or "pk") in self.kwargs:
                self.get_object()  # who may not see or change it any more is not told what happened before
            return answer_once(request, lambda: handler(request, *args, **kwargs))

        return repeated


@cache
def takes_key(view: type[RestViewSet], action: str) -> bool:
    """May a POST come with a key that is minded here? Where the route asks for one itself, its service minds it."""
    if action in view.keyless:
        return False
    documented: Any = getattr(getattr(view, action), "kwargs", {}).get("schema")
    if documented is None:
        return True
    asked = view(action=action, request=None, kwargs={})
    schema = documented()
    schema.view, schema.method = asked, "POST"
    return KEY_PARAMETER not in schema.get_override_parameters()
