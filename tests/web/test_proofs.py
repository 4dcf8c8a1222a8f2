"""Seals and closed periods on pages and over the API; and entries of an earlier day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.days import business_day, day_start
from erp.inventory.models import DaySeal, PeriodClose, Posting, StockMovement
from erp.inventory.seals import receipt_of
from erp.inventory.services.backdating import retelling
from erp.inventory.services.seals import seal_days
from tests.api.shop import Api
from tests.web.shop import a_stranger, build_shop, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    return build_shop()


def yesterday(shop: Any, days: int = 1) -> Any:
    return business_day(shop.brand) - timedelta(days=days)


class TestSeals:
    @pytest.fixture
    def sealed(self, shop) -> list[DaySeal]:
        shop.stock(5)
        return seal_days(brand=shop.brand, now=timezone.now() + timedelta(days=3))

    def test_the_page_gives_a_receipt(self, shop, sealed) -> None:
        client = shop.client(shop.viewer)
        body = client.get(shop.url("seals")).content.decode()
        latest = sealed[-1]
        assert receipt_of(latest) in body and "mailto:?subject=Jangbu%20seal%20of%20" in body
        assert sealed[0].hash in body
        file = b"".join(client.get(shop.url("seals-csv")).streaming_content).decode()
        assert file.startswith("\ufeffDay,Movements,Hash") and latest.hash in file
        assert queries_of(client, shop.url("seals")) < 12

    def test_before_the_first_night(self, shop) -> None:
        assert "No day is sealed yet" in shop.client(shop.viewer).get(shop.url("seals")).content.decode()

    def test_the_api(self, shop, sealed) -> None:
        api = Api(shop.viewer)
        [row, *_rest] = api.get("/api/v1/seals/", {"brand": shop.brand.slug}).json()["results"]
        assert (row["hash"], row["receipt"]) == (sealed[-1].hash, receipt_of(sealed[-1]))
        day = sealed[0].day.isoformat()
        assert len(api.get("/api/v1/seals/", {"day": day}).json()["results"]) == 1
        assert api.get(f"/api/v1/seals/{row['id']}/").status_code == 200
        stranger = Api(a_stranger())
        assert stranger.get(f"/api/v1/seals/{row['id']}/").status_code == 404
        assert stranger.get("/api/v1/seals/").json()["results"] == []
        assert shop.client(a_stranger()).get(shop.url("seals")).status_code == 404


class TestPeriods:
    def test_an_owner_closes_and_opens(self, shop) -> None:
        client = shop.client(shop.owner)
        assert "Everything is open" in client.get(shop.url("periods")).content.decode()
        day = yesterday(shop, 5)
        answer = client.post(shop.url("periods-close"), {"through": day.isoformat(), "reason": "October"})
        assert answer.status_code == 302
        body = client.get(shop.url("periods")).content.decode()
        assert "October" in body and "Open a period again" in body
        refused = client.post(shop.url("periods-reopen"), {"reopen-through": "", "reopen-reason": ""})
        assert refused.status_code == 422 and "Say why" in refused.content.decode()
        assert client.post(shop.url("periods-reopen"), {"reopen-reason": "forgotten"}).status_code == 302
        assert PeriodClose.objects.count() == 2

    def test_what_is_typed_is_kept(self, shop) -> None:
        client = shop.client(shop.owner)
        answer = client.post(shop.url("periods-close"), {"through": "2099-01-01", "reason": "too early"})
        body = answer.content.decode()
        assert answer.status_code == 422
        assert "too early" in body and "2099-01-01" in body and "not over yet" in body
        assert client.post(shop.url("periods-close"), {"through": "soon"}).status_code == 422
        assert not PeriodClose.objects.exists()

    @pytest.mark.parametrize("role", ["clerk", "viewer"])
    def test_others_look_only(self, shop, role) -> None:
        client = shop.client(getattr(shop, role))
        body = client.get(shop.url("periods")).content.decode()
        assert "Close the books" not in body
        day = yesterday(shop, 5).isoformat()
        assert client.post(shop.url("periods-close"), {"through": day}).status_code == 403
        assert client.post(shop.url("periods-reopen"), {"reopen-reason": "x"}).status_code == 403
        api = Api(getattr(shop, role))
        assert api.post("/api/v1/periods/", {"brand": shop.brand.slug, "through": day}).status_code == 403
        assert not PeriodClose.objects.exists()
        assert shop.client(a_stranger()).post(shop.url("periods-close"), {"through": day}).status_code == 404

    def test_the_api(self, shop) -> None:
        api = Api(shop.owner)
        body = {"brand": shop.brand.slug, "through": yesterday(shop, 5).isoformat()}
        made = api.post("/api/v1/periods/", body)
        assert made.status_code == 201 and made.json()["through"] == body["through"]
        assert api.post("/api/v1/periods/", body).json()["code"] == "already_closed"
        assert api.post("/api/v1/periods/reopen/", {"brand": shop.brand.slug}).status_code == 400
        again = api.post("/api/v1/periods/reopen/", {"brand": shop.brand.slug, "reason": "forgotten"})
        assert again.status_code == 201 and again.json()["through"] is None
        assert len(Api(shop.viewer).get("/api/v1/periods/").json()["results"]) == 2
        assert Api(a_stranger()).get("/api/v1/periods/").json()["results"] == []
        assert Api(a_stranger()).post("/api/v1/periods/", body).status_code == 404


class TestEntriesOfAnEarlierDay:
    def moment(self, shop: Any, days: int = 4) -> Any:
        return day_start(shop.brand, yesterday(shop, days)) + timedelta(hours=5)

    def typed(self, shop: Any, days: int = 4) -> str:
        return timezone.localtime(self.moment(shop, days)).strftime("%Y-%m-%dT%H:%M")

    def test_owners_are_asked_when_it_happened(self, shop) -> None:
        client = shop.client(shop.owner)
        assert "It happened earlier" in client.get(shop.url("receive")).content.decode()
        answer = client.post(shop.url("receive"), shop.entry("5", occurred_at=self.typed(shop)))
        assert answer.status_code == 302
        movement = StockMovement.objects.get()
        assert movement.occurred_at == self.moment(shop)
        body = client.get(shop.url("posting", movement.posting.public_id)).content.decode()
        assert "Recorded " in body

    def test_staff_are_not_and_are_told_why(self, shop) -> None:
        client = shop.client(shop.clerk)
        assert "It happened earlier" not in client.get(shop.url("receive")).content.decode()
        answer = client.post(shop.url("receive"), shop.entry("5", occurred_at=self.typed(shop), note="kept"))
        body = answer.content.decode()
        assert answer.status_code == 422 and "Only an owner" in body and "kept" in body
        assert not Posting.objects.exists()

    def test_over_the_api(self, shop) -> None:
        line = {"variant": shop.variants[0].pk, "quantity": 3, "destination": "MAIN"}
        body = {"brand": shop.brand.slug, "kind": "receipt", "lines": [line]}
        body["occurred_at"] = self.moment(shop).isoformat()
        refused = Api(shop.clerk).move(body)
        assert refused.status_code == 403 and refused.json()["code"] == "backdating_not_allowed"
        assert not Posting.objects.exists()
        assert Api(shop.owner).move(body).status_code == 201
        ship = body | {"kind": "shipment", "lines": [{**line, "destination": None, "source": "MAIN"}]}
        ship["occurred_at"] = self.moment(shop, 9).isoformat()
        short = Api(shop.owner).move(ship)
        assert short.status_code == 400
        assert [(e["line"], e["code"]) for e in short.json()["errors"]] == [(1, "insufficient_stock_then")]

    def test_a_shortage_of_then_stands_at_its_cell(self, shop) -> None:
        shop.stock(5)
        answer = shop.client(shop.owner).post(shop.url("ship"), shop.entry("2", occurred_at=self.typed(shop)))
        assert answer.status_code == 422
        assert "only 0 to take on" in answer.content.decode()
        assert shop.on_hand() == 5

    def test_a_closed_period_is_said_at_the_time(self, shop) -> None:
        client = shop.client(shop.owner)
        client.post(shop.url("periods-close"), {"through": yesterday(shop, 2).isoformat()})
        answer = client.post(shop.url("receive"), shop.entry("5", occurred_at=self.typed(shop)))
        assert answer.status_code == 422 and "closed through" in answer.content.decode()
        assert not Posting.objects.exists()

    def test_nonsense_is_not_taken_for_now(self, shop) -> None:
        answer = shop.client(shop.owner).post(shop.url("receive"), shop.entry("5", occurred_at="yesterday"))
        assert answer.status_code == 422 and not Posting.objects.exists()

    def test_the_admin_only_looks(self, shop) -> None:
        with retelling():
            shop.stock(1)
        client = shop.client(shop.owner)
        shop.owner.is_staff = True
        shop.owner.save()
        seal_days(brand=shop.brand, now=timezone.now() + timedelta(days=2))
        client.post(shop.url("periods-close"), {"through": yesterday(shop, 2).isoformat()})
        for model in ("dayseal", "periodclose"):
            assert client.get(f"/admin/inventory/{model}/").status_code == 200
            assert client.get(f"/admin/inventory/{model}/add/").status_code == 403
        assert client.get("/admin/catalog/change/").status_code == 200
        assert client.get("/admin/catalog/change/add/").status_code == 403
