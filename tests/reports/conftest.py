import pytest

from catalog.models import Brand
from tests.reports.shop import Past
from tests.web.shop import build_shop


@pytest.fixture
def past(db) -> Past:
    shop = build_shop()
    shop.brand = Brand.objects.get(pk=shop.brand.pk)
    return Past(shop)
