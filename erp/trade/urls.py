"""Pages of trade."""

from typing import Any

app_name = "trade"

urlpatterns: list[Any] = []
