"""A running product and a headless Chromium for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.product import CHROMIUM, CHROMIUM_ARGS, running_product

expect.set_options(timeout=20_000)  # a busy machine is no failure


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return {"executable_path": CHROMIUM, "args": CHROMIUM_ARGS, "headless": True}


@pytest.fixture(scope="session")
def shop(django_db_setup, tmp_path_factory, fresh_sqlite: Path) -> Iterator[str]:
    """The address of the product with the demonstration brands."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    folder: Path = tmp_path_factory.mktemp("product")
    beside = tmp_path_factory.getbasetemp().parent / "demonstration" if "PYTEST_XDIST_WORKER" in os.environ else None
    with running_product(folder, shared=beside, fresh=fresh_sqlite) as address:
        yield address
