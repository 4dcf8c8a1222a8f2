"""Who changed what of a partner or a pack is told with everything else that changes."""

from __future__ import annotations

import pytest

from catalog.models import Change
from erp.trade.services.partners import create_partner, create_shop, update_partner
from tests.api.shop import make_shop

pytestmark = pytest.mark.django_db


def test_a_credit_limit_is_seen_before_and_after() -> None:
    shop = make_shop("haneul")
    partner = create_partner(brand=shop.brand, name="언니네", is_buyer=True)
    create_shop(partner=partner, name="2층 15호")
    update_partner(partner=partner, credit_limit=500_000)
    changes = Change.objects.of(shop.brand).order_by("-pk")
    assert changes[0].changes["credit_limit"][1].startswith("500000")
    assert {"partner", "deliverto"} <= set(changes.values_list("content_type__model", flat=True))
