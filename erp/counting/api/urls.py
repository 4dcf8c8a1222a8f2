"""The addresses of counting below /api/v1/."""

from typing import Any

urlpatterns: list[Any] = []
