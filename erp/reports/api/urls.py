"""The addresses of reports below /api/v1/."""

from typing import Any

urlpatterns: list[Any] = []
