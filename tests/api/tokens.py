"""Personal tokens for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import resolve

from catalog.models import Brand
from catalog.services import create_token
from erp.core.models import User
from tests.api.shop import Api

METHODS = {"get", "post", "put", "patch", "delete"}


def served(path: str) -> tuple[type, Mapping[str, str]]:
    """The view behind an address of the API, and its action or handler for each method it takes."""
    found: Any = resolve(path).func
    actions = getattr(found, "actions", None) or {m: m for m in METHODS if hasattr(found.cls, m)}
    return found.cls, {method: actions[method] for method in METHODS & actions.keys()}


def token_of(user: User, *scopes: str, brand: Brand | None = None, days: int | None = 90, name: str = "test") -> str:
    return create_token(actor=user, name=name, scopes=scopes, days=days, brand=brand)[1]


def with_token(token: str, **defaults: Any) -> Api:
    return Api(HTTP_AUTHORIZATION=f"Token {token}", **defaults)
