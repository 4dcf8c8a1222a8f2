"""The addresses of exchange below /api/v1/."""

from typing import Any

urlpatterns: list[Any] = []
