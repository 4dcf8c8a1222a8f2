"""Pages of channels: the addresses of each part are a module of `routes`."""

from typing import Any

from erp.channels.routes import channels, exports, hooks, listings, mappings, orders

app_name = "channels"

urlpatterns: list[Any] = [
    *channels.urlpatterns,
    *listings.urlpatterns,
    *mappings.urlpatterns,
    *exports.urlpatterns,
    *orders.urlpatterns,
    *hooks.urlpatterns,
]
