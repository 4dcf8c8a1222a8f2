"""Many rows in one request, each with its own verdict."""

from __future__ import annotations

import pytest

from catalog.models import Product, Variant
from erp.core.api.bulk import MOST_ROWS
from erp.trade.models import Partner
from tests.api.shop import Api, codes_of

PRODUCTS, VARIANTS, PARTNERS = (f"/api/v1/{name}/bulk/" for name in ("products", "variants", "partners"))


def verdicts(answer) -> list[tuple[int, str, list[tuple[str, str]]]]:
    return [
        (row["line"], row["status"], [(e.get("field"), e["code"]) for e in row["errors"]])
        for row in answer.json()["results"]
    ]


def test_products_are_made_and_changed(shop, api) -> None:
    rows = [
        {"name_ko": "리넨 셔츠", "category": "shirt", "price": "45000", "colours": [{"colour": "navy"}]},
        {"id": shop.product.pk, "price": "39000"},
        {"name_ko": "틀린 값", "price": "10.5"},
        {"style_number": shop.product.style_number},
        {"id": 10**9, "price": "1"},
        "nonsense",
        {"category": "spaceship"},
    ]
    answer = api.post(PRODUCTS, {"brand": shop.slug, "rows": rows})
    assert answer.status_code == 200
    assert verdicts(answer) == [
        (1, "made", []),
        (2, "changed", []),
        (3, "refused", [("price", "price_decimals")]),
        (4, "refused", [(None, "invalid")]),
        (5, "refused", [("id", "does_not_exist")]),
        (6, "refused", [(None, "not_an_object")]),
        (7, "refused", [("category", "does_not_exist")]),
    ]
    assert {name: answer.json()[name] for name in ("made", "changed", "refused")} == {
        "made": 1,
        "changed": 1,
        "refused": 5,
    }
    made = Product.objects.get(pk=answer.json()["results"][0]["id"])
    assert (made.created_by, made.product_colours.count(), Product.objects.count()) == (shop.staff, 1, 2)
    shop.product.refresh_from_db()
    assert shop.product.price == 39000


def test_all_or_nothing(shop, api) -> None:
    rows = [{"name_ko": "하나"}, {"name_ko": "둘", "price": "0.5"}, {"id": shop.product.pk, "price": "-1"}]
    answer = api.post(f"{PRODUCTS}?atomic=true", {"brand": shop.slug, "rows": rows})
    assert (answer.status_code, answer.json()["code"]) == (400, "rows_refused")
    assert codes_of(answer) == [(2, "price", "price_decimals"), (3, "price", "min_value")]
    assert Product.objects.count() == 1
    assert api.post(f"{PRODUCTS}?atomic=true", {"brand": shop.slug, "rows": rows[:1]}).json()["made"] == 1


def test_variants(shop, api) -> None:
    first, second, *rest = shop.variants
    rows = [
        {"id": first.pk, "barcode": "8801234567893"},
        {"id": second.pk, "barcode": "8801234567893"},
        {"id": first.pk, "is_active": False},
        {"barcode": "8801234567893"},
        *({"id": variant.pk, "is_active": False} for variant in rest),
    ]
    answer = api.post(VARIANTS, {"brand": shop.slug, "rows": rows})
    assert [verdict for _line, verdict, _errors in verdicts(answer)] == [
        "changed", "refused", "refused", "refused", "changed", "changed",
    ]  # fmt: skip
    assert Variant.objects.filter(is_active=False).count() == 2
    # the service's rule holds between rows: the last one for sale stays
    left = [{"id": first.pk, "is_active": False}, {"id": second.pk, "is_active": False}]
    assert verdicts(api.post(VARIANTS, {"brand": shop.slug, "rows": left}))[1][2] == [("is_active", "last_variant")]


def test_partners(shop, api) -> None:
    known = Partner.objects.create(brand=shop.brand, name="가게")
    rows = [{"name": "원단집", "is_supplier": True}, {"id": known.pk, "phone": "02-1"}, {"name": "가게"}]
    answer = api.post(PARTNERS, {"brand": shop.slug, "rows": rows})
    assert [verdict for _line, verdict, _errors in verdicts(answer)] == ["made", "changed", "refused"]
    known.refresh_from_db()
    assert known.phone == "02-1"


@pytest.mark.parametrize("address", [PRODUCTS, VARIANTS, PARTNERS])
def test_brands_and_rights(address, shop, other) -> None:
    theirs = {PRODUCTS: other.product.pk, VARIANTS: other.variants[0].pk}.get(address, 1)
    mine = Api(shop.staff).post(address, {"brand": shop.slug, "rows": [{"id": theirs}]})
    assert verdicts(mine) == [(1, "refused", [("id", "does_not_exist")])]
    body = {"brand": shop.slug, "rows": [{"name": "x", "name_ko": "x"}]}
    assert Api(shop.viewer).post(address, body).status_code == 403
    assert Api(other.owner).post(address, body).status_code == 404
    assert Partner.objects.count() == 0


@pytest.mark.parametrize("rows", [None, [], {}, "x", [{}] * (MOST_ROWS + 1)])
def test_what_is_no_list_of_rows(rows, shop, api) -> None:
    answer = api.post(PARTNERS, {"brand": shop.slug, "rows": rows})
    assert (answer.status_code, codes_of(answer)) == (400, [(None, "rows", "invalid_rows")])


def test_sent_again_it_is_done_once(shop, api) -> None:
    body, key = {"brand": shop.slug, "rows": [{"name": "한 번"}]}, {"Idempotency-Key": "bulk-1"}
    first, again = (api.post(PARTNERS, body, headers=key) for _time in range(2))
    assert first.json() == again.json()
    assert Partner.objects.count() == 1
