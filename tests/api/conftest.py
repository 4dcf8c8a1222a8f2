from __future__ import annotations

import pytest
from django.core.cache import cache

from erp.core.models import User
from tests.api.shop import Api, Shop, make_shop
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _no_throttle_left() -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def shop(db) -> Shop:
    return make_shop("haneul")


@pytest.fixture
def other(db) -> Shop:
    """Somebody else's brand."""
    return make_shop("bada")


@pytest.fixture
def auditor(db) -> User:
    return UserFactory(username="auditor", is_auditor=True)


@pytest.fixture
def api(shop) -> Api:
    """The clerk's client."""
    return Api(shop.staff)
