"""What a deprecated route says, of itself and in the document. None of the product's is deprecated now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from erp.core.api.deprecation import deprecated, deprecation_of
from erp.core.api.scopes import ANY
from tests.api.shop import Api

SINCE = datetime(2026, 12, 1, tzinfo=UTC)
SUNSET = datetime(2027, 12, 2, tzinfo=UTC)
GUIDE = "https://example.com/changes#old"
old = deprecated(since=SINCE, sunset=SUNSET, link=GUIDE)


class Answer(serializers.Serializer):
    name = serializers.CharField()


@old
class Old(APIView):
    scope = ANY

    @extend_schema(operation_id="old", responses=Answer)
    def get(self, request: Any) -> Response:
        return Response({"name": "old"}, headers={"Link": '</next>; rel="next"'})


class Things(ViewSet):
    scope = "catalog"

    @extend_schema(operation_id="things", responses=Answer)
    def list(self, request: Any) -> Response:
        return Response({"name": "new"})

    @old
    @extend_schema(operation_id="thing", responses=Answer)
    def retrieve(self, request: Any, pk: str) -> Response:
        return Response({"name": pk})


router = SimpleRouter(use_regex_path=False)
router.register("things", Things, "thing")
routes = ModuleType("routes")
routes.urlpatterns = [path("api/v1/", include([path("old/", Old.as_view()), *router.urls]))]  # type: ignore[attr-defined]


@pytest.fixture
def client(settings, shop) -> Api:
    settings.ROOT_URLCONF = routes
    return Api(shop.owner)


@pytest.mark.django_db
def test_its_answers_carry_the_headers(client) -> None:
    answer = client.get("/api/v1/old/")
    assert answer.status_code == 200
    assert answer.headers["Deprecation"] == "@1796083200"
    assert answer.headers["Sunset"] == "Thu, 02 Dec 2027 00:00:00 GMT"
    assert answer.headers["Link"] == f'</next>; rel="next", <{GUIDE}>; rel="deprecation"; type="text/html"'


@pytest.mark.django_db
def test_an_action_alone_may_be_deprecated(client) -> None:
    assert "Deprecation" not in client.get("/api/v1/things/").headers
    answer = client.get("/api/v1/things/7/")
    assert (answer.json(), answer.headers["Deprecation"]) == ({"name": "7"}, "@1796083200")


@pytest.mark.django_db
def test_refusals_carry_them_too(client) -> None:
    client.force_authenticate(None)
    answer = client.get("/api/v1/things/7/")
    assert (answer.status_code, answer.headers["Deprecation"]) == (401, "@1796083200")


def test_the_document_says_so() -> None:
    document = SchemaGenerator(patterns=routes.urlpatterns).get_schema(request=None, public=True)
    said = {op["operationId"]: op for methods in document["paths"].values() for op in methods.values()}
    assert {name: op.get("deprecated", False) for name, op in said.items()} == {
        "old": True, "things": False, "thing": True,
    }  # fmt: skip
    fields = {"Deprecation", "Sunset", "Link"}
    assert all(answer["headers"].keys() >= fields for answer in said["thing"]["responses"].values())
    assert all(not answer["headers"].keys() & fields for answer in said["things"]["responses"].values())


def test_a_year_is_the_least_notice() -> None:
    with pytest.raises(ValueError, match="365 days"):
        deprecated(since=SINCE, sunset=SINCE + timedelta(days=364), link=GUIDE)


def test_a_view_that_is_not_is_not() -> None:
    assert deprecation_of(Things, "list") is None
    assert deprecation_of(Things, None) is None


def test_nothing_of_the_product_is_deprecated_now() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    assert not [p for p, methods in paths.items() if any(op.get("deprecated") for op in methods.values())]
