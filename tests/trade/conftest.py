"""What most tests of trade begin with."""

import pytest
from django.test import Client

from tests.trade.desk import Desk, build_desk


@pytest.fixture
def desk(db: None) -> Desk:
    """A brand with stock places and a buyer."""
    return build_desk()


@pytest.fixture
def clerk(desk: Desk) -> Client:
    """Its clerk, logged in to the pages."""
    return desk.shop.client(desk.shop.clerk)
