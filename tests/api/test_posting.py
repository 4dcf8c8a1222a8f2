"""Movements over REST: posted once, all or none, every refused line named."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from catalog.models import Product
from erp.inventory.models import Balance, Location, Posting, StockMovement
from erp.inventory.services import MAX_LINES
from tests.api.shop import Api, codes_of

pytestmark = pytest.mark.django_db

MOVEMENTS = "/api/v1/movements/"


def body(kind: str = "receipt", *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"brand": "haneul", "kind": kind, "lines": list(lines), **more}


def line(shop: Any, number: int = 0, quantity: Any = 5, **more: Any) -> dict[str, Any]:
    return {"sku": shop.variants[number].sku, "quantity": quantity, "destination": "MAIN"} | more


@pytest.fixture
def few_parameters() -> Iterator[None]:
    """SQLite as it is compiled by default; Debian's takes more."""
    if connection.vendor != "sqlite":
        yield
        return
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


def on_hand(shop: Any) -> list[int]:
    found = dict(Balance.objects.filter(location=shop.main).values_list("variant", "on_hand"))
    return [found.get(variant.pk, 0) for variant in shop.variants]


def test_receiving_by_sku_barcode_and_id(shop) -> None:
    first, second, third, _fourth = shop.variants
    api = Api(shop.owner)
    answer = api.move(
        body(
            "receipt",
            {"sku": first.sku, "quantity": 3, "destination": "MAIN"},
            {"barcode": second.barcode, "quantity": 4, "destination": "MAIN", "note": "boxed"},
            {"variant": third.pk, "quantity": 5, "destination": "MAIN"},
            reference="PO-1",
            note="from the factory",
            occurred_at="2026-03-01T09:30:00+09:00",
        )
    )
    assert answer.status_code == 201, answer.content
    posted = answer.json()
    assert (posted["lines"], posted["pieces"], posted["actor"]) == (3, 12, "haneul-owner")
    assert posted["occurred_at"] == "2026-03-01T09:30:00+09:00"
    assert "Idempotent-Replay" not in answer.headers
    assert on_hand(shop) == [3, 4, 5, 0]
    assert api.get(f"/api/v1/postings/{posted['id']}/").json() == posted


def test_each_kind_knows_its_outside(shop, api) -> None:
    Location.objects.create(brand=shop.brand, code="SHOP", kind="shop", name_ko="매장")
    for kind, entry in (
        ("opening", line(shop, quantity=10)),
        ("receipt", line(shop, quantity=5)),
        ("shipment", line(shop, quantity=2, source="MAIN", destination=None)),
        ("transfer", line(shop, quantity=3, source="MAIN", destination="SHOP")),
        ("adjustment", line(shop, quantity=4)),
        ("adjustment", line(shop, quantity=1, source="MAIN", destination=None)),
        ("shipment", line(shop, quantity=1, source="SHOP", destination="SUPPLIER")),
        ("receipt", line(shop, quantity=1, source="CUSTOMER")),
        ("transfer", line(shop, quantity=1, source="SHOP", destination="SAMPLE")),
    ):
        answer = api.move(body(kind, entry))
        assert answer.status_code == 201, (kind, answer.content)
    assert on_hand(shop)[0] == 10 + 5 - 2 - 3 + 4 - 1 + 1
    routes = list(StockMovement.objects.order_by("pk").values_list("source__kind", "destination__kind"))
    assert routes == [
        ("opening", "warehouse"),
        ("supplier", "warehouse"),
        ("warehouse", "customer"),
        ("warehouse", "shop"),
        ("adjustment", "warehouse"),
        ("warehouse", "adjustment"),
        ("shop", "supplier"),
        ("customer", "warehouse"),
        ("shop", "sample"),
    ]


def test_a_draft_takes_nothing_in_until_it_is_on_sale(shop, api) -> None:
    Product.objects.update(status="draft")
    refused = api.move(body("opening", line(shop)))
    assert (refused.status_code, codes_of(refused)) == (400, [(1, "variant", "draft_product")])
    assert api.post(f"/api/v1/products/{shop.product.pk}/activate/").status_code == 200
    assert api.move(body("opening", line(shop))).status_code == 201
    assert on_hand(shop)[0] == 5


def test_a_variant_is_opened_once(shop, api) -> None:
    assert api.move(body("opening", line(shop, 1, 10))).status_code == 201
    again = api.move(body("opening", line(shop), line(shop, 1)))
    assert (again.status_code, codes_of(again)) == (400, [(2, "variant", "opening_exists")])
    assert on_hand(shop) == [0, 10, 0, 0]


def test_the_same_posting_sent_twice_is_one(shop, api) -> None:
    key, entry = str(uuid.uuid4()), body("receipt", line(shop))
    first, second = api.move(entry, key), api.move(entry, key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["Idempotent-Replay"] == "true"
    assert first.json() == second.json()
    assert on_hand(shop)[0] == 5
    other_content = api.move(body("receipt", line(shop, quantity=6)), key)
    assert (other_content.status_code, other_content.json()["code"]) == (409, "idempotency_conflict")
    assert on_hand(shop)[0] == 5


@pytest.mark.parametrize("key", [None, "", "   ", "two words", "x" * 81, "한글", "a\tb"])
def test_a_posting_needs_a_key(key, shop, api) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = api.post(MOVEMENTS, body("receipt", line(shop)), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("idempotency_key_required", "invalid_key")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    "quantity", [0, -1, "five", "5", None, 1.5, 5.0, True, 10**12, 10**30, 1_000_001, [], {}], ids=repr
)
def test_a_bad_quantity(quantity, shop, api) -> None:
    answer = api.move(body("receipt", line(shop), line(shop, 1, quantity)))
    assert answer.status_code == 400
    assert codes_of(answer) == [(2, "quantity", "invalid_quantity")]
    assert on_hand(shop) == [0, 0, 0, 0]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59+09:00"])
def test_a_moment_before_all_books(moment, shop, api) -> None:
    """It would stay in the history for good, and break its pages west of Greenwich."""
    answer = api.move(body("receipt", line(shop), occurred_at=moment))
    assert answer.status_code == 400
    assert codes_of(answer) == [(None, "occurred_at", "too_long_ago")]
    assert "before 2000" in answer.json()["message"]
    assert not Posting.objects.exists()


def test_every_bad_line_is_named_at_once(shop, other, api) -> None:
    shop.stock(shop.variants[0], 3)
    answer = api.move(
        body(
            "shipment",
            {"sku": "NO-SUCH-SKU", "quantity": 1, "source": "MAIN"},
            {"sku": shop.variants[0].sku, "quantity": 2, "source": "MAIN"},
            {"sku": shop.variants[0].sku, "quantity": 2, "source": "MAIN"},
            {"barcode": other.variants[0].barcode, "quantity": 1, "source": "MAIN"},
            {"variant": other.variants[0].pk, "quantity": 0, "source": "MAIN"},
            {"sku": other.variants[0].sku, "quantity": 1, "source": "NOWHERE"},
            {"sku": shop.variants[1].sku, "quantity": 1},
            {"sku": shop.variants[1].sku, "quantity": 1, "source": "SUPPLIER"},
        )
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "lines_refused"
    assert sorted(codes_of(answer), key=str) == [
        (1, "sku", "unknown_variant"),
        (3, "quantity", "insufficient_stock"),
        (4, "barcode", "unknown_variant"),
        (5, "quantity", "invalid_quantity"),
        (5, "variant", "unknown_variant"),
        (6, "sku", "unknown_variant"),
        (6, "source", "unknown_location"),
        (7, "source", "required"),
        (8, "source", "wrong_location"),
    ]
    assert "NO-SUCH-SKU" in answer.json()["errors"][0]["message"]
    assert on_hand(shop)[0] == 3
    assert Posting.objects.count() == 1


def test_another_brands_sku_reads_like_one_that_is_not(shop, other, api) -> None:
    hidden = api.move(body("receipt", line(shop, sku=other.variants[0].sku))).json()
    missing = api.move(body("receipt", line(shop, sku="BA9999-XX-X"))).json()
    assert str(hidden).replace(other.variants[0].sku, "BA9999-XX-X") == str(missing)


def test_over_issue_says_how_many_there_are(shop, api) -> None:
    shop.stock(shop.variants[0], 3)
    answer = api.move(body("shipment", line(shop, quantity=5, source="MAIN", destination=None)))
    assert answer.json()["code"] == "insufficient_stock"
    assert "5 asked, 3 available, 2 missing" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (None, (None, "lines", "not_a_list")),
        ({}, (None, "lines", "not_a_list")),
        ("text", (None, "lines", "not_a_list")),
        ([], (None, "lines", "no_lines")),
        ([7], (1, "lines", "not_an_object")),
        ([None], (1, "lines", "not_an_object")),
        ([{"quantity": 1}], (1, "variant", "name_one")),
        ([{"sku": "A", "barcode": "B", "quantity": 1}], (1, "variant", "name_one")),
        ([{"sku": 7, "quantity": 1}], (1, "sku", "invalid")),
        ([{"variant": "7", "quantity": 1}], (1, "variant", "invalid")),
        ([{"variant": True, "quantity": 1}], (1, "variant", "invalid")),
        ([{"sku": "A", "quantity": 1, "destination": ["MAIN"]}], (1, "destination", "invalid")),
        ([{"sku": "A\x00", "quantity": 1, "destination": "MAIN"}], (1, "sku", "unknown_variant")),
        ([{"sku": "", "quantity": 1, "destination": "MAIN"}], (1, "variant", "name_one")),
        ([{"sku": "  ", "quantity": 1, "destination": "MAIN"}], (1, "sku", "unknown_variant")),
        ([{"variant": 10**30, "quantity": 1, "destination": "MAIN"}], (1, "variant", "unknown_variant")),
    ],
)
def test_lines_that_are_none(lines, problem, shop, api) -> None:
    answer = api.move(body() | {"lines": lines})
    assert answer.status_code == 400
    assert problem in codes_of(answer)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "reversal"}, "kind"),
        ({"kind": "theft"}, "kind"),
        ({"kind": None}, "kind"),
        ({"note": "x" * 201}, "note"),
        ({"reference": "x" * 81}, "reference"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2026-03-01T09:30:00"}, "occurred_at"),
        ({"occurred_at": "2999-03-01T09:30:00+09:00"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+23:00"}, "occurred_at"),
    ],
)
def test_a_bad_heading(more, field, shop, api) -> None:
    answer = api.move(body("receipt", line(shop)) | more)
    assert answer.status_code == 400
    assert codes_of(answer)[0][1] == field
    assert not Posting.objects.exists()


def test_heading_and_lines_are_refused_in_one_answer(shop, api) -> None:
    """Whether REST framework or the ledger finds the heading wrong."""
    bad = [line(shop, sku="NO-SUCH-SKU"), line(shop, quantity=0), 7, line(shop, note=8), line(shop)]
    of_lines = [
        (1, "sku", "unknown_variant"),
        (2, "quantity", "invalid_quantity"),
        (3, "lines", "not_an_object"),
        (4, "note", "invalid"),
    ]
    for more, code, field in (
        ({"occurred_at": "yesterday"}, "invalid", "occurred_at"),
        ({"note": "x" * 201}, "max_length", "note"),
        ({"kind": "theft"}, "invalid_choice", "kind"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, "too_long_ago", "occurred_at"),
    ):
        answer = api.move(body("receipt", *bad) | more)
        assert (answer.status_code, codes_of(answer)) == (400, [(None, field, code), *of_lines])
    assert not Posting.objects.exists()


def test_without_a_kind_the_lines_are_looked_at_all_the_same(shop, api) -> None:
    entry = body("", line(shop), line(shop, destination="NOWHERE"), line(shop, source="MAIN"))
    assert codes_of(api.move(entry)) == [
        (None, "kind", "invalid_choice"),
        (2, "destination", "unknown_location"),
        (3, "destination", "same_location"),
    ]


def test_a_line_of_the_wrong_shape_hides_no_other_problem(shop, api) -> None:
    answer = api.move(
        body("receipt", line(shop, sku=7, quantity=-1, reference=[]), line(shop, 1, "x"), line(shop, destination=5))
    )
    assert sorted(codes_of(answer)) == [
        (1, "quantity", "invalid_quantity"),
        (1, "reference", "invalid"),
        (1, "sku", "invalid"),
        (2, "quantity", "invalid_quantity"),
        (3, "destination", "invalid"),
    ]


@pytest.mark.parametrize("more", [{}, {"note": "x" * 201}], ids=["lines only", "heading too"])
def test_too_many_lines_are_not_looked_at(more, shop, api) -> None:
    answer = api.move(body("receipt", *[{}] * (MAX_LINES + 1)) | more)
    assert answer.status_code == 400
    assert (None, "lines", "too_many_lines") in codes_of(answer)
    assert len(answer.content) < 1000


@pytest.mark.parametrize("name", ["sku", "barcode"])
def test_as_many_codes_as_lines_are_looked_up(name, shop, api, few_parameters) -> None:
    """Each is looked for in two ways, which may be more than a statement has parameters for."""
    entries = [line(shop, sku=None) | {name: f"abcd{n:08}"} for n in range(MAX_LINES)]
    answer = api.move(body("receipt", *entries))
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_variant")
    assert len(answer.json()["errors"]) == MAX_LINES


@pytest.mark.parametrize(
    ("kind", "ends", "problem"),
    [
        ("receipt", {"source": "MAIN", "destination": "MAIN"}, ("source", "wrong_location")),
        ("receipt", {"destination": "CUSTOMER"}, ("destination", "wrong_location")),
        ("transfer", {"source": "MAIN", "destination": "MAIN"}, ("destination", "same_location")),
        ("transfer", {"source": "MAIN", "destination": None}, ("destination", "required")),
        ("transfer", {"source": "SUPPLIER", "destination": "MAIN"}, ("source", "wrong_location")),
        ("adjustment", {"destination": None}, ("source", "required")),
        ("adjustment", {"source": "MAIN", "destination": "DEFECT"}, ("destination", "wrong_location")),
        ("opening", {"destination": ":warehouse"}, ("destination", "unknown_location")),
    ],
)
def test_a_bad_route(kind, ends, problem, shop, api) -> None:
    answer = api.move(body(kind, line(shop, **ends)))
    assert answer.status_code == 400
    assert problem in [(field, code) for _line, field, code in codes_of(answer)]


def test_who_may_not_post(shop, other, auditor) -> None:
    entry = body("receipt", line(shop))
    answers = [Api(person).move(entry) for person in (shop.viewer, auditor, other.owner)] + [Api().move(entry)]
    assert [a.status_code for a in answers] == [403, 403, 404, 401]
    assert not Posting.objects.exists()


def test_a_posting_is_taken_back_once(shop, other, api) -> None:
    posted = api.move(body("receipt", line(shop))).json()
    url, key = f"/api/v1/postings/{posted['id']}/reverse/", str(uuid.uuid4())
    assert api.post(url).json()["code"] == "idempotency_key_required"
    reversal = api.post(url, {"note": "counted twice"}, headers={"Idempotency-Key": key})
    assert (reversal.status_code, reversal.json()["kind"]) == (201, "reversal")
    assert on_hand(shop)[0] == 0
    replay = api.post(url, {"note": "counted twice"}, headers={"Idempotency-Key": key})
    assert (replay.status_code, replay.json()["id"]) == (200, reversal.json()["id"])
    again = api.post(url, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert codes_of(again) == [(1, None, "already_reversed")]
    [back, forth] = api.get(MOVEMENTS).json()["results"]
    assert (back["reverses"], forth["reversed_by"]) == (forth["id"], back["id"])


def test_who_may_not_take_back(shop, other, auditor, api) -> None:
    posted = api.move(body("receipt", line(shop))).json()
    url = f"/api/v1/postings/{posted['id']}/"
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    people = (shop.viewer, auditor, other.owner, None)
    assert [Api(p).post(f"{url}reverse/", headers=headers).status_code for p in people] == [403, 403, 404, 401]
    assert [Api(p).get(url).status_code for p in people] == [200, 200, 404, 401]
    assert on_hand(shop)[0] == 5


def test_a_thousand_lines_take_as_many_queries_as_one(shop, api, django_assert_max_num_queries) -> None:
    def queries(count: int) -> int:
        entry = body("receipt", *[line(shop, n % 4, 1) for n in range(count)])
        with django_assert_max_num_queries(25) as counted:
            assert api.move(entry).status_code == 201
        return len(counted)

    queries(4)
    assert queries(1000) == queries(4)
