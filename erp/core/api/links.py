"""Links of the OpenAPI document: what an answer names, and the operations that take it."""

from __future__ import annotations

import re
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
ITEM = re.compile(r"^(?P<list>.+/){(?P<key>\w+)}/")


def document_links(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook that links whatever makes or lists a row to all that can be done with it."""
    paths = result["paths"]
    for path, item in paths.items():
        match = ITEM.fullmatch(path)
        if match and "get" in item:
            links = _links(paths, path, match["key"])
            shown = _shown(item["get"]["responses"]["200"])
            for answer in _makers(paths, shown):
                _add(answer, links, match["key"])
            listed = paths.get(match["list"], {}).get("get")
            if listed:
                _add(listed["responses"]["200"], links, f"results/0/{match['key']}")
    return result


def _links(paths: dict[str, Any], path: str, key: str) -> dict[str, str]:
    """The operations on one row, by their id; those below a row of the row need more than its key."""
    return {
        operation["operationId"]: key
        for under, item in paths.items()
        if under.startswith(path) and under.count("{") == 1
        for method, operation in item.items()
        if method in METHODS
    }


def _shown(answer: dict[str, Any]) -> str:
    for content in answer.get("content", {}).values():
        return str(content["schema"].get("$ref", ""))
    return ""


def _makers(paths: dict[str, Any], shown: str) -> list[dict[str, Any]]:
    return [
        operation["responses"]["201"]
        for item in paths.values()
        for method, operation in item.items()
        if method == "post" and "201" in operation["responses"] and shown == _shown(operation["responses"]["201"])
    ]


def _add(answer: dict[str, Any], links: dict[str, str], pointer: str) -> None:
    for operation_id, key in links.items():
        answer.setdefault("links", {})[operation_id] = {
            "operationId": operation_id,
            "parameters": {key: f"$response.body#/{pointer}"},
        }
