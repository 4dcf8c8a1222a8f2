"""The database itself keeps the ledger."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from erp.inventory.models import Posting, StockMovement
from erp.inventory.triggers import REFUSAL, STRANGER
from tests.factories import BrandFactory, UserFactory
from tests.inventory.conftest import Shop

TABLES = ["inventory_stockmovement", "inventory_posting"]
postgres_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL has TRUNCATE")


@pytest.fixture(autouse=True)
def _some_stock(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)


def refused(sql: str, match: str = REFUSAL) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", TABLES)
def test_raw_update_is_refused(table: str) -> None:
    refused(f"UPDATE {table} SET note = 'changed'")


@pytest.mark.parametrize("table", TABLES)
def test_raw_delete_is_refused(table: str) -> None:
    refused(f"DELETE FROM {table}")


@postgres_only
@pytest.mark.parametrize("table", TABLES)
def test_truncate_is_refused(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite has INSERT OR REPLACE")
@pytest.mark.parametrize("model", [StockMovement, Posting])
def test_replace_is_refused(model: type[Model]) -> None:
    columns = ", ".join(field.column for field in model._meta.concrete_fields if field.column != "note")
    table = model._meta.db_table
    refused(f"INSERT OR REPLACE INTO {table} (note, {columns}) SELECT 'changed', {columns} FROM {table}")


def test_the_orm_is_refused_too() -> None:
    movement = StockMovement.objects.get()
    movement.quantity = 7
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        movement.save()
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        movement.delete()
    assert StockMovement.objects.get().quantity == 5


def test_a_movement_has_the_brand_kind_and_actor_of_its_posting() -> None:
    strangers = {"brand": BrandFactory, "kind": lambda: "shipment", "actor": UserFactory, "posting_id": lambda: 0}
    for name, value in strangers.items():
        movement = StockMovement.objects.get()
        movement.pk = None
        setattr(movement, name, value())
        with pytest.raises(IntegrityError, match=STRANGER), transaction.atomic():
            movement.save(force_insert=True)
    assert StockMovement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_guard_is_back_after_a_transactional_test_was_flushed() -> None:
    """Runs behind another transactional test or before one: either way the triggers are there."""
    refused("DELETE FROM inventory_stockmovement")
    assert Posting.objects.count() == 1
