"""The audit pages: every brand, read-only, for auditors and superusers only."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from erp.core.models import User
from erp.inventory.models import Balance, LedgerCheck, StockMovement
from erp.inventory.services import checks, ship
from tests.factories import UserFactory
from tests.web.shop import Shop, a_stranger, build_shop, queries_of

AUDIT = reverse("inventory:audit")
VERIFY = reverse("inventory:verify")
CHECKS = reverse("inventory:checks")


@pytest.fixture
def auditor(shop: Shop) -> Client:
    return shop.client(UserFactory(is_auditor=True))


@pytest.fixture
def other(shop: Shop) -> Shop:
    """A second brand, where stock moved too."""
    other = build_shop()
    shop.stock(3, 4)
    other.stock(5)
    return other


def skus(response) -> list[str]:
    return [row.movement.variant.sku for row in response.context["rows"]]


class TestWhoMay:
    @pytest.mark.parametrize("address", [AUDIT, CHECKS])
    def test_to_all_others_it_does_not_exist(self, shop: Shop, address: str) -> None:
        for user in (shop.owner, shop.clerk, shop.viewer, a_stranger()):
            assert shop.client(user).get(address).status_code == 404

    def test_others_cannot_verify(self, shop: Shop) -> None:
        assert shop.client(shop.owner).post(VERIFY).status_code == 404
        assert not LedgerCheck.objects.exists()

    def test_without_login_one_is_sent_to_it(self, db) -> None:
        assert "/login/" in Client().get(AUDIT)["Location"]

    def test_auditors_and_superusers_may(self, shop: Shop, auditor: Client) -> None:
        boss = User.objects.create_superuser("boss", password="a-long-secret")
        assert auditor.get(AUDIT).status_code == 200
        assert shop.client(boss).get(AUDIT).status_code == 200

    def test_an_auditor_reads_a_brand_and_changes_nothing(self, shop: Shop, auditor: Client) -> None:
        posting = shop.stock(3)
        for name in ("stock", "history"):
            page = auditor.get(shop.url(name))
            assert page.status_code == 200
            assert shop.url("receive") not in page.content.decode()
        assert auditor.get(shop.url("posting", posting.public_id)).status_code == 200
        assert auditor.post(shop.url("reverse", posting.public_id)).status_code == 403
        assert auditor.post(shop.url("receive"), shop.entry("1")).status_code == 403
        assert StockMovement.objects.count() == 1


class TestSearch:
    def test_shows_every_brand(self, shop: Shop, other: Shop, auditor: Client) -> None:
        response = auditor.get(AUDIT)
        assert skus(response) == [other.variants[0].sku, shop.variants[1].sku, shop.variants[0].sku]
        page = response.content.decode()
        assert shop.brand.name_en in page
        assert other.brand.name_en in page

    def test_narrows_by_brand_sku_and_posting(self, shop: Shop, other: Shop, auditor: Client) -> None:
        posting = StockMovement.objects.filter(brand=other.brand).get().posting
        for query in (
            {"brand": other.brand.slug},
            {"sku": other.variants[0].sku},
            {"posting": posting.public_id},
            {"posting": f"#{posting.pk}"},
            {"posting": f" {posting.pk} "},
        ):
            assert skus(auditor.get(AUDIT, query)) == [other.variants[0].sku], query

    def test_narrows_by_kind_place_and_person(self, shop: Shop, other: Shop, auditor: Client) -> None:
        who = {"actor": other.clerk, "idempotency_key": "s"}
        ship(brand=other.brand, location=other.main, quantities={other.variants[0].pk: 1}, **who)
        for query in ({"kind": "shipment"}, {"actor": other.clerk.username}, {"location": "CUSTOMER"}):
            response = auditor.get(AUDIT, query)
            assert skus(response) == [other.variants[0].sku], query
            field = response.content.decode()
            assert 'value="shipment" selected' in field or f'value="{[*query.values()][0]}" list=' in field

    def test_offers_places_and_people_of_the_brand_alone(self, shop: Shop, other: Shop, auditor: Client) -> None:
        other.owner.memberships.all().delete()
        response = auditor.get(AUDIT, {"brand": other.brand.slug})
        people = {other.owner, other.clerk, other.viewer}
        assert set(response.context["people"]) == people
        assert other.main in response.context["locations"]
        page = response.content.decode()
        assert all(f'<option value="{person.username}">' in page for person in people)
        assert '<option value="MAIN">' in page
        assert shop.owner.username not in auditor.get(AUDIT, {"brand": other.brand.slug}).content.decode()
        assert '<option value="MAIN">' not in auditor.get(AUDIT).content.decode()

    @pytest.mark.parametrize("query", [{"posting": "#999999999"}, {"posting": str(uuid.uuid4())}, {"sku": "nothing"}])
    def test_nothing_fits(self, other: Shop, auditor: Client, query: dict[str, str]) -> None:
        response = auditor.get(AUDIT, query)
        assert skus(response) == []
        assert "Nothing fits" in response.content.decode()

    @pytest.mark.parametrize("query", [{"brand": "nobody"}, {"posting": "x"}, {"since": "x"}, {"before": "x"}])
    def test_nonsense_breaks_nothing(self, other: Shop, auditor: Client, query: dict[str, str]) -> None:
        assert auditor.get(AUDIT, query).status_code == 200

    def test_more_rows_need_no_more_queries(self, shop: Shop, other: Shop, auditor: Client) -> None:
        few, of_brand = queries_of(auditor, AUDIT), queries_of(auditor, AUDIT, {"brand": shop.brand.slug})
        for _ in range(4):
            shop.stock(1, 1, 1, 1)
            build_shop().stock(1)
        # Three of them look ahead in the indexes.
        assert queries_of(auditor, AUDIT) == few <= 13
        assert queries_of(auditor, AUDIT, {"brand": shop.brand.slug}) == of_brand <= few + 3


class TestVerify:
    def test_a_small_ledger_is_proved_at_once(self, other: Shop, auditor: Client) -> None:
        response = auditor.post(VERIFY, follow=True)
        assert "Every balance agrees" in response.content.decode()
        assert LedgerCheck.objects.get().finished_at

    def test_a_difference_is_named(self, shop: Shop, other: Shop, auditor: Client) -> None:
        Balance.objects.filter(location=other.main).update(on_hand=9)
        page = auditor.post(VERIFY, follow=True).content.decode()
        assert "1 difference" in page
        assert f"{other.variants[0].sku}, MAIN: the balance says 9, the movements 5" in page

    def test_one_brand_alone(self, shop: Shop, other: Shop, auditor: Client) -> None:
        Balance.objects.filter(location=other.main).update(on_hand=9)
        auditor.post(VERIFY, {"brand": shop.brand.slug})
        check = LedgerCheck.objects.get()
        assert (check.brand, check.differences) == (shop.brand, [])

    def test_an_unknown_brand_is_refused(self, auditor: Client) -> None:
        assert auditor.post(VERIFY, {"brand": "nobody"}).status_code == 404
        assert not LedgerCheck.objects.exists()

    def test_a_large_ledger_is_left_to_the_worker(
        self,
        other: Shop,
        auditor: Client,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks,
    ) -> None:
        asked = []
        monkeypatch.setattr(checks, "AT_ONCE", 1)
        monkeypatch.setattr(checks, "async_task", lambda *args: asked.append(args))
        with django_capture_on_commit_callbacks(execute=True):
            page = auditor.post(VERIFY, follow=True).content.decode()
        check = LedgerCheck.objects.get()
        assert asked == [("erp.inventory.tasks.run_check", check.pk)]
        assert "Verifying" in page
        assert f'hx-get="{CHECKS}"' in page
        checks.run_check(check_id=check.pk)
        page = auditor.get(CHECKS).content.decode()
        assert "Every balance agrees" in page
        assert "hx-get" not in page

    def test_a_link_cannot_verify(self, auditor: Client) -> None:
        assert auditor.get(VERIFY).status_code == 405
