"""Pages of trade: the addresses of each paper are a module of `routes`."""

from typing import Any

from erp.trade.routes import consignment, orders, partners, purchases, returns, samples, slips

app_name = "trade"

urlpatterns: list[Any] = [
    *consignment.urlpatterns,
    *orders.urlpatterns,
    *partners.urlpatterns,
    *purchases.urlpatterns,
    *returns.urlpatterns,
    *samples.urlpatterns,
    *slips.urlpatterns,
]
