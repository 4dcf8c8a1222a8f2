"""Pages of trade."""

from typing import Any

from erp.trade.routes import slips

app_name = "trade"

urlpatterns: list[Any] = [
    *slips.urlpatterns,
]
