"""What becomes of SKUs from before they had one set of signs and one case."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from auditlog.context import disable_auditlog
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Variant
from tests.factories import ProductFactory, VariantFactory

MIGRATION = "0006_one_sku_in_any_case"
renamed_skus = import_module(f"catalog.migrations.{MIGRATION}").renamed_skus


def test_each_keeps_a_name_of_its_own() -> None:
    rows = [
        (1, 1, "ha-1"),
        (1, 2, "HA-1"),
        (1, 3, "Ha-1"),
        (1, 4, 'A"\n/B'),
        (1, 5, "//"),
        (1, 6, "-own-"),
        (1, 7, "x" * 80),
        (1, 8, "X" * 80),
        (2, 9, "ha-1"),
        (2, 10, "fine"),
        (2, 11, "셔츠.1"),
    ]
    assert renamed_skus(rows) == {
        1: "HA-1-2",
        3: "HA-1-3",
        4: "A-B",
        5: "SKU-5",
        6: "-OWN-",
        7: "X" * 78 + "-2",
        9: "HA-1",
        10: "FINE",
    }


def migrate(name: str = "") -> None:
    """To this migration of the catalog, or to the end of every app."""
    executor = MigrationExecutor(connection)
    executor.migrate([("catalog", name)] if name else executor.loader.graph.leaf_nodes())


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    migrate("0005_tile")
    with disable_auditlog():  # the table of changes came later
        yield
    migrate()


def test_twins_are_told_apart_and_then_kept_out(before: None) -> None:
    product = ProductFactory()
    first, second, odd = (VariantFactory(product=product, brand=product.brand) for _ in range(3))
    with connection.cursor() as cursor:
        for variant, sku in ((first, "HA-1"), (second, "ha-1"), (odd, 'A "B"\n')):
            cursor.execute("UPDATE catalog_variant SET sku = %s WHERE id = %s", [sku, variant.pk])
    migrate(MIGRATION)
    skus = dict(Variant.objects.values_list("pk", "sku"))
    assert skus == {first.pk: "HA-1", second.pk: "HA-1-2", odd.pk: "A-B"}
    assert Variant.objects.get(pk=second.pk).updated_at > second.updated_at
    assert Variant.objects.get(pk=first.pk).updated_at == first.updated_at
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute("UPDATE catalog_variant SET sku = 'low' WHERE id = %s", [odd.pk])
