"""Fixtures that every test may use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as project_settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation

from catalog.taxonomy import load_taxonomy
from erp.inventory.triggers import lifted
from erp.trade import triggers as trade

# Playwright keeps an event loop in the thread of the tests, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """SQLite has one writer at a time: what threads do at once needs the other database."""
    if connection.vendor != "postgresql":
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL"))


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory) -> Path:
    """Where the tests' own database lies as the migrations left it, if it is one of SQLite: an installation that a
    test makes for itself begins with a copy, for migrating takes longer than all else it does."""
    return tmp_path_factory.mktemp("fresh") / "fresh.sqlite3"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, fresh_sqlite: Path) -> None:
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(name)) as made, closing(sqlite3.connect(fresh_sqlite)) as kept:
            made.backup(kept)


@pytest.fixture(autouse=True)
def _first_language() -> None:
    """A request leaves its language active in the thread; the next test begins in Korean again."""
    translation.activate(project_settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _plain_static_files(settings) -> None:
    """Templates name static files without a collectstatic run, and uploads land in a folder of the test."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def _no_rate_limits(settings) -> None:
    """The suite sends more requests in a minute than a client may."""
    settings.API_RATES = dict.fromkeys(settings.API_RATES, 1_000_000)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """A real password hash takes a third of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guard() -> Iterator[None]:
    """A transactional test ends by emptying every table, which the ledger and the accounts refuse; for that moment
    their guards are off.

    The taxonomy, which a migration loaded, is put back for the tests that follow.
    """
    flush = TransactionTestCase._fixture_teardown

    def rows_only(_ops: Any, style: Any, tables: list[str], **_options: Any) -> list[str]:
        """TRUNCATE makes PostgreSQL write new files for every table and index, which takes seconds; these hold little.
        Its foreign keys are looked at when all is deleted."""
        return [f"DELETE FROM {connection.ops.quote_name(table)};" for table in tables]

    def flush_all(test: TransactionTestCase) -> None:
        with lifted(connection), trade.lifted(connection):
            flush(test)
        with transaction.atomic():
            load_taxonomy(apps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_all)
        if connection.vendor == "postgresql":
            patch.setattr(type(connection.ops), "sql_flush", rows_only)
        yield
