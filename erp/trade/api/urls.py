"""The addresses of trade below /api/v1/."""

from typing import Any

urlpatterns: list[Any] = []
