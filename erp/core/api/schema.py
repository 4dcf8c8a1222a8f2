"""What the OpenAPI document says of every operation alike: how to log in, and how a refusal looks."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

METHODS = {"get", "post", "put", "patch", "delete"}
ERROR_REF = {"$ref": "#/components/schemas/Error"}
COMPONENTS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "One thing to mend.",
        "required": ["code", "message"],
        "properties": {
            "field": {"type": "string", "description": "The name of the input, where one is to blame."},
            "line": {"type": "integer", "minimum": 1, "description": "The entered line, counted from 1."},
            "code": {"type": "string", "description": "Stable, for programs."},
            "message": {"type": "string", "description": "For people, in the language of Accept-Language."},
        },
    },
    "Error": {
        "type": "object",
        "description": "Every refusal has this shape; nothing was saved.",
        "required": ["code", "message", "errors"],
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
        },
    },
}
EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "400": (
        "Some of the entries need mending; every one is named.",
        {
            "code": "invalid",
            "message": "Some of the entries need mending.",
            "errors": [{"field": "quantity", "line": 2, "code": "min_value", "message": "Enter 1 or more."}],
        },
    ),
    "401": (
        "No token, or one that is void.",
        {"code": "not_authenticated", "message": "Authentication credentials were not provided.", "errors": []},
    ),
    "403": (
        "The person sees the brand, but their role does not allow this.",
        {
            "code": "not_allowed",
            "message": "Your role does not allow this. Ask the brand's owner.",
            "errors": [],
        },
    ),
    "404": (
        "Nothing is here, or it belongs to a brand the person does not see.",
        {"code": "not_found", "message": "There is nothing here, or you may not see it.", "errors": []},
    ),
    "409": (
        "Something else happened first. Load it again and repeat.",
        {"code": "conflict", "message": "Somebody changed the same thing at the same moment.", "errors": []},
    ),
    "413": (
        "The request is larger than is taken in.",
        {"code": "too_large", "message": "The request has 52.0 MB; at most 40 MB are taken.", "errors": []},
    ),
    "415": (
        "The body is of a kind that is not taken here.",
        {"code": "unsupported_media_type", "message": "Unsupported media type “text/plain” in request.", "errors": []},
    ),
    "429": (
        "Too many attempts; `Retry-After` says for how many seconds to wait.",
        {"code": "throttled", "message": "Request was throttled. Expected available in 42 seconds.", "errors": []},
    ),
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "erp.core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The word `Token`, a blank, and the token of the log-in: `Token jb_...`",
        }


def document_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Adds to each operation the refusals it can answer with."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    for path, operations in result["paths"].items():
        for method in METHODS & operations.keys():
            operation = operations[method]
            for status in _refusals(path, method, operation):
                operation["responses"].setdefault(status, _answer(status))
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    found = []
    if operation.get("parameters") or method != "get":
        found.append("400")
    if operation.get("security"):
        found += ["401", "404"]
        if method != "get":
            found += ["403", "409"]
    if "requestBody" in operation:
        found += ["413", "415"]
    if path.endswith("/login/"):
        found += ["401", "429"]
    if path.endswith("/scan/"):
        found.append("429")
    return sorted(found)


def _answer(status: str) -> dict[str, Any]:
    description, example = EXAMPLES[status]
    return {
        "description": description,
        "content": {"application/json": {"schema": ERROR_REF, "examples": {"Example": {"value": example}}}},
    }
