"""A small shop of its own for each test."""

import pytest
from django.core.cache import cache

from tests.web.shop import Shop, build_shop


@pytest.fixture
def shop(db) -> Shop:
    return build_shop()


@pytest.fixture(autouse=True)
def _fresh_rates() -> None:
    cache.clear()
