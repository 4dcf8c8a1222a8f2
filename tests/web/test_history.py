"""The history of the stock: filters, pages by key, running balances, and the same as files."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand
from erp.inventory import downloads, services
from erp.inventory.models import Location, StockMovement
from tests.factories import UserFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, build_shop, queries_of


@pytest.fixture
def viewer(shop: Shop) -> Client:
    return shop.client(shop.viewer)


@pytest.fixture
def day(shop: Shop) -> Shop:
    """A day of work: 10 navy M and 4 navy L come, 3 navy M go out, 2 navy M to the defective goods."""
    who = {"brand": shop.brand, "actor": shop.clerk}
    shop.stock(10, 4)
    services.ship(location=shop.main, quantities={shop.variants[0].pk: 3}, reference="W-1", idempotency_key="s", **who)
    services.transfer(
        source=shop.main,
        destination=shop.defect,
        quantities={shop.variants[0].pk: 2},
        note="stains",
        idempotency_key="t",
        **who,
    )
    return shop


def changes(response) -> list[int | None]:
    return [row.change for row in response.context["rows"]]


def balances(response) -> list[list[int]]:
    return [[balance for _place, balance in row.balances] for row in response.context["rows"]]


class TestRows:
    def test_newest_first_with_what_was_there_after(self, day: Shop, viewer: Client) -> None:
        response = viewer.get(day.url("history"))
        assert changes(response) == [None, -3, 4, 10]
        assert balances(response) == [[5, 2], [7], [4], [10]]

    def test_at_one_place_each_row_has_its_change_and_running_balance(self, day: Shop, viewer: Client) -> None:
        response = viewer.get(day.url("history"), {"location": day.defect.code})
        assert (changes(response), balances(response)) == ([2], [[2]])
        response = viewer.get(day.url("history"), {"location": day.main.code, "variant": day.variants[0].pk})
        assert (changes(response), balances(response)) == ([-2, -3, 10], [[5], [7], [10]])

    def test_says_who_paper_and_posting(self, day: Shop, viewer: Client) -> None:
        page = viewer.get(day.url("history")).content.decode()
        for movement in StockMovement.objects.all():
            assert day.url("posting", movement.posting.public_id) in page
        for words in ("W-1", "stains", day.clerk.username, day.owner.username):
            assert words in page

    def test_times_are_the_brands(self, shop: Shop, viewer: Client) -> None:
        Brand.objects.filter(pk=shop.brand.pk).update(time_zone="America/New_York")
        services.receive(
            brand=shop.brand,
            location=shop.main,
            quantities={shop.variants[0].pk: 1},
            actor=shop.owner,
            idempotency_key="x",
            occurred_at=datetime(2026, 1, 5, 3, 30, tzinfo=UTC),
        )
        page = viewer.get(shop.url("history")).content.decode()
        assert "4 Jan 2026" in page
        assert "22:30" in page

    def test_one_variant_shows_what_is_where_now(self, day: Shop, viewer: Client) -> None:
        shown = viewer.get(day.url("history"), {"variant": day.variants[0].pk}).context["variant"]
        assert shown["variant"] == day.variants[0]
        assert [(b.location, b.on_hand) for b in shown["balances"]] == [(day.main, 5), (day.defect, 2)]

    def test_a_reversed_line_is_marked(self, day: Shop, viewer: Client) -> None:
        movement = StockMovement.objects.get(kind="shipment")
        services.reverse_movement(movement=movement, actor=day.owner, idempotency_key="r")
        assert 'class="is-voided"' in viewer.get(day.url("history")).content.decode()


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"kind": "shipment"}, [-3]),
            ({"kind": ["shipment", "transfer"]}, [None, -3]),
            ({"reference": "W-1"}, [-3]),
            ({"actor": "nobody"}, []),
            ({"since": "2999-01-01"}, []),
            ({"until": "2001-01-01"}, []),
            ({"since": "2001-01-01", "until": "2999-01-01"}, [None, -3, 4, 10]),
            ({"product": "999999"}, []),
            ({"sku": "nothing"}, []),
        ],
    )
    def test_narrow(self, day: Shop, viewer: Client, query: dict, expected: list) -> None:
        assert changes(viewer.get(day.url("history"), query)) == expected

    def test_a_reference_of_a_posting_or_of_one_line_of_it(self, day: Shop, viewer: Client) -> None:
        supplier = Location.objects.of(day.brand).get(code="SUPPLIER")
        lines = [
            services.Line(variant.pk, n, supplier.pk, day.main.pk, reference=f"box {n}")
            for n, variant in enumerate(day.variants[:2], 6)
        ]
        services.post_movements(
            brand=day.brand, kind="receipt", lines=lines, actor=day.owner, idempotency_key="boxes", reference="W-1"
        )
        assert changes(viewer.get(day.url("history"), {"reference": "box 7"})) == [7]
        assert changes(viewer.get(day.url("history"), {"reference": "W-1"})) == [7, 6, -3]

    def test_by_sku_product_actor_and_posting(self, day: Shop, viewer: Client) -> None:
        url, navy_l = day.url("history"), day.variants[1]
        assert changes(viewer.get(url, {"sku": navy_l.sku.lower()})) == [4]
        assert len(changes(viewer.get(url, {"product": day.product.pk}))) == 4
        assert changes(viewer.get(url, {"actor": day.owner.username})) == [4, 10]
        posting = StockMovement.objects.get(kind="shipment").posting
        assert changes(viewer.get(url, {"posting": posting.public_id})) == [-3]

    def test_whoever_left_is_still_offered(self, day: Shop, viewer: Client) -> None:
        elsewhere = build_shop()
        elsewhere.stock(1)
        services.receive(
            brand=elsewhere.brand,
            location=elsewhere.main,
            quantities={elsewhere.variants[0].pk: 1},
            actor=day.clerk,
            idempotency_key="helps out",
        )
        members = {day.owner.username, day.clerk.username, day.viewer.username}
        day.clerk.memberships.all().delete()
        response = viewer.get(day.url("history"), {"actor": day.clerk.username})
        assert [person.username for person in response.context["people"]] == sorted(members)
        assert f'<option value="{day.clerk.username}" selected>' in response.content.decode()
        assert changes(response) == [None, -3]

    @pytest.mark.parametrize(
        "query", [{"since": "yesterday"}, {"kind": "theft"}, {"variant": "x"}, {"posting": "x"}, {"variant": "9" * 40}]
    )
    def test_nonsense_is_named_and_breaks_nothing(self, day: Shop, viewer: Client, query: dict) -> None:
        response = viewer.get(day.url("history"), query)
        assert response.status_code == 200
        assert response.context["filter"].form.errors or not changes(response)

    @pytest.mark.parametrize("query", [{"before": "x"}, {"before": "-1"}, {"after": "9" * 30}, {"before": ""}])
    def test_a_spoilt_place_shows_the_newest(self, day: Shop, viewer: Client, query: dict) -> None:
        assert len(changes(viewer.get(day.url("history"), query))) == 4

    def test_chips_take_linked_filters_off(self, day: Shop, viewer: Client) -> None:
        response = viewer.get(day.url("history"), {"variant": day.variants[0].pk, "kind": "receipt"})
        assert [chip["off"] for chip in response.context["chips"]] == ["?kind=receipt"]

    def test_htmx_gets_the_results_only(self, day: Shop, viewer: Client) -> None:
        page = viewer.get(day.url("history"), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        assert "W-1" in page


class TestPages:
    @pytest.fixture
    def many(self, shop: Shop) -> list[int]:
        """120 movements, their keys newest first."""
        variants = VariantFactory.create_batch(120, product=shop.product)
        services.receive(
            brand=shop.brand,
            location=shop.main,
            quantities={variant.pk: 1 for variant in variants},
            actor=shop.clerk,
            idempotency_key=str(uuid.uuid4()),
        )
        return list(StockMovement.objects.order_by("-pk").values_list("pk", flat=True))

    def test_walk_down_and_up_again(self, shop: Shop, viewer: Client, many: list[int]) -> None:
        def walk(query: dict) -> tuple[list[int], int | None, int | None]:
            page = viewer.get(shop.url("history"), query).context["page"]
            return [movement.pk for movement in page.rows], page.older, page.newer

        first, older, newer = walk({})
        assert (first, newer) == (many[:50], None)
        second, older, newer = walk({"before": older})
        assert second == many[50:100]
        third, bottom, _newer = walk({"before": older})
        assert (third, bottom) == (many[100:], None)
        assert walk({"after": third[0]})[0] == many[50:100]
        top, older, newest = walk({"after": newer})
        assert (top, older, newest) == (many[:50], many[49], None)

    def test_more_movements_need_no_more_queries(self, shop: Shop, viewer: Client, many: list[int]) -> None:
        full = queries_of(viewer, shop.url("history"))
        few = queries_of(viewer, shop.url("history"), {"before": many[-3]})
        # Three of them look ahead in the indexes, so that a walk never crosses a million rows.
        assert full == few <= 15

    def test_more_people_need_no_more_queries(self, shop: Shop, viewer: Client) -> None:
        shop.stock(1)
        few = queries_of(viewer, shop.url("history"))
        for person in UserFactory.create_batch(3):
            services.receive(
                brand=shop.brand,
                location=shop.main,
                quantities={shop.variants[0].pk: 1},
                actor=person,
                idempotency_key=person.username,
            )
        assert queries_of(viewer, shop.url("history")) == few

    def test_nothing_counts_all_rows(self, shop: Shop, viewer: Client, many: list[int]) -> None:
        with CaptureQueriesContext(connection) as asked:
            viewer.get(shop.url("history"))
        assert not [query for query in asked if "COUNT(" in query["sql"].upper()]


class TestFiles:
    def test_csv_has_the_filtered_rows(self, day: Shop, viewer: Client) -> None:
        response = viewer.get(day.url("history-csv"), {"kind": "shipment"})
        assert response.streaming
        assert response["Content-Type"].startswith("text/csv")
        assert f'filename="{day.brand.slug}-history-' in response["Content-Disposition"]
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        header, row = csv.reader(io.StringIO(text))
        assert dict(zip(header, row, strict=True))["Reference"] == "W-1"

    def test_xlsx_has_the_filtered_rows(self, day: Shop, viewer: Client) -> None:
        response = viewer.get(day.url("history-xlsx"), {"location": day.main.code})
        book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
        rows = list(book.active.values)
        assert len(rows) == 5
        assert dict(zip(rows[0], rows[1], strict=True))["Balance"] == 5

    def test_a_long_workbook_is_offered_as_csv(
        self, day: Shop, viewer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MOST_XLSX_ROWS", 3)
        response = viewer.get(day.url("history-xlsx"), {"actor": ""}, follow=True)
        assert "A workbook takes up to 3 rows here." in response.content.decode()

    @pytest.mark.parametrize("name", ["history-csv", "history-xlsx"])
    def test_wrong_filters_lead_back_to_the_page(self, day: Shop, viewer: Client, name: str) -> None:
        response = viewer.get(day.url(name), {"since": "yesterday"})
        assert response["Location"] == f"{day.url('history')}?since=yesterday"

    def test_the_page_links_them_with_its_filters(self, day: Shop, viewer: Client) -> None:
        page = viewer.get(day.url("history"), {"kind": "shipment", "before": "999"}).content.decode()
        assert f'href="{day.url("history-csv")}?kind=shipment"' in page
        assert f'href="{day.url("history-xlsx")}?kind=shipment"' in page


@pytest.mark.parametrize("name", ["history", "history-csv", "history-xlsx"])
class TestWhoMay:
    def test_to_a_stranger_it_does_not_exist(self, day: Shop, name: str) -> None:
        assert day.client(a_stranger()).get(day.url(name)).status_code == 404

    def test_another_brands_rows_are_never_here(self, day: Shop, viewer: Client, name: str) -> None:
        other = build_shop()
        other.stock(77)
        response = viewer.get(day.url(name), {"variant": other.variants[0].pk})
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert other.variants[0].sku.encode() not in body
        assert other.product.style_number.encode() not in body


def test_an_empty_history_says_what_to_do_first(shop: Shop) -> None:
    page = shop.client(shop.clerk).get(shop.url("history")).content.decode()
    assert "Nothing has moved yet" in page
    assert shop.url("receive") in page
