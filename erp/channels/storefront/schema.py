"""The storefront's own OpenAPI document: the other one is for people with an account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from erp.core.api.schema import ERROR_REF, EXAMPLES

PREFIX = "/storefront/v1/"
REFUSED = ("400", "404", "429")
INFO = {
    "title": "Jangbu storefront",
    "version": "1.0.0",
    "description": (
        "What a brand's shop for overseas customers shows: public, read-only, without a log-in. Ask as `?lang=ko`, "
        "`en` or `ja`; Content-Language says what was answered. Answers carry ETag and Last-Modified, may be kept for "
        "a minute, and are open to scripts of every origin. Requests are limited by address (429, Retry-After)."
    ),
}
HEADERS = {
    "ETag": {"schema": {"type": "string"}},
    "Last-Modified": {"schema": {"type": "string"}},
    "Content-Language": {"schema": {"type": "string", "enum": ["ko", "en", "ja"]}},
}


def private_endpoints(endpoints: list[Any]) -> list[Any]:
    """Those of the document for people with an account."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(PREFIX)]


class PublicEndpoints(EndpointEnumerator):
    def get_api_endpoints(self, patterns: Any = None, prefix: str = "") -> list[Any]:
        found = self._get_api_endpoints(patterns, prefix)
        return sorted(e for e in found if e[0].startswith(PREFIX) and not e[0].endswith("/schema/"))


class StorefrontGenerator(SchemaGenerator):
    endpoint_inspector_cls = PublicEndpoints

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        found = super().get_schema(request, public)
        found["info"] = INFO
        found.get("components", {}).pop("securitySchemes", None)
        for operations in found["paths"].values():
            for operation in operations.values():
                answers = operation["responses"]
                answers["200"]["headers"] = HEADERS
                answers["304"] = {"description": "It is as you have it."}
                answers |= {status: _refusal(status) for status in REFUSED}
        return found


class StorefrontSchema(SpectacularAPIView):
    authentication_classes = ()
    generator_class = StorefrontGenerator


def _refusal(status: str) -> dict[str, Any]:
    description, example = EXAMPLES[status]
    description = "Nothing is here." if status == "404" else description
    content = {"schema": ERROR_REF, "examples": {"Example": {"value": example}}}
    return {"description": description, "content": {"application/json": content}}
