"""Fixtures of the page tests."""

import pytest

from tests.web.shop import Shop, build_shop


@pytest.fixture
def shop(db) -> Shop:
    return build_shop()
