"""The book of partners, their accounts, and who may write in it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.days import business_day
from erp.trade.models import Account, AccountEntry, DeliverTo, Partner
from erp.trade.services.accounts import add_entry
from erp.trade.verify import verify_accounts
from tests.web.shop import Shop, a_stranger, build_shop, queries_of


@pytest.fixture
def shop(db: None) -> Shop:
    shop = build_shop()
    shop.brand.refresh_from_db()
    return shop


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


@pytest.fixture
def owner(shop: Shop) -> Client:
    return shop.client(shop.owner)


@pytest.fixture
def buyer(shop: Shop) -> Partner:
    return Partner.objects.create(brand=shop.brand, name="언니네", is_buyer=True, phone="010-1234-5678")


def url(shop: Shop, name: str, *args: Any) -> str:
    return reverse(f"trade:{name}", args=[shop.brand.slug, *args])


def owe(shop: Shop, partner: Partner, amount: int) -> AccountEntry:
    key = uuid.uuid4().hex
    return add_entry(partner=partner, kind="sale", amount=Decimal(amount), actor=shop.owner, idempotency_key=key)


def payment(shop: Shop, amount: str = "50,000", **values: str) -> dict[str, str]:
    day = business_day(shop.brand).isoformat()
    return {"key": str(uuid.uuid4()), "amount": amount, "method": "cash", "day": day} | values


class TestWhoMay:
    def test_a_viewer_reads_and_changes_nothing(self, shop: Shop, buyer: Partner) -> None:
        viewer = shop.client(shop.viewer)
        for name, args in (("partners", ()), ("partner", (buyer.pk,)), ("account-csv", (buyer.pk,))):
            assert viewer.get(url(shop, name, *args)).status_code == 200
        for name, args in (
            ("partner-new", ()),
            ("partner-edit", (buyer.pk,)),
            ("shop-new", (buyer.pk,)),
            ("payment", (buyer.pk,)),
            ("account-opening", (buyer.pk,)),
        ):
            assert viewer.get(url(shop, name, *args)).status_code == 403
            assert viewer.post(url(shop, name, *args), payment(shop) | {"name": "x"}).status_code == 403
        assert not AccountEntry.objects.exists()
        assert Partner.objects.count() == 1

    def test_only_the_owner_corrects_and_takes_back(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        entry = owe(shop, buyer, 1000)
        body = payment(shop, way="less", note="x")
        assert clerk.post(url(shop, "account-correction", buyer.pk), body).status_code == 403
        assert clerk.post(url(shop, "entry-reverse", buyer.pk, entry.pk)).status_code == 403
        assert AccountEntry.objects.count() == 1

    def test_a_stranger_finds_nothing(self, shop: Shop, buyer: Partner) -> None:
        stranger = shop.client(a_stranger())
        for name, args in (("partners", ()), ("partner", (buyer.pk,)), ("payment", (buyer.pk,))):
            assert stranger.get(url(shop, name, *args)).status_code == 404

    def test_the_partner_of_another_brand_is_unknown(self, shop: Shop, clerk: Client) -> None:
        other = Partner.objects.create(brand=build_shop().brand, name="남")
        for name in ("partner", "partner-edit", "payment", "shop-new", "account-csv"):
            assert clerk.get(url(shop, name, other.pk)).status_code == 404


class TestTheBook:
    def test_a_name_is_enough(self, shop: Shop, clerk: Client) -> None:
        body = {"name": "창신동 봉제", "kind": "factory", "is_supplier": "on", "is_active": "on"}
        response = clerk.post(url(shop, "partner-new"), body, follow=True)
        found = Partner.objects.get()
        assert response.redirect_chain[0][0] == url(shop, "partner", found.pk)
        assert (found.brand, found.kind, found.is_supplier, found.is_buyer) == (shop.brand, "factory", True, False)

    def test_the_same_name_twice_is_said_at_the_field(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        response = clerk.post(url(shop, "partner-new"), {"name": "언니네", "kind": "shop", "phone": "02-1"})
        assert response.status_code == 422
        assert "already has this name" in str(response.context["form"].non_field_errors())
        assert 'value="02-1"' in response.content.decode()
        assert Partner.objects.count() == 1

    def test_what_is_wrong_with_a_limit(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        for limit in ("-1", "0.5", "abc"):
            body = {"name": "언니네", "kind": "shop", "credit_limit": limit, "is_active": "on"}
            response = clerk.post(url(shop, "partner-edit", buyer.pk), body)
            assert response.status_code == 422
            assert response.context["form"].errors["credit_limit"]
        body = {"name": "새 이름", "kind": "agent", "credit_limit": "1,000,000", "is_active": "on"}
        assert clerk.post(url(shop, "partner-edit", buyer.pk), body).status_code == 302
        buyer.refresh_from_db()
        assert (buyer.name, buyer.kind, buyer.credit_limit) == ("새 이름", "agent", 1_000_000)

    def test_shops_of_a_buyer(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        body = {"name": "대구점", "address": "대구", "is_active": "on"}
        assert clerk.post(url(shop, "shop-new", buyer.pk), body).status_code == 302
        assert clerk.post(url(shop, "shop-new", buyer.pk), body).status_code == 422
        found = DeliverTo.objects.get()
        assert clerk.post(url(shop, "shop-edit", buyer.pk, found.pk), body | {"name": "부산점"}).status_code == 302
        found.refresh_from_db()
        assert found.name == "부산점"
        other = Partner.objects.create(brand=shop.brand, name="다른 손님", is_buyer=True)
        assert clerk.get(url(shop, "shop-edit", other.pk, found.pk)).status_code == 404

    def test_the_list_is_narrowed(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        Partner.objects.create(brand=shop.brand, name="공장", is_supplier=True, kind="factory")
        Partner.objects.create(brand=shop.brand, name="옛 손님", is_buyer=True, is_active=False)
        owe(shop, buyer, 70_000)

        def names(**query: str) -> list[str]:
            return [p.name for p in clerk.get(url(shop, "partners"), query).context["page_obj"]]

        assert names() == ["공장", "언니네"]
        assert names(show="suppliers") == ["공장"]
        assert names(show="owing") == ["언니네"]
        assert names(show="closed") == ["옛 손님"]
        assert names(kind="factory") == ["공장"]
        assert names(q="1234") == ["언니네"]
        assert names(q="없는 이름") == []
        assert names(show="no such", kind="\0") == ["공장", "언니네"]
        assert "₩70,000" in clerk.get(url(shop, "partners")).content.decode()

    def test_a_list_asks_as_much_for_many(self, shop: Shop, clerk: Client) -> None:
        def grow(n: int) -> None:
            for number in range(n):
                partner = Partner.objects.create(brand=shop.brand, name=f"{uuid.uuid4().hex}", is_buyer=True)
                owe(shop, partner, 100 + number)

        grow(1)
        few = queries_of(clerk, url(shop, "partners"))
        grow(29)
        assert queries_of(clerk, url(shop, "partners")) == few


class TestAccounts:
    def test_a_payment(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        owe(shop, buyer, 120_000)
        body = payment(shop, note="11월분")
        page = clerk.post(url(shop, "payment", buyer.pk), body, follow=True).content.decode()
        assert "₩70,000" in page
        assert "-₩50,000" in page
        assert clerk.post(url(shop, "payment", buyer.pk), body).status_code == 302  # pressed twice
        assert Account.objects.get().balance == 70_000
        assert verify_accounts() == []

    def test_what_is_typed_stays_when_it_is_refused(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        for amount in ("0", "-5", "1.5", "abc", ""):
            response = clerk.post(url(shop, "payment", buyer.pk), payment(shop, amount, note="메모"))
            assert response.status_code == 422
            assert response.context["form"].errors["amount"]
            assert 'value="메모"' in response.content.decode()
        response = clerk.post(url(shop, "payment", buyer.pk), payment(shop, day="1999-01-01"))
        assert response.context["form"].errors["day"]
        assert not AccountEntry.objects.exists()

    def test_other_words_under_the_same_key_ask_again(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        body = payment(shop)
        clerk.post(url(shop, "payment", buyer.pk), body)
        response = clerk.post(url(shop, "payment", buyer.pk), body | {"amount": "60,000"})
        assert response.status_code == 422
        key = response.context["form"]["key"].value()
        clerk.post(url(shop, "payment", buyer.pk), body | {"amount": "60,000", "key": key})
        assert Account.objects.get().balance == -110_000

    def test_opening_correction_and_taking_back(self, shop: Shop, buyer: Partner, owner: Client) -> None:
        owner.post(url(shop, "account-opening", buyer.pk), payment(shop, "30,000", way="less"))
        assert Account.objects.get().balance == -30_000
        again = owner.post(url(shop, "account-opening", buyer.pk), payment(shop, "30,000", way="more"))
        assert again.status_code == 422
        assert owner.post(url(shop, "account-correction", buyer.pk), payment(shop, way="more")).status_code == 422
        owner.post(url(shop, "account-correction", buyer.pk), payment(shop, way="more", note="반올림"))
        assert Account.objects.get().balance == 20_000
        entry = AccountEntry.objects.first()
        assert entry is not None
        for _press in range(2):
            assert owner.post(url(shop, "entry-reverse", buyer.pk, entry.pk)).status_code == 302
        assert Account.objects.get().balance == -30_000
        assert AccountEntry.objects.count() == 3

    def test_the_account_as_a_file(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        owe(shop, buyer, 120_000)
        clerk.post(url(shop, "payment", buyer.pk), payment(shop, note="=1+1"))
        response = clerk.get(url(shop, "account-csv", buyer.pk))
        body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        lines = body.splitlines()
        assert lines[0] == "Day,Recorded,Kind,Paid by,Slip,Amount,Balance after,Note,By"
        assert ",Sale,,,120000,120000,," in lines[1]
        assert ",Payment,Cash,,-50000,70000,'=1+1," in lines[2]
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_a_long_account_is_walked(self, shop: Shop, buyer: Partner, clerk: Client) -> None:
        owe(shop, buyer, 1)
        few = queries_of(clerk, url(shop, "partner", buyer.pk))
        for amount in range(1, 60):
            owe(shop, buyer, amount)
        assert queries_of(clerk, url(shop, "partner", buyer.pk)) == few
        page = clerk.get(url(shop, "partner", buyer.pk)).context["page"]
        assert (len(page.rows), page.newer) == (50, None)
        rest = clerk.get(url(shop, "partner", buyer.pk), {"before": page.older}).context["page"]
        assert (len(rest.rows), rest.older) == (10, None)
