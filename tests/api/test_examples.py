"""Every body in the OpenAPI document has an example, and every example is what its schema allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from erp.core.api.examples import METHODS, NAME, WORDS_FILE, Examples
from erp.core.api.schema import EXAMPLES, HEADERS

FILES = {"text/csv", "application/pdf", "application/zip", "image/*"}
HEADINGS = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method} {path}", methods[method]


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is sent ("request") and what is answered (its status), with the kind of its content."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", kind, media
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            yield status, kind, media


def shown(schema: dict[str, Any], media: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of a body, wherever they are kept."""
    for name, example in media.get("examples", {}).items():
        kept = example.get("$ref", "").rpartition("/")[2]
        yield name, (schema["components"]["examples"][kept] if kept else example)["value"]


def test_every_body_has_an_example(schema) -> None:
    bare, sent, answered = [], 0, 0
    for label, operation in operations(schema):
        for where, kind, media in bodies(operation):
            is_file = kind in FILES or "spreadsheetml" in kind
            if not is_file and not media.get("examples"):
                bare.append(f"{label} {where} {kind}")
            sent += where == "request"
            answered += where != "request" and not is_file
    assert not bare, "\n".join(bare)
    assert sent > 60 and answered > 900


def test_every_example_is_what_its_schema_allows(schema) -> None:
    wrong, seen = [], 0
    for label, operation in operations(schema):
        for where, _kind, media in bodies(operation):
            check = Draft202012Validator(
                {**media["schema"], "components": schema["components"]},
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
            for name, value in shown(schema, media):
                seen += 1
                wrong += [f"{label} {where} “{name}”: {e.message}" for e in check.iter_errors(value)]
    assert not wrong, "\n".join(wrong)
    assert seen > 1500


def test_the_schemas_are_of_draft_2020_12(schema) -> None:
    for component in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)


def test_every_refusal_shows_its_code(schema) -> None:
    wrong = []
    for label, operation in operations(schema):
        for where, _kind, media in bodies(operation):
            if where < "400" or where == "request":
                continue
            codes = {value["code"] for _name, value in shown(schema, media)}
            if not all(codes) or (where in EXAMPLES and len(codes) != len(media["examples"])):
                wrong.append(f"{label} {where}: {codes}")
    assert not wrong, "\n".join(wrong)
    changing = schema["paths"]["/api/v1/movements/"]["post"]["responses"]
    assert changing["403"]["content"]["application/json"]["examples"].keys() == {"not_allowed", "missing_scope"}
    assert "token_expired" in changing["401"]["content"]["application/json"]["examples"]


def test_every_answer_says_how_much_is_left(schema) -> None:
    assert HEADERS.keys() == schema["components"]["headers"].keys()
    for label, operation in operations(schema):
        assert "429" in operation["responses"], label
        for status, answer in operation["responses"].items():
            assert answer["headers"].keys() >= HEADINGS, (label, status)
        assert "Retry-After" in operation["responses"]["429"]["headers"], label


def test_what_a_person_reads_is_no_filler(schema) -> None:
    """A text that nobody gave a word for would be the name of its field. Its word goes into the file of them."""
    unsaid = set()

    def look(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, key)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)
        elif isinstance(value, str) and value == name.replace("_", " "):
            unsaid.add(name)

    for _label, operation in operations(schema):
        for _where, _kind, media in bodies(operation):
            look(dict(shown(schema, media)).get(NAME), "")
    assert not unsaid, f"{sorted(unsaid)}: say in {WORDS_FILE} what they are filled with"


def test_no_word_is_left_over(schema) -> None:
    """Of a field or a body that is no more."""
    components = schema["components"]["schemas"]
    said = json.loads(WORDS_FILE.read_text())
    fields: set[str] = set()

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            fields.update(part.get("properties", {}))
            for inner in part.values():
                collect(inner)
        elif isinstance(part, list):
            for inner in part:
                collect(inner)

    collect(schema)
    assert said["bodies"].keys() <= components.keys()
    for key in said["words"]:
        owner, dot, field = key.rpartition(".")
        assert field in (components[owner]["properties"] if dot else fields), key


def test_words_are_taken_only_where_they_fit() -> None:
    made = Examples({"schemas": {"Thing": {"type": "object", "properties": {
        "size": {"type": "integer"}, "sku": {"type": "string", "maxLength": 4}, "days": {"const": 3},
        "at": {"type": "string", "format": "date-time"}, "kinds": {"type": "array", "items": {"enum": ["b", "c"]}},
        "price": {"oneOf": [{"type": "string", "pattern": r"^\d+$"}, {"type": "null"}]},
    }, "required": ["kinds"]}}})  # fmt: skip
    thing = {"$ref": "#/components/schemas/Thing"}
    assert made.of(thing) == {
        "size": 48213, "sku": "sku", "days": 3, "at": "2026-11-20T14:30:00+09:00", "kinds": ["b"], "price": "39000",
    }  # fmt: skip
    assert made.of(thing, whole=False) == {"kinds": ["b"]}


def test_what_refers_to_itself_asks_for_words() -> None:
    node = {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Node"}}}
    with pytest.raises(ValueError, match="refers to itself"):
        Examples({"schemas": {"Node": node}}).of(node)
