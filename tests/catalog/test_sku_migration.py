"""What becomes of SKUs from before they had one set of signs and one case."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import IntegrityError, connection
from django.db.migrations import RemoveConstraint
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Variant
from tests.factories import ProductFactory, VariantFactory

migration = import_module("catalog.migrations.0006_one_sku_in_any_case")


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
    assert migration.renamed_skus(rows) == {
        1: "HA-1-2",
        3: "HA-1-3",
        4: "A-B",
        5: "SKU-5",
        6: "-OWN-",
        7: "X" * 78 + "-2",
        9: "HA-1",
        10: "FINE",
    }


class Unruled:
    """The table of variants without the rules that the migration lays down, until it laid them down."""

    def __init__(self) -> None:
        self.steps = [RemoveConstraint("variant", name) for name in ("sku_in_capitals", "unique_sku_per_brand")]
        self.ruled = MigrationExecutor(connection).loader.project_state()
        self.free = self.ruled.clone()
        for step in self.steps:
            step.state_forwards("catalog", self.free)
        with connection.schema_editor() as editor:
            for step in self.steps:
                step.database_forwards("catalog", editor, self.ruled, self.free)
        self.is_ruled = False

    def migrate(self) -> None:
        with connection.schema_editor() as editor:
            migration.tidy_skus(self.ruled.apps, editor)
        self.lay_down()

    def lay_down(self) -> None:
        with connection.schema_editor() as editor:
            for step in self.steps:
                step.database_backwards("catalog", editor, self.free, self.ruled)
        self.is_ruled = True


@pytest.fixture
def unruled(transactional_db: None) -> Iterator[Unruled]:
    table = Unruled()
    yield table
    if not table.is_ruled:
        Variant.objects.all().delete()
        table.lay_down()


def test_twins_are_told_apart_and_then_kept_out(unruled: Unruled) -> None:
    product = ProductFactory()
    first, second, odd = (VariantFactory(product=product, brand=product.brand) for _ in range(3))
    with connection.cursor() as cursor:
        for variant, sku in ((first, "HA-1"), (second, "ha-1"), (odd, 'A "B"\n')):
            cursor.execute("UPDATE catalog_variant SET sku = %s WHERE id = %s", [sku, variant.pk])
    unruled.migrate()
    skus = dict(Variant.objects.values_list("pk", "sku"))
    assert skus == {first.pk: "HA-1", second.pk: "HA-1-2", odd.pk: "A-B"}
    assert Variant.objects.get(pk=second.pk).updated_at > second.updated_at
    assert Variant.objects.get(pk=first.pk).updated_at == first.updated_at
    for wrong in ("low", "HA-1"):
        with connection.cursor() as cursor, pytest.raises(IntegrityError):
            cursor.execute("UPDATE catalog_variant SET sku = %s WHERE id = %s", [wrong, odd.pk])
