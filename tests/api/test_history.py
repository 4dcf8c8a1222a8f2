"""Histories over REST: filters, running balances, cursors, and what strangers see of them."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from erp.inventory.models import StockMovement
from erp.inventory.services.backdating import retelling
from tests.api.shop import Api, Shop

pytestmark = pytest.mark.django_db

MOVEMENTS = "/api/v1/movements/"


@pytest.fixture
def moved(shop, other, api) -> Shop:
    """Two receipts, a shipment and a transfer; and something at somebody else's."""
    first, second = shop.variants[:2]
    for kind, lines, more in (
        (
            "receipt",
            [(first, 10, None, "MAIN"), (second, 4, None, "MAIN")],
            {"reference": "PO-1", "occurred_at": "2026-01-04T12:00:00+09:00"},
        ),
        ("shipment", [(first, 3, "MAIN", None)], {"occurred_at": "2026-01-05T12:00:00+09:00"}),
        ("transfer", [(first, 2, "MAIN", "DEFECT")], {"note": "stain"}),
    ):
        entries = [{"variant": v.pk, "quantity": n, "source": s, "destination": d} for v, n, s, d in lines]
        with retelling():
            answer = api.move({"brand": "haneul", "kind": kind, "lines": entries, **more})
        assert answer.status_code == 201, answer.content
    other.stock(other.variants[0], 99)
    return shop


def rows(client: Api, url: str = MOVEMENTS) -> list[dict]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_newest_first_with_running_balances(moved, api) -> None:
    shown = [
        (r["kind"], r["quantity"], r["source"], r["source_balance"], r["destination"], r["destination_balance"])
        for r in rows(api)
    ]
    assert shown == [
        ("transfer", 2, "MAIN", 5, "DEFECT", 2),
        ("shipment", 3, "MAIN", 7, "CUSTOMER", None),
        ("receipt", 4, "SUPPLIER", None, "MAIN", 4),
        ("receipt", 10, "SUPPLIER", None, "MAIN", 10),
    ]
    assert rows(api)[1]["occurred_at"] == "2026-01-05T12:00:00+09:00"


@pytest.mark.parametrize(
    ("query", "quantities"),
    [
        ("brand=haneul", [2, 3, 4, 10]),
        ("variant={0.variants[1].pk}", [4]),
        ("product={0.product.pk}", [2, 3, 4, 10]),
        ("sku={0.variants[0].sku}", [2, 3, 10]),
        ("sku={0.variants[1].barcode}", [4]),
        ("location=DEFECT", [2]),
        ("location=CUSTOMER", [3]),
        ("location=NOWHERE", []),
        ("kind=receipt", [4, 10]),
        ("kind=receipt&kind=transfer", [2, 4, 10]),
        ("actor=haneul-staff", [2, 3, 4, 10]),
        ("actor=nobody", []),
        ("since=2026-01-05&until=2026-01-05", [3]),
        ("until=2026-01-03", []),
        ("reference=PO-1", [4, 10]),
        ("kind=receipt&sku={0.variants[1].sku}", [4]),
    ],
)
def test_filters(query, quantities, moved, api) -> None:
    assert [row["quantity"] for row in rows(api, f"{MOVEMENTS}?{query.format(moved)}")] == quantities


@pytest.mark.parametrize("query", ["brand=bada", "kind=theft", "since=soon", "posting=7", "variant=x", "variant=1e60"])
def test_a_bad_filter_names_itself(query, moved, other, api) -> None:
    answer = api.get(f"{MOVEMENTS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_another_brands_things_filter_to_nothing(moved, other, api) -> None:
    hidden = other.variants[0]
    posting = StockMovement.objects.get(variant=hidden).posting
    for query in (f"variant={hidden.pk}", f"product={hidden.product_id}", f"sku={hidden.sku}"):
        assert rows(api, f"{MOVEMENTS}?{query}") == []
    assert rows(api, f"{MOVEMENTS}?posting={posting.public_id}") == []


def test_the_movements_of_a_posting(moved, api) -> None:
    posting = rows(api)[-1]["posting"]
    assert [row["quantity"] for row in rows(api, f"{MOVEMENTS}?posting={posting}")] == [4, 10]


def test_histories_of_a_variant_and_a_product(moved, other, api) -> None:
    first, second = moved.variants[:2]
    assert [row["quantity"] for row in rows(api, f"/api/v1/variants/{first.pk}/history/")] == [2, 3, 10]
    assert [row["quantity"] for row in rows(api, f"/api/v1/variants/{first.pk}/history/?kind=shipment")] == [3]
    assert [row["quantity"] for row in rows(api, f"/api/v1/products/{second.product_id}/history/")] == [2, 3, 4, 10]
    for url in (f"variants/{other.variants[0].pk}", f"products/{other.product.pk}", "variants/0"):
        assert api.get(f"/api/v1/{url}/history/").status_code == 404


def test_a_walk_by_cursor_is_stable_while_stock_moves(moved, api) -> None:
    page = api.get(f"{MOVEMENTS}?page_size=2").json()
    moved.stock(moved.variants[2], 50)
    rest = api.get(page["next"]).json()
    assert [row["quantity"] for row in page["results"] + rest["results"]] == [2, 3, 4, 10]
    assert rest["next"] is None
    assert [row["quantity"] for row in api.get(rest["previous"]).json()["results"]] == [2, 3]


def test_one_movement(moved, other, api) -> None:
    row = rows(api)[0]
    assert api.get(f"{MOVEMENTS}{row['id']}/").json() == row
    assert Api(other.owner).get(f"{MOVEMENTS}{row['id']}/").status_code == 404


def test_nobody_rewrites_history(moved) -> None:
    owner, url = Api(moved.owner), f"{MOVEMENTS}{StockMovement.objects.latest('pk').pk}/"
    assert [getattr(owner, m)(url, {"quantity": 1}).status_code for m in ("put", "patch", "delete")] == [405] * 3


def test_the_history_as_csv(moved, other, api) -> None:
    answer = api.get("/api/v1/movements.csv?kind=receipt&brand=haneul", HTTP_ACCEPT="text/csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "haneul-history-" in answer.headers["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Brand"], row["Quantity"]) for row in found] == [("haneul", "4"), ("haneul", "10")]


def test_the_history_as_a_workbook(moved, api) -> None:
    answer = api.get("/api/v1/movements.xlsx")
    assert answer.status_code == 200
    [sheet] = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [row["id"] for row in rows(api)]


def test_a_workbook_has_an_end(moved, api, monkeypatch) -> None:
    monkeypatch.setattr("erp.inventory.downloads.MOST_XLSX_ROWS", 3)
    answer = api.get("/api/v1/movements.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_rows")


@pytest.mark.parametrize("file", ["movements.csv", "movements.xlsx"])
def test_files_refuse_like_lists(file, moved, other, api) -> None:
    url = f"/api/v1/{file}"
    assert api.get(f"{url}?brand=bada").status_code == 400
    assert api.get(f"{url}?kind=theft").json()["errors"][0]["field"] == "kind"
    assert Api().get(url).status_code == 401
    assert api.post(url).status_code == 405


def test_an_auditor_reads_every_brand(moved, auditor) -> None:
    assert {row["brand"] for row in rows(Api(auditor))} == {"haneul", "bada"}


@pytest.mark.parametrize(
    "path", ["movements/", "movements/?location=MAIN", "variants/{0.pk}/history/", "products/{0.product_id}/history/"]
)
def test_constant_queries(path, moved, auditor, django_assert_max_num_queries) -> None:
    client, url = Api(auditor), f"/api/v1/{path.format(moved.variants[0])}"

    def queries() -> int:
        # One for each kind of row; a place adds its codes and two looks ahead in the indexes for each brand it is in.
        with django_assert_max_num_queries(13) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    before = queries()
    for variant in moved.variants * 5:
        moved.stock(variant, 1)
    assert queries() == before
