"""Stock in the admin: places are arranged, the ledger is looked at and never changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.services import create_brand
from erp.inventory.models import Balance, Location, Posting, StockMovement
from erp.inventory.services import ensure_locations, receive
from tests.factories import ProductFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db

LEDGER = {"posting": Posting, "stockmovement": StockMovement, "balance": Balance}


def page(model: str, name: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:inventory_{model}_{name}", args=args)


class Shop:
    def __init__(self, slug: str) -> None:
        self.owner = UserFactory()
        self.brand = create_brand(slug=slug, name_ko=slug, owner=self.owner)
        ensure_locations(brand=self.brand)
        self.main = Location.objects.of(self.brand).get(kind="warehouse")
        self.received = 0
        self.stock(1)

    def stock(self, count: int) -> None:
        for _n in range(count):
            self.received += 1
            variant = VariantFactory(
                product=ProductFactory(brand=self.brand, status="active"), sku=f"{self.brand.slug}-{self.received}"
            )
            receive(
                brand=self.brand,
                location=self.main,
                quantities={variant.pk: 5},
                actor=self.owner,
                idempotency_key=f"{self.brand.slug} {self.received}",
                reference=f"PO-{self.brand.slug}-{self.received}",
            )

    def row(self, model: str) -> Any:
        return LEDGER[model].objects.of(self.brand).first()


@pytest.fixture
def mine() -> Shop:
    return Shop("haru")


@pytest.fixture
def theirs() -> Shop:
    return Shop("mono")


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner(mine) -> Client:
    return logged_in(mine.owner)


@pytest.mark.parametrize("model", LEDGER)
class TestLedger:
    def test_nobody_changes_it(self, model, mine) -> None:
        row = mine.row(model)
        for user in (mine.owner, UserFactory(is_superuser=True, is_staff=True)):
            client = logged_in(user)
            assert client.get(page(model)).status_code == 200
            assert client.get(page(model, "change", row.pk)).status_code == 200
            assert client.get(page(model, "add")).status_code == 403
            for name in ("change", "delete"):
                assert client.post(page(model, name, row.pk), {"post": "yes"}).status_code == 403
            client.post(page(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
            assert type(row).objects.filter(pk=row.pk).exists()

    def test_each_sees_their_own(self, model, mine, theirs, owner) -> None:
        assert [row.pk for row in owner.get(page(model)).context_data["cl"].result_list] == [mine.row(model).pk]
        assert owner.get(page(model, "change", theirs.row(model).pk)).status_code in (302, 403)
        auditor = logged_in(UserFactory(is_auditor=True, is_staff=True))
        assert len(auditor.get(page(model)).context_data["cl"].result_list) == 2
        assert auditor.post(page(model, "change", mine.row(model).pk), {}).status_code == 403

    def test_lists_cost_the_same_with_many_rows(self, model, mine, owner, django_assert_num_queries) -> None:
        owner.get(page(model))
        with CaptureQueriesContext(connection) as first:
            owner.get(page(model))
        mine.stock(4)
        with django_assert_num_queries(len(first)):
            owner.get(page(model))

    def test_a_search_finds_one_exact_code(self, model, mine, owner) -> None:
        mine.stock(2)
        code = "PO-haru-2" if model == "posting" else "haru-2"
        assert len(owner.get(page(model), {"q": f" {code} "}).context_data["cl"].result_list) == 1
        assert len(owner.get(page(model), {"q": "haru"}).context_data["cl"].result_list) == 0


class TestLocations:
    def test_an_owner_opens_a_shop(self, mine, theirs, owner) -> None:
        data = {"brand": mine.brand.pk, "code": "SEOUL", "kind": "shop", "name_ko": "성수점", "position": 5}
        assert owner.post(page("location", "add"), data | {"is_active": "on"}).status_code == 302
        assert Location.objects.get(code="SEOUL").is_internal
        for wrong in ({"brand": theirs.brand.pk}, {"kind": "supplier"}, {"code": "SEOUL"}, {"code": "서울"}):
            response = owner.post(page("location", "add"), data | {"code": "BUSAN"} | wrong)
            assert response.context_data["adminform"].form.errors, wrong
        assert not Location.objects.filter(code="BUSAN").exists()

    def test_a_place_with_stock_is_not_closed(self, mine, owner) -> None:
        url = page("location", "change", mine.main.pk)
        data = {"code": "MAIN", "name_ko": "창고", "position": 0}
        assert "is_active" in owner.post(url, data).context_data["adminform"].form.errors
        assert owner.post(url, data | {"is_active": "on", "name_ko": "큰 창고"}).status_code == 302
        mine.main.refresh_from_db()
        assert (mine.main.name_ko, mine.main.kind, mine.main.is_active) == ("큰 창고", "warehouse", True)

    def test_the_last_place_to_sell_from_is_not_closed(self, theirs) -> None:
        brand = create_brand(slug="new", name_ko="new", owner=theirs.owner)
        ensure_locations(brand=brand)
        main = Location.objects.of(brand).get(code="MAIN")
        response = logged_in(theirs.owner).post(
            page("location", "change", main.pk), {"code": "MAIN", "name_ko": "창고", "position": 0}
        )
        assert list(response.context_data["adminform"].form.errors) == ["is_active"]
        main.refresh_from_db()
        assert main.is_active

    def test_what_the_ledger_needs_is_looked_at_and_nothing_is_deleted(self, mine, owner) -> None:
        supplier = Location.objects.of(mine.brand).get(kind="supplier")
        data = {"code": supplier.code, "name_ko": "공급처", "position": 0}
        assert owner.get(page("location", "change", supplier.pk)).status_code == 200
        assert owner.post(page("location", "change", supplier.pk), data).status_code == 403
        assert owner.post(page("location", "delete", mine.main.pk), {"post": "yes"}).status_code == 403

    def test_a_code_that_is_taken_is_refused_also_on_change(self, mine, owner) -> None:
        other = Location.objects.of(mine.brand).get(kind="defective")
        data = {"code": mine.main.code, "name_ko": "불량", "position": 1, "is_active": "on"}
        response = owner.post(page("location", "change", other.pk), data)
        assert response.context_data["adminform"].form.errors
        assert Location.objects.get(pk=other.pk).code == other.code

    def test_each_sees_their_own(self, mine, theirs, owner) -> None:
        listed = owner.get(page("location")).context_data["cl"].result_list
        assert {location.brand for location in listed} == {mine.brand}
        assert owner.post(page("location", "change", theirs.main.pk), {}).status_code in (302, 403)
