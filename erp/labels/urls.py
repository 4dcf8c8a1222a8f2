"""Pages of labels."""

from typing import Any

app_name = "labels"

urlpatterns: list[Any] = []
