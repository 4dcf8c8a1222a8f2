"""An example for every body in the OpenAPI document that nobody wrote one for, made of the shop's own words.

erp/core/data/examples.json says what a field is filled with: by `Component.field`, or by `field` in all of them; the
first of several values that the field's schema allows is taken. What stands under `bodies` is a whole component.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

METHODS = ("get", "post", "put", "patch", "delete")
WORDS_FILE = Path(__file__).resolve().parent.parent / "data" / "examples.json"
BY_FORMAT = {
    "date-time": "2026-11-20T14:30:00+09:00",
    "date": "2026-11-20",
    "uuid": "0193462e-8a5c-7d31-9b0e-5f2c6a1d4e87",
    "uri": "https://jangbu.example/api/v1/products/?cursor=cD0xMDA%3D",
    "binary": "(the bytes of a file)",
}
NAME = "Example"
DEEPEST = 12


def add_examples(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """The last hook: gives each JSON or form body without an example one that its schema allows."""
    words = Examples(result["components"])
    kept = result["components"].setdefault("examples", {})
    for media, is_request in bodies(result):
        if "example" in media or media.get("examples"):
            continue
        name = media["schema"].get("$ref", "").rpartition("/")[2]
        if not name:
            media["examples"] = {NAME: {"value": words.of(media["schema"], whole=not is_request)}}
            continue
        if name not in kept:  # once, however many operations have this body
            kept[name] = {"value": words.of(media["schema"], whole=not is_request)}
        media["examples"] = {NAME: {"$ref": f"#/components/examples/{name}"}}
    return result


def bodies(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """The described bodies of all operations, and whether a client sends it. Files are no bodies of this kind."""
    for operations in document["paths"].values():
        for method in METHODS:
            operation = operations.get(method, {})
            for kind, media in operation.get("requestBody", {}).get("content", {}).items():
                if kind in ("application/json", "multipart/form-data"):
                    yield media, True
            for answer in operation.get("responses", {}).values():
                if "application/json" in answer.get("content", {}):
                    yield answer["content"]["application/json"], False


class Examples:
    def __init__(self, components: dict[str, Any]) -> None:
        self.components = components
        said = json.loads(WORDS_FILE.read_text())
        self.bodies: dict[str, Any] = said["bodies"]
        self.words: dict[str, list[Any]] = said["words"]

    def of(self, schema: dict[str, Any], *, field: str = "", owner: str = "", whole: bool = True, deep: int = 0) -> Any:
        """A value the schema allows. `whole`: with the fields that may be left out, as an answer has them."""
        if deep > DEEPEST:
            raise ValueError(f"{owner}.{field} refers to itself: give it an example in {WORDS_FILE.name}.")
        known, value = self._said(schema, field, owner)
        if known:
            return value
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in self.bodies:
                return self.bodies[name]
            return self.of(self.components["schemas"][name], field=field, owner=name, whole=whole, deep=deep + 1)
        for several in ("allOf", "oneOf", "anyOf"):
            if several in schema:
                return self.of(schema[several][0], field=field, owner=owner, whole=whole, deep=deep + 1)
        return self._plain(schema, field, owner, whole, deep)

    def _said(self, schema: dict[str, Any], field: str, owner: str) -> tuple[bool, Any]:
        for given in ("example", "const"):
            if given in schema:
                return True, schema[given]
        check = Draft202012Validator({**schema, "components": self.components})
        for key in (f"{owner}.{field}", field):
            for value in self.words.get(key, []):
                if check.is_valid(value):
                    return True, value
        return False, None

    def _plain(self, schema: dict[str, Any], field: str, owner: str, whole: bool, deep: int) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            needed = schema.get("required", [])
            return {
                name: self.of(inner, field=name, owner=owner, whole=whole, deep=deep + 1)
                for name, inner in schema.get("properties", {}).items()
                if whole or name in needed
            }
        if kind == "array":
            return [self.of(schema["items"], field=field, owner=owner, whole=whole, deep=deep + 1)]
        return self._leaf(schema, kind, field)

    def _leaf(self, schema: dict[str, Any], kind: str | None, field: str) -> Any:
        if kind == "string":
            return BY_FORMAT.get(schema.get("format", ""), field.replace("_", " "))
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        return True if kind == "boolean" else None
