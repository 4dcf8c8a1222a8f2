"""What the OpenAPI document says of every operation on rows: fields, tags, conditions and keys."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from erp.core.api import sparse
from erp.core.api.deprecation import deprecation_of
from erp.core.api.idempotency import HEADER, KEY_PARAMETER, REPLAY_PARAMETER
from erp.core.api.rest import RestViewSet
from erp.core.api.views import AnyAccept

IN_HEADER: Literal["header"] = "header"
MAY_KEY = OpenApiParameter(
    HEADER,
    KEY_PARAMETER.type,
    IN_HEADER,
    description="A new UUID. Sent again within a day with the same body, nothing more is done and the first answer is "
    "given again with `Idempotent-Replay: true`; with another body it is refused with 409 `idempotency_conflict`.",
)
MAY_REPLAY = OpenApiParameter(
    REPLAY_PARAMETER.name,
    OpenApiTypes.STR,
    IN_HEADER,
    response=[200, 201, 202],
    description="`true`: this key was used before, and nothing new was done.",
)
TAG = OpenApiParameter(
    "ETag", OpenApiTypes.STR, IN_HEADER, response=[200], description="The version of what is answered, for `If-Match`."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, IN_HEADER, description="The `ETag` of the copy you hold: 304 while it is fresh."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    IN_HEADER,
    description="The `ETag` of what you loaded: refused with 412 `changed_meanwhile` if somebody changed it since.",
)


class AutoSchema(SpectacularSchema):
    def is_deprecated(self) -> bool:
        return deprecation_of(self.view, self.handler) is not None

    @property
    def handler(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._of_rows()]

    def _get_response_headers_for_code(self, status_code: Any, direction: Any = "response") -> Any:
        """Where a service minds the key, its route says itself how a repetition is answered."""
        headers = super()._get_response_headers_for_code(status_code, direction)
        said = self.get_override_parameters()
        if KEY_PARAMETER in said and (REPLAY_PARAMETER not in said or str(status_code) != "200"):
            headers.pop(REPLAY_PARAMETER.name, None)
        return headers

    def _get_filter_parameters(self) -> list[Any]:
        """Of lists that are read; one that a PUT answers is not filtered."""
        return super()._get_filter_parameters() if self.method == "GET" else []

    def _get_pagination_parameters(self) -> list[Any]:
        return super()._get_pagination_parameters() if self.method == "GET" else []

    def _of_rows(self) -> list[OpenApiParameter]:
        view: Any = self.view
        if not isinstance(view, RestViewSet) or view.content_negotiation_class is AnyAccept:
            return []
        if self.method == "GET":
            tags = [IF_NONE_MATCH, TAG] if view.action == "retrieve" else []
            return [*tags, *self._fields()]
        if self.method == "POST":
            return [] if view.action in view.keyless else [MAY_KEY, MAY_REPLAY]
        return [IF_MATCH, TAG] if view.action in ("update", "partial_update") else [IF_MATCH]

    def _fields(self) -> list[OpenApiParameter]:
        """Every name that `fields` may hold; of answers that are no rows there is nothing to choose."""
        view: Any = self.view
        if view.action != "retrieve" and not (self._is_list_view() and view.pagination_class):
            return []
        answer = self.get_response_serializers()
        shape: Any = getattr(answer, "child", answer)
        shape = shape() if isinstance(shape, type) else shape
        if not hasattr(shape, "fields"):
            return []
        names = {"type": "array", "items": {"type": "string", "enum": list(shape.fields)}, "minItems": 1}
        return [OpenApiParameter(sparse.FIELDS, names, description=sparse.ABOUT, style="form", explode=False)]
