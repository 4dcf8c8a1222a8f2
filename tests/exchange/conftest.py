"""Fixtures of the tests of imports and exports."""

from __future__ import annotations

from typing import Any

import pytest

from erp.exchange.services import imports
from tests.api.shop import Shop, make_shop


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was handed to the workers; the tests run it themselves."""
    jobs: list[Any] = []
    monkeypatch.setattr(imports, "async_task", lambda *args, **kwargs: jobs.append(args))
    return jobs


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("haneul")


@pytest.fixture
def other(db: None) -> Shop:
    return make_shop("bada")
