"""Products over REST: drafts, details, the grid, on sale and away."""

from __future__ import annotations

import pytest

from catalog.models import Colour, Product, SizeRun, Variant
from tests.api.shop import Api, codes_of

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def test_a_draft_becomes_a_product_on_sale(shop, api) -> None:
    body = {
        "brand": shop.slug,
        "name_ko": "옥스퍼드 셔츠",
        "name_en": "Oxford shirt",
        "category": "shirt",
        "pattern": "solid",
        "size_run": "alpha",
        "price": "39000",
        "colours": [{"colour": "navy", "hex": "#1E2744"}, {"colour": "white"}],
    }
    draft = api.post(PRODUCTS, body)
    assert draft.status_code == 201, draft.content
    made = draft.json()
    assert made["status"] == "draft"
    assert made["style_number"] == "HA0002"
    assert (made["price"], made["currency"]) == ("39000.00", "KRW")
    assert [(c["colour"], c["hex"]) for c in made["colours"]] == [("navy", "#1e2744"), ("white", "#f4f4f2")]
    assert made["created_at"].endswith("+09:00")
    url = f"{PRODUCTS}{made['id']}/"
    early = api.post(f"{url}activate/")
    assert codes_of(early) == [(None, "variants", "missing_variants")]

    grid = api.put(f"{url}variants/", {"colours": ["navy", "white"], "sizes": ["S", "M", "L"]})
    assert grid.status_code == 200, grid.content
    assert [row["sku"] for row in grid.json()["results"]][:2] == ["HA0002-NV-S", "HA0002-NV-M"]
    assert api.post(f"{url}activate/").json()["status"] == "active"
    assert api.post(f"{url}archive/").json()["status"] == "archived"
    assert Product.objects.get(pk=made["id"]).created_by == shop.staff


def test_details_change_one_by_one(shop, api) -> None:
    url = f"{PRODUCTS}{shop.product.pk}/"
    changed = api.patch(url, {"material": "linen", "price": "12000", "pattern": "stripe"}).json()
    assert (changed["material"], changed["price"], changed["pattern"]) == ("linen", "12000.00", "stripe")
    assert changed["name_ko"] == "셔츠"
    assert api.patch(url, {"pattern": None, "price": None}).json()["pattern"] is None


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"price": "-1"}, "price", "min_value"),
        ({"price": "1.5"}, "price", "price_decimals"),
        ({"price": "1e30"}, "price", "max_digits"),
        ({"price": "NaN"}, "price", "invalid"),
        ({"style_number": ""}, "style_number", "blank"),
        ({"style_number": "HA\x000"}, "style_number", "null_characters_not_allowed"),
        ({"category": "spaceship"}, "category", "does_not_exist"),
        ({"category": ["shirt"]}, "category", "does_not_exist"),
        ({"size_run": "nothing"}, "size_run", "does_not_exist"),
        ({"size_run": 7}, "size_run", "invalid"),
        ({"colours": [{"colour": "navy"}, {"colour": "nocolour"}]}, "colour", "does_not_exist"),
        ({"colours": [{"colour": "navy", "hex": "blue"}]}, "hex", "hex"),
        ({"colours": "navy"}, "colours", "not_a_list"),
        ({"status": "active", "category": None}, "category", "missing_category"),
    ],
)
def test_a_bad_detail_changes_nothing(body, field, code, shop, api) -> None:
    before = Product.objects.values().get(pk=shop.product.pk)
    answer = api.patch(f"{PRODUCTS}{shop.product.pk}/", body | {"name_ko": "바뀌면 안 됨"})
    assert answer.status_code == 400, answer.content
    assert (field, code) in [(f, c) for _line, f, c in codes_of(answer)]
    assert Product.objects.values().get(pk=shop.product.pk) == before


def test_a_style_number_is_one_products(shop, other, api) -> None:
    taken = api.post(PRODUCTS, {"brand": shop.slug, "style_number": shop.product.style_number})
    assert taken.status_code == 400
    assert "style number" in taken.json()["errors"][0]["message"]
    elsewhere = Api(other.staff).post(PRODUCTS, {"brand": other.slug, "style_number": shop.product.style_number})
    assert elsewhere.status_code == 201


@pytest.mark.parametrize("brand", ["bada", "nobody", "haneul\x00", "", None, 7, ["haneul"], {"slug": "haneul"}])
def test_only_ones_own_brand_can_be_named(brand, shop, other, api) -> None:
    answer = api.post(PRODUCTS, {"brand": brand, "name_ko": "몰래"})
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"][0]["field"] == "brand"
    assert not Product.objects.filter(name_ko="몰래").exists()


def test_a_strangers_brand_reads_like_one_that_is_not(shop, other, api) -> None:
    hidden, missing = (api.post(PRODUCTS, {"brand": slug}).json() for slug in ("bada", "nobo"))
    assert str(hidden).replace("bada", "nobo") == str(missing)


def test_viewers_change_nothing(shop) -> None:
    viewer, url = Api(shop.viewer), f"{PRODUCTS}{shop.product.pk}/"
    before = list(Product.objects.values()), list(Variant.objects.values())
    answers = [
        viewer.post(PRODUCTS, {"brand": shop.slug}),
        viewer.patch(url, {"name_ko": "바뀜"}),
        viewer.post(f"{url}archive/"),
        viewer.post(f"{url}activate/"),
        viewer.put(f"{url}variants/", {"colours": ["red"], "sizes": ["S"]}),
        viewer.patch(f"/api/v1/variants/{shop.variants[0].pk}/", {"sku": "MINE"}),
    ]
    assert [a.status_code for a in answers] == [403] * len(answers)
    assert (list(Product.objects.values()), list(Variant.objects.values())) == before
    assert viewer.get(url).status_code == 200


def test_strangers_find_nothing(shop, other) -> None:
    stranger, url = Api(other.owner), f"{PRODUCTS}{shop.product.pk}/"
    answers = [
        stranger.get(url),
        stranger.patch(url, {}),
        stranger.post(f"{url}archive/"),
        stranger.put(f"{url}variants/"),
    ]
    assert [a.status_code for a in answers] == [404] * len(answers)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("search=셔츠", 2),
        ("search=linen dress", 1),
        ("search=nothing", 0),
        ("search=%00", None),
        ("status=draft", 1),
        ("category=dress", 1),
        ("category=dress&status=active", 0),
        ("style_number=HA0001", 1),
        ("updated_since=2999-01-01T00:00:00%2B09:00", 0),
        ("brand=haneul", 3),
    ],
)
def test_search_and_filters(query, found, shop, other, api) -> None:
    for body in ({"name_en": "Linen dress", "category": "dress"}, {"name_ko": "린넨 셔츠", "category": "shirt"}):
        api.post(PRODUCTS, {"brand": shop.slug, **body})
    if query == "":
        assert len(api.get(PRODUCTS).json()["results"]) == 3
    Product.objects.filter(category__slug="shirt").update(status="active")
    answer = api.get(f"{PRODUCTS}?{query}")
    if found is None:
        assert answer.status_code == 400
    else:
        assert len(answer.json()["results"]) == found


def test_the_grid_retires_and_brings_back(shop, api) -> None:
    url = f"{PRODUCTS}{shop.product.pk}/variants/"
    api.put(url, {"colours": ["navy"], "sizes": ["S"]})
    rows = api.get(url).json()["results"]
    assert {row["sku"]: row["is_active"] for row in rows} == {
        "HA0001-NV-S": True,
        "HA0001-NV-M": False,
        "HA0001-WH-S": False,
        "HA0001-WH-M": False,
    }
    again = api.put(url, {"colours": ["navy", "white"], "sizes": ["S", "M"]}).json()["results"]
    assert [row["id"] for row in again] == [variant.pk for variant in shop.variants]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, [(None, "colours", "required"), (None, "sizes", "required")]),
        ({"colours": [], "sizes": ["S"]}, [(None, "colours", "empty")]),
        ({"colours": ["navy", "nocolour"], "sizes": ["S"]}, [(2, "colours", "does_not_exist")]),
        (
            {"colours": ["navy"], "sizes": ["S", "44", "66"]},
            [(2, "sizes", "does_not_exist"), (3, "sizes", "does_not_exist")],
        ),
        ({"colours": ["navy"], "sizes": ["S"], "size_run": "shoes_mm"}, [(1, "sizes", "does_not_exist")]),
        ({"colours": ["deep_sea"], "sizes": ["S"]}, [(1, "colours", "does_not_exist")]),
        ({"colours": ["navy"], "sizes": ["only"], "size_run": "secret"}, [(None, "size_run", "does_not_exist")]),
    ],
)
def test_a_bad_grid_changes_nothing(body, problems, shop, other, api) -> None:
    Colour.objects.create(brand=other.brand, slug="deep_sea", name_ko="심해", code="DS", hex="#001122")
    SizeRun.objects.create(brand=other.brand, slug="secret", name_ko="비밀")
    answer = api.put(f"{PRODUCTS}{shop.product.pk}/variants/", body)
    assert (answer.status_code, codes_of(answer)) == (400, problems)
    assert shop.product.variants.filter(is_active=True).count() == 4


def test_a_brands_own_colour_goes_before_the_platforms(shop, api) -> None:
    own = Colour.objects.create(brand=shop.brand, slug="navy", name_ko="우리 네이비", code="ON", hex="#101840")
    api.put(f"{PRODUCTS}{shop.product.pk}/variants/", {"colours": ["navy"], "sizes": ["L"]})
    assert Variant.objects.get(is_active=True, product=shop.product).colour == own


def test_the_last_variant_of_a_product_on_sale_stays(shop, api) -> None:
    addresses = [f"/api/v1/variants/{variant.pk}/" for variant in shop.variants]
    answers = [api.patch(address, {"is_active": False}) for address in addresses]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert codes_of(answers[-1]) == [(None, "is_active", "last_variant")]
    assert api.get(addresses[-1]).json()["is_active"] is True
    assert api.patch(f"{PRODUCTS}{shop.product.pk}/", {"material": "면 100%"}).status_code == 200


@pytest.mark.parametrize("sku", ["A\nB", 'A"B', "A B"])
def test_a_sku_of_other_signs_is_refused(shop, api, sku) -> None:
    answer = api.patch(f"/api/v1/variants/{shop.variants[0].pk}/", {"sku": sku})
    assert (answer.status_code, codes_of(answer)) == (400, [(None, "sku", "sku")])


def test_a_variants_codes_can_be_mended(shop, api) -> None:
    url = f"/api/v1/variants/{shop.variants[0].pk}/"
    assert api.patch(url, {"barcode": "8801234567893"}).json()["barcode"] == "8801234567893"
    wrong = api.patch(url, {"barcode": "8801234567890"})
    assert codes_of(wrong) == [(None, "barcode", "ean13_check_digit")]
    taken = api.patch(url, {"sku": shop.variants[1].sku})
    assert taken.status_code == 400
    assert api.patch(url, {"barcode": ""}).json()["barcode"].startswith("20")
    assert api.patch(url, {"is_active": False}).json()["is_active"] is False
