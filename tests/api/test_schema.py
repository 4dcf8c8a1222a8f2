"""The OpenAPI document is valid, complete, and says what the API does; its page needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
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
