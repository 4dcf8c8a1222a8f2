"""A person of two brands comes with a token for one of them: to it, no route of the API knows the other."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import AccessToken
from catalog.services import add_member
from erp.core.api.scopes import SCOPES
from tests.api.shop import make_shop
from tests.api.tokens import served, token_of, with_token
from tests.walk import MARK, Hidden, fresh_key, hidden_brand, routes, snapshot

pytestmark = pytest.mark.django_db

UPLOADS = {"api:product-images", "api:imports", "api:order-files"}
# A token is its person's, of whatever brand: tests.api.test_tokens looks at these.
OWN = {"api:token-detail"}


@pytest.fixture
def hidden(db) -> Hidden:
    return hidden_brand()


def sent(client: Any, method: str, path: str, hidden: Hidden, *, upload: bool) -> Any:
    data = {"brand": hidden.shop.slug, "kind": "receipt", "lines": [], "name_ko": "x"} if method != "get" else {}
    parts = {"format": "multipart", "data": {}} if upload and method == "post" else {"data": data}
    return getattr(client, method)(path, headers=fresh_key(), **parts)


def test_no_route_knows_the_other_brand(hidden) -> None:
    own = make_shop("own")
    add_member(brand=hidden.shop.brand, user=own.owner, role="owner")
    client = with_token(token_of(own.owner, *SCOPES, brand=own.brand))
    client.raise_request_exception = False
    before, wrong, walked = snapshot(without=(AccessToken,)), [], 0
    for route in routes():
        if not route.is_api or route.name in OWN:
            continue
        path = hidden.path(route)
        for method in served(path)[1]:
            answer = sent(client, method, path, hidden, upload=route.name in UPLOADS)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            allowed = {404, 405} if route.takes_ids else {200, 204, 400, 401, 404, 405, 406}
            walked += 1
            if answer.status_code not in allowed or MARK in content.decode("utf-8", "replace"):
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert walked > 150
    assert snapshot(without=(AccessToken,)) == before


def test_the_same_person_with_a_token_for_all_brands_finds_it(hidden) -> None:
    """Or the walk above would prove nothing."""
    own = make_shop("own")
    add_member(brand=hidden.shop.brand, user=own.owner, role="owner")
    client = with_token(token_of(own.owner, *SCOPES))
    assert MARK in client.get("/api/v1/products/").content.decode()
