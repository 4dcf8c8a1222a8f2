"""What the OpenAPI document says of every operation alike: how to log in, and how a refusal looks."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from erp.core.api.scopes import scope_of

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
        "The person's role in the brand does not allow this, or the token lacks the scope.",
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
    "410": (
        "What was deleted then is not known any more. Load everything again.",
        {"code": "resync", "message": "Deletions are remembered from 2026-03-01T00:00:00+00:00 on.", "errors": []},
    ),
    "412": (
        "Somebody changed it since the `ETag` of `If-Match` was answered. Load it again and repeat the change.",
        {"code": "changed_meanwhile", "message": "Somebody changed this since you loaded it.", "errors": []},
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
        "Too many requests; `Retry-After` says for how many seconds to wait.",
        {
            "code": "throttled",
            "message": "That was more than 1200 requests in a minute. Wait 42 seconds, then go on.",
            "errors": [],
        },
    ),
}


# Beside those above, by their code.
MORE_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "401": [{"code": "token_expired", "message": "This token has expired. Make a new one.", "errors": []}],
    "403": [
        {
            "code": "missing_scope",
            "message": "This token may not do that: it lacks the scope stock:write. Use a token that has it.",
            "errors": [
                {
                    "field": "stock:write",
                    "code": "missing_scope",
                    "message": "This token may not do that: it lacks the scope stock:write. Use a token that has it.",
                }
            ],
        }
    ],
}


def _header(kind: str, description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}, "example": example}


HEADERS: dict[str, Any] = {
    "RateLimit-Limit": _header("integer", "How many requests of this kind the client has in a minute.", 1200),
    "RateLimit-Remaining": _header("integer", "How many are left in this minute.", 1187),
    "RateLimit-Reset": _header("integer", "In how many seconds the next minute begins.", 42),
    "Retry-After": _header("integer", "In how many seconds to try again.", 42),
    "Deprecation": _header("string", "Since when the route is deprecated (RFC 9745).", "@1796083200"),
    "Sunset": _header("string", "When the route goes away (RFC 8594).", "Thu, 02 Dec 2027 00:00:00 GMT"),
    "Link": _header("string", "What to use instead.", '<https://example.com/api>; rel="deprecation"; type="text/html"'),
}
ALWAYS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
WHEN_DEPRECATED = ("Deprecation", "Sunset", "Link")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "erp.core.api.authentication.TokenAuthentication"
    match_subclasses = True
    name = "token"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """With the scope that a token needs."""
        scope = scope_of(auto_schema.view, auto_schema.method)
        return {self.name: [scope] if scope else []}

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": (
                "The word `Token`, a blank, and a personal token or the token of a log-in: `Token jb_...`. A personal "
                "token needs the scope that an operation names here; the token of a log-in has all."
            ),
        }


def document_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Adds to each operation the refusals it can answer with, and to each answer the headers that all have."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(COMPONENTS)
    components["headers"] = HEADERS
    components["examples"] = {error["code"]: {"value": error} for status in EXAMPLES for error in _errors_of(status)}
    for path, operations in result["paths"].items():
        for method in METHODS & operations.keys():
            operation = operations[method]
            for status in _refusals(path, method, operation):
                operation["responses"].setdefault(status, _answer(status))
            if "If-None-Match" in _names(operation):
                operation["responses"].setdefault("304", {"description": "The copy you hold is fresh."})
            for status, answer in operation["responses"].items():
                names = [*ALWAYS, *(["Retry-After"] if status == "429" else [])]
                names += WHEN_DEPRECATED if operation.get("deprecated") else ()
                answer.setdefault("headers", {}).update({n: {"$ref": f"#/components/headers/{n}"} for n in names})
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    security = operation.get("security", [])
    found = ["429"]
    if operation.get("parameters") or method != "get":
        found.append("400")
    if security:
        found += ["401", "403", "404"]
        if method != "get":
            found.append("409")
    else:
        found.append("401")
    if "requestBody" in operation:
        found += ["413", "415"]
    if "If-Match" in _names(operation):
        found.append("412")
    if path.endswith("/file/"):
        found.append("409")  # it is still being made
    if path.endswith("/tombstones/"):
        found.append("410")
    return sorted(set(found))


def _names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


def _answer(status: str) -> dict[str, Any]:
    codes = [error["code"] for error in _errors_of(status)]
    return {
        "description": EXAMPLES[status][0],
        "content": {
            "application/json": {
                "schema": ERROR_REF,
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def _errors_of(status: str) -> list[dict[str, Any]]:
    return [EXAMPLES[status][1], *MORE_EXAMPLES.get(status, [])]
