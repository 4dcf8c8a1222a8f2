"""One shape for every refusal, whoever refuses: views, parsers, addresses, methods, the database, or a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from rest_framework.exceptions import ErrorDetail, ValidationError

from catalog.api.products import ProductsViewSet
from erp.core.api.errors import handle_exception
from erp.core.errors import DomainError
from tests.api.shop import Api, codes_of

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def shape(answer: Any, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert set(body) == {"code", "message", "errors"}
    assert body["message"]
    assert all({"code", "message"} <= set(e) <= {"field", "line", "code", "message"} for e in body["errors"])


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v2/products/", "/api/v1/nothing/", "/api/v1/products/abc/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_unknown_addresses_are_json(path, method, api) -> None:
    shape(getattr(api, method)(path), 404, "not_found")
    shape(getattr(Api(), method)(path), 404, "not_found")


def test_a_missing_slash_is_named(api) -> None:
    answer = api.post("/api/v1/movements", {})
    shape(answer, 404, "not_found")
    assert "/api/v1/movements/" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "number"), [("products", 10**9), ("products", 10**30), ("variants", 0), ("locations", 10**9)]
)
def test_unknown_ids_are_404(path, number, api) -> None:
    shape(api.get(f"/api/v1/{path}/{number}/"), 404, "not_found")


def test_a_method_that_is_not_offered(api) -> None:
    shape(api.delete(PRODUCTS), 405, "method_not_allowed")
    shape(api.options(PRODUCTS), 405, "method_not_allowed")


def test_a_body_of_another_kind(api) -> None:
    shape(
        api.post(PRODUCTS, "brand=haneul", content_type="application/x-www-form-urlencoded"),
        415,
        "unsupported_media_type",
    )
    shape(api.post(PRODUCTS, "<a/>", content_type="text/xml"), 415, "unsupported_media_type")


def test_an_answer_of_another_kind(api) -> None:
    shape(api.get(PRODUCTS, HTTP_ACCEPT="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"brand": ', '{"a": NaN}', '"\\ud800"', "[" * 100_000, b"\xff\xfe{}", '{"n": ' + "9" * 5000 + "}"],
    ids=["empty", "brace", "cut off", "NaN", "half a character", "deep", "not UTF-8", "long number"],
)
def test_broken_json(body, api) -> None:
    answer = api.post(PRODUCTS, body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "errors"}


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_json_that_is_no_object(body, shop, api) -> None:
    for path in (PRODUCTS, "/api/v1/movements/", "/api/v1/auth/login/", f"{PRODUCTS}{shop.product.pk}/variants/"):
        method = api.put if path.endswith("variants/") else api.post
        answer = method(path, json.dumps(body), content_type="application/json")
        assert answer.status_code == 400, path


def test_a_large_body_is_refused_before_it_is_read(api) -> None:
    shape(api.post(PRODUCTS, " " * (5 * 1024 * 1024 + 1), content_type="application/json"), 413, "too_large")


def test_anonymous_and_viewer(shop) -> None:
    shape(Api().get(PRODUCTS), 401, "not_authenticated")
    shape(Api(shop.viewer).post(PRODUCTS, {"brand": shop.slug}), 403, "not_allowed")


def test_a_session_needs_its_csrf_token(shop) -> None:
    client = Api(enforce_csrf_checks=True)
    client.force_login(shop.staff)
    shape(client.post(PRODUCTS, {"brand": shop.slug}), 403, "permission_denied")
    assert client.get(PRODUCTS).status_code == 200


def test_every_bad_field_is_named_at_once(shop, api) -> None:
    body = {"brand": shop.slug, "price": "dear", "season": "monsoon", "category": "spaceship", "name_ko": "x" * 121}
    answer = api.post(PRODUCTS, body)
    shape(answer, 400, "invalid")
    assert sorted(field for _line, field, _code in codes_of(answer)) == ["category", "name_ko", "price", "season"]


def test_nested_details_name_the_line() -> None:
    detail = {"lines": [{}, {"quantity": [ErrorDetail("no", code="min_value")]}], "non_field_errors": ["whole"]}
    answer = handle_exception(ValidationError(detail), {})
    assert answer.data["errors"] == [
        {"field": "quantity", "line": 2, "code": "min_value", "message": "no"},
        {"code": "invalid", "message": "whole"},
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("teapot", "short", status=418), 418, "teapot"),
        (PermissionDenied(), 403, "not_allowed"),
        (SuspiciousOperation("evil"), 400, "bad_request"),
        (RequestDataTooBig("fields"), 413, "too_large"),
        (IntegrityError("UNIQUE"), 409, "conflict"),
        (OperationalError("database is locked"), 503, "busy"),
    ],
)
def test_what_a_view_raises(error, status, code, api, monkeypatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(ProductsViewSet, "list", broken)
    answer = api.get(PRODUCTS)
    shape(answer, status, code)
    assert "UNIQUE" not in answer.content.decode()


def test_a_crash_is_json_without_a_trace(shop, monkeypatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ProductsViewSet, "list", broken)
    client = Api(shop.staff)
    client.raise_request_exception = False
    answer = client.get(PRODUCTS)
    shape(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_bad_host_is_json() -> None:
    shape(Api().get(PRODUCTS, HTTP_HOST="evil.example"), 400, "bad_request")


@pytest.mark.parametrize("cursor", ["x", "%00", "cD1hYmM=", "cD0xMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA==", "cj1h"])
def test_a_broken_cursor(cursor, api) -> None:
    answer = api.get(f"{PRODUCTS}?cursor={cursor}")
    assert answer.status_code in (200, 404)
    assert set(answer.json()) in ({"code", "message", "errors"}, {"next", "previous", "results"})


NO_VALUES = [
    "brand=nobody",
    "category=spaceship",
    "status=lost",
    "updated_since=yesterday",
    "updated_since=0001-01-01T00:00:00%2B14:00",
    "updated_since=9999-12-31T23:59:59-14:00",
    "search=" + "a%20" * 1000,
]


@pytest.mark.parametrize("query", NO_VALUES)
def test_a_filter_value_that_is_none(query, api) -> None:
    answer = api.get(f"{PRODUCTS}?{query}")
    shape(answer, 400, "invalid")
    assert codes_of(answer)[0][1] == query.split("=")[0]
