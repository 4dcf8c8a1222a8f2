"""What makes the OpenAPI document pleasant for generators of clients: one name for one thing, whatever the language.

A type that has no name of its own gets one from where it stands first, and another one elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
# What the generator of the document writes for "or empty" and "or nothing".
PLAIN = {
    "#/components/schemas/BlankEnum": {"type": "string", "const": ""},
    "#/components/schemas/NullEnum": {"type": "null"},
}


def name_for_clients(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook that comes after the one which names the lists of choices."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    result["paths"] = {path.replace("{public_id}", "{id}"): item for path, item in result["paths"].items()}
    lists = _lists_of_choices(schemas)
    for path, method, operation in _operations(result):
        operation["operationId"] = _operation_id(path, method, operation)
        for parameter in operation.get("parameters", []):
            _name_parameter(parameter, lists)
    for name in ("BlankEnum", "NullEnum"):
        schemas.pop(name, None)
    _write_plainly(schemas)
    return result


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in result["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _operation_id(path: str, method: str, operation: dict[str, Any]) -> str:
    """`orders_ship`, not `orders_ship_create`, where a verb makes no row; `slips_pdf`, not `slips_pdf_retrieve`."""
    found: str = operation["operationId"]
    is_verb = path.count("/") > 4 and not path.endswith("}/")
    if is_verb and method == "post" and "201" not in operation["responses"]:
        return found.removesuffix("_create")
    return found.removesuffix("_retrieve") if is_verb else found


def _lists_of_choices(schemas: dict[str, Any]) -> dict[tuple[str, frozenset[Any]], set[str]]:
    """The names of lists of choices, by the name of a field that has one of them and by what can be chosen."""
    found: dict[tuple[str, frozenset[Any]], set[str]] = defaultdict(set)
    for schema in schemas.values():
        for field, inner in schema.get("properties", {}).items():
            for part in (inner, *inner.get("allOf", []), *inner.get("oneOf", [])):
                name = part.get("$ref", "").rpartition("/")[2]
                if "enum" in schemas.get(name, {}):
                    found[field, frozenset(schemas[name]["enum"])].add(name)
    return found


def _name_parameter(parameter: dict[str, Any], lists: dict[tuple[str, frozenset[Any]], set[str]]) -> None:
    """A filter has the type of its field. Titles become names of types, and are in the reader's language."""
    if parameter["name"] == "public_id":
        parameter["name"] = "id"
    schema = parameter["schema"]
    for one in (schema, schema.get("items", {})):
        one.pop("title", None)
        names = lists.get((parameter["name"], frozenset(one.get("enum", ()))), set())
        if len(names) == 1:
            one.clear()
            one["$ref"] = f"#/components/schemas/{min(names)}"


def _write_plainly(node: Any) -> None:
    if isinstance(node, list):
        for inner in node:
            _write_plainly(inner)
    elif isinstance(node, dict):
        if plain := PLAIN.get(node.get("$ref", "") if isinstance(node.get("$ref"), str) else ""):
            node.clear()
            node.update(plain)
        for inner in node.values():
            _write_plainly(inner)
