"""Every route of the API says which scope opens it, and a token without it gets no further."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView

from erp.core.api.scopes import ANY, SCOPES, HasScope, scope_of
from tests.api.tokens import served, token_of, with_token
from tests.walk import PARAMETER, routes

# Name of the route -> why it needs no scope.
OPEN = {
    "api:login": "the way in",
    "api:schema": "documentation",
    "api:docs": "documentation",
    "api:nothing": "the 404 of unknown addresses",
}
EVERY_TOKEN = {"api:me", "api:logout"}
IDS = {"int": "1", "slug": "some", "uuid": "0193462e-8a5c-7d31-9b0e-5f2c6a1d4e87"}


def handlers() -> Iterator[tuple[str, str, str, Any]]:
    """Name, address, method and view (as it is when it answers) of everything the API serves."""
    for route in routes():
        if not route.is_api or route.name in OPEN:
            continue
        path = "/" + PARAMETER.sub(lambda match: IDS[match[1]], route.pattern)
        cls, actions = served(path)
        for method, action in actions.items():
            view: Any = cls()
            view.action = action
            yield route.name, path, method, view


def test_every_view_declares_its_scope() -> None:
    wrong = []
    for name, _path, method, view in handlers():
        try:
            needed = scope_of(view, method.upper())
        except ImproperlyConfigured as error:
            wrong.append(f"{name}: {error}")
            continue
        if needed is None and name not in EVERY_TOKEN:
            wrong.append(f"{name} is open to every token: name it in EVERY_TOKEN, or give it a scope")
        if HasScope not in view.permission_classes:
            wrong.append(f"{name} has permissions of its own, and nothing asks for its scope")
    assert not wrong, "\n".join(wrong)


def test_what_changes_something_needs_more_than_to_read() -> None:
    for name, _path, method, view in handlers():
        reads = getattr(view, "reads_by_post", ())
        if method != "get" and view.action not in reads and name not in EVERY_TOKEN:
            assert str(scope_of(view, method.upper())).endswith(":write"), f"{method} {name}"
    posting = {view.action for _n, _p, method, view in handlers() if view.action in getattr(view, "reads_by_post", ())}
    assert posting == {"post", "preview"}


def test_every_scope_opens_something() -> None:
    opened = {scope_of(view, method.upper()) for _name, _path, method, view in handlers()}
    assert opened >= SCOPES.keys()
    assert opened <= SCOPES.keys() | {None}


@pytest.mark.django_db
def test_without_the_scope_every_route_is_403_and_names_it(shop) -> None:
    """Each route is asked with a token that has every scope but the one it needs."""
    clients, wrong, walked = {}, [], 0
    for name, path, method, view in handlers():
        needed = scope_of(view, method.upper())
        if needed is None:
            continue
        if needed not in clients:
            clients[needed] = with_token(token_of(shop.owner, *(SCOPES.keys() - {needed}), name=f"all but {needed}"))
        answer = getattr(clients[needed], method)(path)
        walked += 1
        said = answer.json() if answer.status_code == 403 else {}
        fields = [problem["field"] for problem in said.get("errors", [])]
        if said.get("code") != "missing_scope" or fields != [needed] or needed not in said["message"]:
            wrong.append(f"{method} {name}: {answer.status_code} {said or ''}")
    assert not wrong, "\n".join(wrong)
    assert walked > 150


@pytest.mark.django_db
def test_with_the_scope_the_lists_open(shop) -> None:
    clients, opened = {}, 0
    for name, path, method, view in handlers():
        needed = scope_of(view, method.upper())
        if method != "get" or "/1/" in path or "some" in path or IDS["uuid"] in path or needed is None:
            continue
        if needed not in clients:
            clients[needed] = with_token(token_of(shop.owner, needed, name=needed))
        assert clients[needed].get(path).status_code in (200, 400), name  # 400: asks for a brand
        opened += 1
    assert opened > 30


@pytest.mark.django_db
def test_every_token_says_whose_it_is(shop) -> None:
    assert with_token(token_of(shop.owner, "vision:read")).get("/api/v1/me/").json()["username"] == "haneul-owner"


def test_a_view_that_says_nothing_is_a_mistake_not_an_opening() -> None:
    class Silent(APIView):
        pass

    class Misspelt(APIView):
        scope = "stocks"

    for view in (Silent(), Misspelt()):
        with pytest.raises(ImproperlyConfigured, match="needs `scope`"):
            scope_of(view, "GET")


def test_halves_of_a_scope() -> None:
    class Reading(APIView):
        scope = "changes"

    class Open(APIView):
        scope = ANY

    assert scope_of(Reading(), "HEAD") == scope_of(Reading(), "DELETE") == "changes:read"
    assert scope_of(Open(), "POST") is None


def test_the_document_names_the_scope() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    assert {"token": ["stock:write"]} in paths["/api/v1/movements/"]["post"]["security"]
    assert {"token": ["catalog:read"]} in paths["/api/v1/scan/"]["post"]["security"]
    assert {"token": []} in paths["/api/v1/me/"]["get"]["security"]
    assert re.fullmatch(r"\w+:read", paths["/api/v1/orders/"]["get"]["security"][0]["token"][0])
