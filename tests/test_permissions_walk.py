"""Walks every address of the product, pages, admin and API, as people who must not see or change a brand.

Routes are found by themselves. A new one is walked at once; one with a new kind of parameter fails until `tests.walk`
knows what to put there, and one that is open to the world fails until it is named here with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client

from erp.inventory.models import LedgerCheck
from tests.api.shop import Api, Shop, make_shop
from tests.factories import UserFactory
from tests.walk import MARK, Hidden, Route, fresh_key, hidden_brand, routes, snapshot

pytestmark = pytest.mark.django_db

# Name of the route -> why somebody without an account may open it.
OPEN = {
    "login": "the way in",
    "set_language": "choosing a language before the log-in",
    "health": "for load balancers; says nothing but ok",
    "api:login": "the way in",
    "api:schema": "documentation",
    "api:docs": "documentation",
    "api:nothing": "the 404 of unknown addresses",
    "channels:picture": "marketplaces fetch photos of listings, by addresses that nobody guesses",
    "channels:hook-shopify": "a shop's own delivery, known by its signature",
    "channels:hook-orders": "signed orders, known by their signature",
    "channels:inbound-state": "what became of signed orders, at an address that only their sender was told",
    "storefront:schema": "documentation",
    "storefront:products": "what a brand shows to shoppers",
    "storefront:product": "what a brand shows to shoppers",
    "storefront:categories": "what a brand shows to shoppers",
    "storefront:feed": "what a brand shows to shoppers",
    "admin:login": "the way in",
    "admin:jsi18n": "words of the admin's scripts",
    "admin:logout": "the way out",
}
# Rows that every brand shares and its owner may look at in the admin.
SHARED = ("admin:catalog_category_", "admin:catalog_pattern_")
# A person's own, whatever their role: another's does not exist.
OWN = {"api:token-detail"}
UPLOADS = {"api:product-images", "api:imports", "api:order-files"}
METHODS = ("get", "post", "put", "patch", "delete")
NOT_THERE = {403, 404, 405}


@pytest.fixture
def hidden(db) -> Hidden:
    return hidden_brand()


@pytest.fixture
def stranger(hidden) -> Shop:
    """The owner of another brand, to whom the admin opens too."""
    return make_shop("stranger")


def body_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8", "replace")


BROWSER = Client(raise_request_exception=False)
CALLER = Api()
CALLER.raise_request_exception = False


def login_of(person: Any) -> Client:
    """The browser as somebody who has just logged in: some of the requests before have logged out."""
    BROWSER.cookies.clear()
    if person is not None:
        BROWSER.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return BROWSER


def pages() -> Iterator[Route]:
    return (route for route in routes() if not route.is_api and not route.is_admin)


def api_routes() -> Iterator[Route]:
    return (route for route in routes() if route.is_api)


def admin_routes() -> Iterator[Route]:
    return (route for route in routes() if route.is_admin)


def call(person: Any, method: str, route: Route, hidden: Hidden) -> Any:
    """One request to a route of the API, as complete as a stranger could make it."""
    CALLER.force_authenticate(person)
    parts = {"format": "multipart"} if route.name in UPLOADS and method == "post" else {}
    data = {"brand": hidden.shop.slug, "kind": "receipt", "lines": [], "name_ko": "x"} if not parts else {}
    data = data if method != "get" else {}
    return getattr(CALLER, method)(hidden.path(route), data, headers=fresh_key(), **parts)


def test_the_walk_sees_the_whole_product() -> None:
    names = {route.name for route in routes()}
    assert OPEN.keys() <= names
    assert {"inventory:home", "catalog:image", "vision:listing", "api:movement-list", "admin:index"} <= names
    assert len(names) > 100


def test_pages_do_not_exist_for_a_stranger(hidden, stranger) -> None:
    before, wrong = snapshot(), []
    for route in pages():
        for method in ("get", "post"):
            answer = getattr(login_of(stranger.owner), method)(hidden.path(route))
            allowed = NOT_THERE if route.takes_ids and route.name not in OPEN else {*NOT_THERE, 200, 302, 400, 422}
            if answer.status_code not in allowed or MARK in body_of(answer):
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before


def test_api_routes_do_not_exist_for_a_stranger(hidden, stranger) -> None:
    before, wrong = snapshot(), []
    for route in api_routes():
        for method in METHODS:
            answer = call(stranger.owner, method, route, hidden)
            allowed = {404, 405} if route.takes_ids else {200, 204, 400, 404, 405}
            if answer.status_code not in allowed or MARK in body_of(answer):
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before


def test_the_admin_shows_a_stranger_nothing(hidden, stranger) -> None:
    before, wrong = snapshot(), []
    for route in admin_routes():
        for method in ("get", "post"):
            data = {"post": "yes"} if method == "post" else {}
            answer = getattr(login_of(stranger.owner), method)(hidden.admin_path(route), data)
            closed = route.takes_ids and not route.name.startswith(SHARED)
            allowed = {*NOT_THERE, 302} if closed else {*NOT_THERE, 200, 302}
            if answer.status_code not in allowed or MARK in body_of(answer):
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before


def test_the_admins_choices_offer_a_stranger_nothing(hidden, stranger) -> None:
    client, wrong, asked = login_of(stranger.owner), [], 0
    for model in admin.site._registry:
        for field in model._meta.get_fields():
            if field.concrete and field.is_relation:
                names = {
                    "app_label": model._meta.app_label,
                    "model_name": model._meta.model_name,
                    "field_name": field.name,
                }
                answer = client.get("/admin/autocomplete/", names)
                asked += 1
                if answer.status_code not in {200, *NOT_THERE} or MARK in body_of(answer):
                    wrong.append(f"{names}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 20


def test_without_an_account_there_is_only_the_way_in(hidden) -> None:
    before, wrong = snapshot(), []
    for route in routes():
        if route.name in OPEN:
            continue
        path = hidden.admin_path(route) if route.is_admin else hidden.path(route)
        for method in ("get", "post"):
            answer = getattr(login_of(None), method)(path)
            to_login = answer.status_code == 302 and "login" in answer.headers["Location"]
            if not to_login and answer.status_code not in {401, 405}:
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_only_looks_changes_nothing(role, hidden) -> None:
    person = hidden.shop.viewer if role == "viewer" else UserFactory(is_auditor=True)
    # An auditor may have the ledger verified, and what is found is written down; nothing else is.
    noted = (LedgerCheck,) if role == "auditor" else ()
    before, wrong = snapshot(without=noted), []
    for route in routes():
        if route.name in OPEN or route.is_admin:
            continue
        for method in METHODS[1:] if route.is_api else METHODS[1:2]:
            if route.is_api:
                answer = call(person, method, route, hidden)
            else:
                answer = getattr(login_of(person), method)(hidden.path(route))
            # A page that only shows takes a POST as a GET.
            shown = {200} if not route.is_api else set()
            closed = route.takes_ids and route.name not in OWN
            allowed = {403, 405} | shown if closed else {204, 302, 400, 422, *NOT_THERE} | shown
            if answer.status_code not in allowed:
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert snapshot(without=noted) == before


def test_nobody_was_changed(hidden, stranger) -> None:
    """The walk itself leaves people alone: their passwords, rights and languages."""
    people = list(get_user_model().objects.order_by("pk").values("password", "is_staff", "is_superuser", "username"))
    for route in admin_routes():
        if "user" in route.pattern:
            login_of(stranger.owner).post(hidden.admin_path(route), {"is_superuser": "on", "post": "yes"})
    after = get_user_model().objects.order_by("pk").values("password", "is_staff", "is_superuser", "username")
    assert list(after) == people
