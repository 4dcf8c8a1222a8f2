"""Pages of counting."""

from typing import Any

app_name = "counting"

urlpatterns: list[Any] = []
