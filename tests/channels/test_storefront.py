"""The public shop window: what it shows, in which language, how it is cached, and what it never tells."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from catalog.models import Category, Colour, Pattern, Product
from catalog.services import add_image, set_size_table
from erp.channels.models import Channel, ChannelListing
from erp.channels.services import exports
from erp.channels.storefront import views
from erp.channels.storefront.schema import StorefrontGenerator
from erp.channels.words import words
from tests import photos
from tests.api.shop import make_product
from tests.channels.conftest import picture_url


@pytest.fixture(autouse=True)
def nothing_cached():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def window(shop) -> Channel:
    return Channel.objects.create(brand=shop.brand, kind="shakalaka", name="Shakalaka", language="en", currency="KRW")


@pytest.fixture
def shown(shop, window) -> ChannelListing:
    add_image(product=shop.product, data=photos.jpeg((1200, 1200)), filename="a.jpg", actor=shop.owner)
    return show(window, shop.product)


def show(window: Channel, product: Product) -> ChannelListing:
    return ChannelListing.objects.create(channel=window, product=product, status="exported", exported_at=timezone.now())


def measure(product: Product, actor) -> None:
    set_size_table(product=product, actor=actor, table={"S": {"length": "68", "chest": "52.5"}, "M": {"length": "70"}})


def get(window: Channel, path: str = "products/", **headers: str):
    return APIClient().get(f"/storefront/v1/{window.public_id}/{path}", headers=headers)


def products(window: Channel, query: str = "") -> list[str]:
    cache.clear()
    answer = get(window, f"products/?{query}")
    assert answer.status_code == 200, answer.content
    return [row["style_number"] for row in answer.json()["results"]]


def test_a_product_without_a_log_in(shop, window, shown):
    [row] = get(window).json()["results"]
    assert (row["title"], row["price"], row["in_stock"]) == ("Navy shirt", {"from": "12000", "to": "12000"}, True)
    whole = get(window, f"products/{row['handle']}/").json()
    assert whole["pictures"][0]["url"].startswith("http://testserver/")
    assert whole["picture"] == whole["pictures"][0]["url"]
    assert [(v["sku"], v["quantity"], v["quantity_or_more"]) for v in whole["variants"]] == [
        (variant.sku, quantity, False) for quantity, variant in enumerate(shop.variants, start=1)
    ]
    picture = APIClient().get(whole["pictures"][0]["url"].removeprefix("http://testserver"))
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")


def test_measured_sizes_are_told_in_the_language_asked_for(shop, window, shown):
    handle = get(window).json()["results"][0]["handle"]
    assert get(window, f"products/{handle}/").json()["size_table"] == []
    measure(shop.product, shop.owner)
    cache.clear()
    whole = get(window, f"products/{handle}/?lang=ja").json()
    length, chest = ({"slug": slug, "name": name} for slug, name in (("length", "総丈"), ("chest", "身幅")))
    assert whole["size_table"] == [
        {"size": "S", "measures": [length | {"cm": "68"}, chest | {"cm": "52.5"}]},
        {"size": "M", "measures": [length | {"cm": "70"}]},
    ]
    assert "<table><thead><tr><th>サイズ</th><th>総丈</th>" in whole["description_html"]
    assert "S / 68 / 52.5" in whole["description"]


@pytest.mark.parametrize(
    "hide",
    [
        lambda window, shown: setattr(shown, "status", "ready"),
        lambda window, shown: setattr(shown, "status", "draft"),
        lambda window, shown: setattr(shown.product, "status", "archived"),
        lambda window, shown: setattr(shown.product, "status", "draft"),
        lambda window, shown: setattr(window, "is_active", False),
        lambda window, shown: setattr(window, "kind", "shopify"),
    ],
)
def test_what_is_not_for_everybody_is_not_there(shop, window, shown, hide):
    handle = get(window).json()["results"][0]["handle"]
    hide(window, shown)
    for row in (window, shown.product, shown):
        row.save()
    cache.clear()
    listed = get(window)
    assert listed.status_code == 404 or listed.json()["results"] == []
    assert get(window, f"products/{handle}/").status_code == 404


def test_nothing_that_is_nobodys_business(shop, window, shown):
    shop.stock(shop.variants[0], 4321)
    handle = get(window).json()["results"][0]["handle"]
    told = get(window).content + get(window, f"products/{handle}/").content + get(window, "categories/").content
    assert b"4321" not in told and b"4322" not in told and b'"quantity":10,"quantity_or_more":true' in told
    keys = set(re.findall(rb'"(\w+)":', told))
    assert not keys & {b"id", b"pk", b"cost", b"unit_cost", b"on_hand", b"reserved", b"created_by", b"average"}


def test_only_what_the_channel_may_sell(shop, window, shown):
    window.buffer, window.share = 2, 50
    window.save()
    handle = get(window).json()["results"][0]["handle"]
    whole = get(window, f"products/{handle}/").json()
    assert [variant["quantity"] for variant in whole["variants"]] == [0, 0, 0, 1]


def test_each_language_and_what_falls_back(shop, window, shown):
    handle = get(window).json()["results"][0]["handle"]
    texts = {}
    for language in ("ko", "en", "ja"):
        answer = get(window, f"products/{handle}/?lang={language}")
        assert answer.headers["Content-Language"] == language
        texts[language] = answer.json()
    assert [texts[language]["colours"][0]["name"] for language in texts] == ["네이비", "Navy", "ネイビー"]
    assert [texts[language]["category"]["name"] for language in texts] == [
        "셔츠·블라우스", "Shirt & blouse", "シャツ・ブラウス",
    ]  # fmt: skip
    assert [texts[language]["title_language"] for language in texts] == ["ko", "en", "en"]
    assert "サイズ: S, M" in texts["ja"]["description"] and texts["ja"]["description_language"] == "ja"
    assert [texts[language]["gender"]["name"] for language in texts] == ["남녀공용", "Unisex", "ユニセックス"]
    shown.title, shown.description = "My own", "<p>Mine<script>alert(1)</script><a href='javascript:x'>!</a></p>"
    shown.save()
    cache.clear()
    own = get(window, f"products/{handle}/?lang=ja").json()
    assert (own["title"], own["title_language"], own["description_language"]) == ("My own", "en", "en")
    assert own["description_html"] == "<p>Mine!</p>"
    assert get(window, "products/?lang=fr").status_code == 400


@pytest.mark.parametrize(("table", "model"), [("categories", Category), ("patterns", Pattern), ("colours", Colour)])
def test_japanese_has_a_name_for_every_term(db, table, model):
    rows = model.objects.filter(brand=None) if model is Colour else model.objects.all()
    named = words()["ja"][table]
    assert set(rows.values_list("slug", flat=True)) == named.keys()
    assert all(re.search("[ぁ-んァ-ヶ一-龠]", name) for name in named.values())


def test_products_are_narrowed_and_found(shop, window, shown):
    dress = make_product(shop.brand, shop.owner, (("red",), ("L",)))
    Product.objects.filter(pk=dress.pk).update(
        name_en="Summer dress", category=Category.objects.get(slug="dress"), gender="women", price=Decimal(30000)
    )
    other = show(window, dress)
    first, second = shop.product.style_number, dress.style_number
    assert products(window) == [second, first]
    for query, found in (
        ("category=dress", [second]),
        ("colour=navy", [first]),
        ("size=l", [second]),
        ("gender=women", [second]),
        ("price_from=12000", [second, first]),
        ("price_from=12001", [second]),
        ("price_to=29999.99", [first]),
        ("price_from=13000&price_to=20000", []),
        ("search=summer", [second]),
        (f"search={first}", [first]),
        ("category=nothing", []),
    ):
        assert products(window, query) == found, query
    window.price_factor, window.price_step = Decimal("0.11"), Decimal(10)  # 1,320 and 3,300
    window.save()
    assert products(window, "price_from=1320&price_to=1320") == [first]
    other.price = Decimal(1320)
    other.save()
    assert products(window, "price_to=1320") == [second, first]
    counted = get(window, "categories/?lang=ja").json()["results"]
    assert {row["name"]: row["products"] for row in counted} == {"シャツ・ブラウス": 1, "ワンピース": 1}


@pytest.mark.parametrize("query", ["price_from=x", "price_to=-1", "gender=cat", "lang=xx", "price_from=1e99"])
def test_bad_questions_are_answered_plainly(window, shown, query):
    answer = get(window, f"products/?{query}")
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == query.partition("=")[0]
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_known_already_is_not_sent_again(shop, window, shown):
    first = get(window)
    assert "public" in first.headers["Cache-Control"] and "s-maxage" in first.headers["Cache-Control"]
    assert "Cookie" not in first.headers.get("Vary", "") and "Set-Cookie" not in first.headers
    again = get(window, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"") and again.headers["ETag"] == first.headers["ETag"]
    since = get(window, **{"If-Modified-Since": first.headers["Last-Modified"]})
    assert since.status_code == 304
    shop.product.price = Decimal(13000)
    shop.product.save()
    cache.clear()
    changed = get(window, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]


def test_scripts_of_every_origin_may_read(window, shown):
    assert get(window).headers["Access-Control-Allow-Origin"] == "*"
    assert get(window, "products/none/").headers["Access-Control-Allow-Origin"] == "*"
    asked = APIClient().options(f"/storefront/v1/{window.public_id}/products/")
    assert asked.status_code == 204 and "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    for method in ("post", "put", "patch", "delete"):
        assert getattr(APIClient(), method)(f"/storefront/v1/{window.public_id}/products/").status_code == 405


def test_one_address_asks_so_often(window, shown, monkeypatch):
    monkeypatch.setattr(views.StorefrontThrottle, "THROTTLE_RATES", {"storefront": "2/min"})
    assert [get(window).status_code for _time in range(3)] == [200, 200, 429]
    assert int(get(window).headers["Retry-After"]) > 0


def test_as_many_queries_for_ten_products_as_for_one(shop, window, shown, django_assert_num_queries):
    measure(shop.product, shop.owner)
    get(window)
    cache.clear()
    with django_assert_num_queries(14) as one:
        get(window)
    for _number in range(3):
        product = make_product(shop.brand, shop.owner)
        measure(product, shop.owner)
        show(window, product)
    cache.clear()
    with django_assert_num_queries(len(one)):
        assert len(get(window).json()["results"]) == 4
    with django_assert_num_queries(1):
        get(window)


def test_the_feed_is_the_file_that_went_out(shop, window, shown):
    assert get(window, "feed.json").status_code == 404
    shop.stock(shop.variants[0], 500)
    export = exports.start_export(channel=window, actor=shop.owner)
    export = exports.make_export(export=export, picture_url=picture_url)
    assert (export.state, export.left_out) == ("done", 0)
    answer = get(window, "feed.json")
    told = json.loads(b"".join(answer.streaming_content))
    assert answer.headers["Content-Type"] == "application/json"
    assert [item["quantity"] for item in told["items"]] == [10, 2, 3, 4]
    assert get(window, "feed.json", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_pages_go_on_by_cursor(shop, window, shown):
    for _number in range(2):
        show(window, make_product(shop.brand, shop.owner))
    first = get(window, "products/?page_size=2&lang=ja").json()
    rest = APIClient().get(first["next"]).json()
    assert len(first["results"]) == 2 and "lang=ja" in first["next"]
    assert [row["style_number"] for row in rest["results"]] == [shop.product.style_number]
    assert get(window, "products/?cursor=nonsense").status_code == 404


def test_the_document_says_what_is_answered(shop, window, shown):
    document = StorefrontGenerator().get_schema(public=True)
    assert sorted(document["paths"]) == [
        "/storefront/v1/{id}/categories/",
        "/storefront/v1/{id}/feed.json",
        "/storefront/v1/{id}/products/",
        "/storefront/v1/{id}/products/{handle}/",
    ]
    handle = get(window).json()["results"][0]["handle"]
    for path, url in (
        ("products/", "products/"),
        ("products/{handle}/", f"products/{handle}/"),
        ("categories/", "categories/"),
    ):
        operation = document["paths"][f"/storefront/v1/{{id}}/{path}"]["get"]
        assert {"200", "304", "404", "429"} <= operation["responses"].keys()
        content = operation["responses"]["200"]["content"]["application/json"]
        validator = Draft202012Validator(content["schema"] | {"components": document["components"]})
        assert list(validator.iter_errors(get(window, url).json())) == [] and content["examples"]
        for example in content["examples"].values():
            assert list(validator.iter_errors(example["value"])) == []
    served = APIClient().get("/storefront/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert served.json()["info"]["title"] == "Jangbu storefront"
