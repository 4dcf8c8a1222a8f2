"""Pages of trade: the addresses of each paper are a module of `routes`."""

from typing import Any

from erp.trade.routes import orders, partners, purchases, slips

app_name = "trade"

urlpatterns: list[Any] = [
    *orders.urlpatterns,
    *partners.urlpatterns,
    *purchases.urlpatterns,
    *slips.urlpatterns,
]
