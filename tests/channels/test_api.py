"""Channels and listings over the API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.services import add_image
from erp.channels.models import Channel, ChannelListing, Credential
from erp.channels.sealing import unseal
from tests import photos
from tests.api.shop import Api, codes_of, make_product, make_shop

ROOT = "/api/v1"
NEW = {"kind": "cafe24", "name": "Cafe24", "language": "ko", "currency": "KRW", "price_step": "10", "buffer": 1}


def of(channel) -> str:
    return f"{ROOT}/channels/{channel.public_id}/"


def test_a_channel_is_opened_changed_and_retired(shop):
    api = Api(shop.owner)
    made = api.post(f"{ROOT}/channels/", NEW | {"brand": shop.slug, "location": "MAIN"})
    assert (made.status_code, made.json()["location"], made.json()["is_active"]) == (201, "MAIN", True)
    address = f"{ROOT}/channels/{made.json()['id']}/"
    changed = api.patch(address, {"buffer": 3, "location": None, "attributes": {"메모": "봄"}}).json()
    assert (changed["buffer"], changed["location"], changed["attributes"]) == (3, None, {"메모": "봄"})
    assert api.post(f"{address}retire/").json()["is_active"] is False
    assert api.get(f"{ROOT}/channels/?is_active=false").json()["results"][0]["id"] == made.json()["id"]
    assert api.post(f"{address}reopen/").json()["is_active"] is True


def test_what_is_wrong_with_a_channel_is_named(shop, channel):
    api = Api(shop.owner)
    body = NEW | {"brand": shop.slug, "share": 120, "price_step": "0", "location": "NOWHERE", "kind": "ebay"}
    refused = api.post(f"{ROOT}/channels/", body)
    assert refused.status_code == 400
    assert {field for _line, field, _code in codes_of(refused)} >= {"share", "price_step", "location", "kind"}
    twice = api.post(f"{ROOT}/channels/", NEW | {"brand": shop.slug, "name": channel.name})
    assert twice.status_code == 400 and Channel.objects.count() == 1
    unknown = api.post(f"{ROOT}/channels/", NEW | {"brand": shop.slug, "attributes": {"없는 칸": "1"}})
    assert unknown.status_code == 400 and Channel.objects.count() == 1


def test_secrets_are_written_and_never_read(shop, channel):
    api, address = Api(shop.owner), f"{of(channel)}credentials/"
    secret = "shpat_0123456789abcdef"
    put = api.put(f"{address}token/", {"secret": secret})
    assert (put.status_code, put.json()["hint"]) == (200, "cdef")
    assert (
        secret not in put.content.decode() + api.get(address).content.decode() + api.get(of(channel)).content.decode()
    )
    row = Credential.objects.get()
    assert unseal(row.sealed) == secret and secret.encode() not in bytes(row.sealed)
    assert api.put(f"{address}token/", {"secret": "a\nb"}).status_code == 400
    for person in (shop.staff, shop.viewer):
        assert Api(person).get(address).status_code == 403
        assert Api(person).put(f"{address}token/", {"secret": "x" * 20}).status_code == 403
    assert api.delete(f"{address}nothing/").status_code == 404 and Credential.objects.exists()
    assert api.delete(f"{address}token/").status_code == 204 and not Credential.objects.exists()


def test_products_are_put_on_a_channel_each_for_itself(shop, channel):
    stranger = make_shop("stranger")
    api = Api(shop.staff)
    wanted = [shop.product.pk, stranger.product.pk, 10**9]
    body = {"channel": str(channel.public_id), "products": wanted}
    first = api.post(f"{ROOT}/listings/", body).json()["results"]
    assert [(row["row"], row["changed"], [p["code"] for p in row["problems"]]) for row in first] == [
        (1, True, []),
        (2, False, ["does_not_exist"]),
        (3, False, ["does_not_exist"]),
    ]
    again = api.post(f"{ROOT}/listings/", body).json()["results"]
    assert (again[0]["listing"], again[0]["changed"]) == (first[0]["listing"], False)
    assert ChannelListing.objects.count() == 1
    assert api.post(f"{ROOT}/listings/", body | {"products": [1, 1]}).status_code == 400
    channel.is_active = False
    channel.save()
    assert api.post(f"{ROOT}/listings/", body).json()["code"] == "channel_retired"


def test_every_field_says_where_it_comes_from(shop, channel, listing, django_assert_max_num_queries):
    api, address = Api(shop.staff), f"{ROOT}/listings/{listing.pk}/"
    with django_assert_max_num_queries(20):
        told = api.get(address).json()
    assert told["title"] == {"value": "Navy shirt", "source": "base"}
    assert told["description"]["source"] == "template" and told["price"] == {"value": "12000.00", "source": "rule"}
    assert [row["quantity"] for row in told["variants"]] == [1, 2, 3, 4]
    variant = told["variants"][0]["variant"]
    prices = [{"variant": variant, "price": "15000"}]
    body = {"title": "Own", "price": "13000", "variants": prices}
    told = api.patch(address, body).json()
    assert told["title"] == {"value": "Own", "source": "own"} and told["price"]["value"] == "13000.00"
    assert told["variants"][0]["price"] == {"value": "15000.00", "source": "own"}
    assert told["variants"][1]["price"] == {"value": "13000.00", "source": "own"}
    told = api.patch(address, {"title": "", "price": None, "variants": [{"variant": variant, "price": None}]}).json()
    assert told["title"]["source"] == "base" and told["variants"][0]["price"]["source"] == "rule"


def test_pictures_of_a_listing_are_the_products(shop, channel, listing):
    images = [
        add_image(product=shop.product, data=photos.jpeg(seed=n), filename=f"{n}.jpg", actor=shop.owner) for n in (1, 2)
    ]
    api, address = Api(shop.staff), f"{ROOT}/listings/{listing.pk}/"
    told = api.patch(address, {"pictures": [str(images[1].public_id)]}).json()
    assert (told["pictures_source"], [p["id"] for p in told["pictures"]]) == ("own", [str(images[1].public_id)])
    refused = api.patch(address, {"pictures": [str(channel.public_id)], "title": "Kept?"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_picture")
    listing.refresh_from_db()
    assert listing.title == ""


def test_wrong_entries_of_a_listing_change_nothing(shop, channel, listing):
    api, address = Api(shop.staff), f"{ROOT}/listings/{listing.pk}/"
    for body in (
        {"price": "-1"},
        {"price": "12000.5"},
        {"title": "x" * 256},
        {"attributes": {"Nope": "1"}},
        {"variants": [{"variant": 10**9, "price": "1"}]},
    ):
        answer = api.patch(address, {"target_category": "Changed"} | body)
        assert answer.status_code == 400 and answer.json()["errors"], body
    listing.refresh_from_db()
    assert (listing.price, listing.target_category, listing.attributes) == (None, "", {})


def test_ready_and_draft_again(shop, channel, listing):
    api, body = Api(shop.staff), {"channel": str(channel.public_id), "listings": [listing.pk, 10**9], "status": "draft"}
    results = api.post(f"{ROOT}/listings/status/", body).json()["results"]
    assert [(row["changed"], len(row["problems"])) for row in results] == [(True, 0), (False, 1)]
    listing.refresh_from_db()
    assert listing.status == "draft"
    assert api.post(f"{ROOT}/listings/status/", body | {"status": "ready"}).json()["results"][0]["changed"]
    assert api.post(f"{ROOT}/listings/status/", body | {"status": "live"}).status_code == 400


def test_a_listing_that_went_out_is_not_taken_off(shop, channel, listing):
    api, address = Api(shop.staff), f"{ROOT}/listings/{listing.pk}/"
    ChannelListing.objects.filter(pk=listing.pk).update(exported_at=timezone.now())
    assert api.delete(address).json()["code"] == "went_out"
    ChannelListing.objects.filter(pk=listing.pk).update(exported_at=None)
    assert api.delete(address).status_code == 204 and api.get(address).status_code == 404


def test_findings_lead_to_what_is_to_be_mended(shop, listing):
    cafe = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24", price_factor=Decimal("1.0005"))
    row = ChannelListing.objects.create(channel=cafe, product=shop.product, status="ready")
    api = Api(shop.viewer)
    found = api.get(f"{ROOT}/listings/{row.pk}/findings/").json()
    price = next(item for item in found if item["code"] == "price_multiple")
    assert price["link"].endswith(f"/api/v1/listings/{row.pk}/") and price["level"] == "error" and price["sku"]
    [listed] = api.get(f"{of(cafe)}findings/").json()["results"]
    assert (listed["listing"], listed["findings"]) == (row.pk, found)
    google = Channel.objects.create(brand=shop.brand, kind="google", name="Google")
    other = ChannelListing.objects.create(channel=google, product=shop.product)
    links = {item["field"]: item["link"] for item in api.get(f"{ROOT}/listings/{other.pk}/findings/").json()}
    assert links["image_link"].endswith(f"/api/v1/products/{shop.product.pk}/")
    assert api.get(f"{of(google)}findings/").json()["results"] == []  # a draft


def test_lists_narrow_and_take_as_many_queries_for_ten_as_for_one(shop, channel, listing, django_assert_num_queries):
    api = Api(shop.viewer)
    api.get(f"{ROOT}/listings/")
    with django_assert_num_queries(1):
        assert len(api.get(f"{ROOT}/listings/").json()["results"]) == 1
    for _number in range(4):
        product = make_product(shop.brand, shop.owner)
        ChannelListing.objects.create(channel=channel, product=product, stale_since=timezone.now())
    with django_assert_num_queries(1):
        assert len(api.get(f"{ROOT}/listings/").json()["results"]) == 5
    for query, count in (
        (f"channel={channel.public_id}", 5),
        ("status=ready", 1),
        ("stale=true", 4),
        ("stale=false", 1),
        (f"product={shop.product.pk}", 1),
        ("brand=haru", 5),
    ):
        assert len(api.get(f"{ROOT}/listings/?{query}").json()["results"]) == count, query
    assert api.get(f"{ROOT}/listings/?channel=nonsense").status_code == 400


def test_a_partner_asks_for_what_may_be_sold(shop, channel, listing, django_assert_num_queries):
    channel.buffer, channel.share = 1, 50
    channel.save()
    api, address = Api(shop.viewer), f"{of(channel)}stock/"
    api.get(address)
    with django_assert_num_queries(3):
        told = api.get(f"{address}?page_size=3").json()
    assert [(row["sku"], row["quantity"]) for row in told["results"]] == [
        (variant.sku, quantity) for variant, quantity in zip(shop.variants, (0, 0, 1), strict=False)
    ]
    assert len(api.get(told["next"]).json()["results"]) == 1
    assert api.get(f"{address}?stale=true").json()["results"] == []
    moment = timezone.now()
    ChannelListing.objects.update(stale_since=moment)
    assert len(api.get(f"{address}?stale=true").json()["results"]) == 4
    late = (moment + timedelta(minutes=1)).isoformat().replace("+", "%2B")
    assert api.get(f"{address}?stale_since={late}").json()["results"] == []
    assert api.get(f"{address}?stale_since=yesterday").status_code == 400
    shop.product.status = "archived"
    shop.product.save()
    assert {row["quantity"] for row in api.get(address).json()["results"]} == {0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "channels/", NEW),
        ("patch", "channels/{channel}/", {"buffer": 1}),
        ("post", "channels/{channel}/retire/", {}),
        ("post", "listings/", {"products": [1]}),
        ("post", "listings/status/", {"listings": [1], "status": "draft"}),
        ("patch", "listings/{listing}/", {"title": "x"}),
        ("delete", "listings/{listing}/", {}),
        ("post", "exports/", {}),
        ("post", "channel-orders/", {"orders": []}),
        ("put", "category-matches/", {"category": "shirt", "target": "x"}),
        ("put", "word-matches/", {"kind": "colour", "ours": "a", "theirs": "b"}),
        ("put", "sku-matches/", {"sku": "a", "variant": 1}),
        ("put", "description-templates/", {"language": "ko", "body": "x"}),
    ],
)
def test_a_viewer_is_refused_and_a_stranger_finds_nothing(shop, channel, listing, method, path, body):
    stranger = make_shop("stranger")
    address = f"{ROOT}/{path.format(channel=channel.public_id, listing=listing.pk)}"
    body = body | {"brand": shop.slug, "channel": str(channel.public_id)}
    for person, status in ((shop.viewer, 403), (stranger.owner, 404)):
        answer = getattr(Api(person), method)(address, body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == status, (path, answer.json())
    channel.refresh_from_db()
    listing.refresh_from_db()
    assert (channel.buffer, channel.is_active, listing.title, listing.status) == (0, True, "", "ready")


def test_a_stranger_sees_nothing(shop, channel, listing):
    api = Api(make_shop("stranger").owner)
    for path in ("", "findings/", "stock/", "credentials/", "unknown-skus/"):
        assert api.get(of(channel) + path).status_code == 404, path
    assert api.get(f"{ROOT}/listings/{listing.pk}/findings/").status_code == 404
    for path in ("channels", "listings", "exports", "channel-orders", "category-matches", "sku-matches"):
        assert api.get(f"{ROOT}/{path}/").json()["results"] == [], path
