"""The OpenAPI document is valid, complete, and says what the API does; its page needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from tests.api.shop import Api
from tests.walk import routes

HIDDEN = {"api:schema", "api:docs", "api:nothing"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_valid_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_every_route_is_in_it(schema) -> None:
    documented = {re.sub(r"\{\w+\}", "{}", path) for path in schema["paths"]}
    served = {"/" + re.sub(r"<[^>]+>", "{}", r.pattern) for r in routes() if r.is_api and r.name not in HIDDEN}
    assert documented == served


def test_every_operation_is_described(schema) -> None:
    bare = [
        op["operationId"] for _p, _m, op in operations(schema) if not op.get("summary") and not op.get("description")
    ]
    assert bare == []
    ids = [op["operationId"] for _p, _m, op in operations(schema)]
    assert len(ids) == len(set(ids))


def test_every_operation_says_how_it_refuses(schema) -> None:
    for path, method, operation in operations(schema):
        answers = operation["responses"]
        if not path.endswith("/auth/login/"):
            assert {"401", "404"} <= answers.keys(), path
        if method != "get":
            assert "400" in answers, path
        for status in answers.keys() & {"400", "401", "403", "404", "409", "413", "415", "429"}:
            [content] = answers[status]["content"].values()
            assert content["schema"] == {"$ref": "#/components/schemas/Error"}, (path, status)
            assert content["examples"], (path, status)


def test_lists_page_and_posting_needs_a_key(schema) -> None:
    lists = [op for _p, _m, op in operations(schema) if op["operationId"].endswith("_list")]
    assert len(lists) > 10
    assert all({"cursor", "page_size"} <= {p["name"] for p in op["parameters"]} for op in lists)
    posting = schema["paths"]["/api/v1/movements/"]["post"]
    key = next(p for p in posting["parameters"] if p["name"] == "Idempotency-Key")
    assert (key["in"], key["required"]) == ("header", True)
    assert len(posting["requestBody"]["content"]["application/json"]["examples"]) >= 3
    assert {"200", "201", "400", "403", "409"} <= posting["responses"].keys()


def test_the_document_is_served(db) -> None:
    answer = Api().get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert Api().get("/api/v1/schema/", HTTP_ACCEPT="*/*").status_code == 200


def test_the_page_loads_our_own_files_only(db) -> None:
    page = Api().get("/api/v1/docs/", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "unsafe-eval" not in page.headers["Content-Security-Policy"]
    html = page.content.decode()
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert links
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    assert not re.search(r"<script(?![^>]*src=)", html)
    for link in links:
        if link.startswith("/static/"):
            assert finders.find(link.removeprefix("/static/")), link
    script = Api().get("/api/v1/docs/?script=", HTTP_ACCEPT="*/*")
    assert (script.status_code, script.headers["Content-Type"]) == (200, "application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


def test_every_type_has_a_name_for_clients(schema) -> None:
    """A generator makes a class of each. A list of choices is named in ENUM_NAME_OVERRIDES."""
    components = schema["components"]["schemas"]
    assert [name for name in components if name.endswith("Enum") or not re.fullmatch(r"[A-Z][A-Za-z]*", name)] == []
    parameters = [p for _p, _m, op in operations(schema) for p in op.get("parameters", [])]
    assert [p["name"] for p in parameters if "title" in p["schema"] or "title" in p["schema"].get("items", {})] == []
    assert "public_id" not in {p["name"] for p in parameters}


def test_names_are_the_same_in_every_language(schema) -> None:
    with translation.override("en"):
        english = SchemaGenerator().get_schema(request=None, public=True)
    assert english["components"]["schemas"].keys() == schema["components"]["schemas"].keys()
    assert [op["operationId"] for _p, _m, op in operations(english)] == [
        op["operationId"] for _p, _m, op in operations(schema)
    ]


def test_filters_have_the_types_of_what_they_filter(schema) -> None:
    parameters = {p["name"]: p["schema"] for p in schema["paths"]["/api/v1/products/"]["get"]["parameters"]}
    assert parameters["status"] == {"$ref": "#/components/schemas/ProductStatus"}
    assert "title" not in parameters["brand"]


def test_links_lead_from_an_answer_to_what_can_be_done_with_it(schema) -> None:
    made = schema["paths"]["/api/v1/products/"]["post"]["responses"]["201"]["links"]
    assert made["products_activate"] == {
        "operationId": "products_activate",
        "parameters": {"id": "$response.body#/id"},
    }
    ids = {op["operationId"] for _p, _m, op in operations(schema)}
    for _path, _method, operation in operations(schema):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                assert link["operationId"] in ids
