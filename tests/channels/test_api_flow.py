"""Exports, orders in and matches over the API."""

from __future__ import annotations

import csv
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erp.channels.models import Channel, ChannelListing, ChannelOrder, Export, OrderFile, SkuMatch
from erp.channels.selectors.mappings import shipped_targets
from erp.channels.services import exports, order_files
from erp.channels.services.intake import match_sku
from erp.channels.services.mappings import match_categories
from erp.inventory.models import Balance
from tests.api.shop import Api, make_shop
from tests.channels.conftest import picture_url

ROOT = "/api/v1"


def order(number: str, *goods: tuple[str, int], **more) -> dict:
    lines = [{"sku": sku, "quantity": quantity, "unit_price": "12000"} for sku, quantity in goods]
    return {"number": number, "lines": lines} | more


def send(api, channel, *orders, key=None):
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return api.post(f"{ROOT}/channel-orders/", {"channel": str(channel.public_id), "orders": orders}, headers=headers)


@pytest.fixture
def queued(monkeypatch):
    """Jobs that would go to a worker."""
    jobs: list = []
    monkeypatch.setattr(exports, "async_task", lambda *args, **kwargs: jobs.append(args))
    return jobs


def test_an_export_is_started_followed_and_taken(
    shop, channel, listing, queued, django_capture_on_commit_callbacks, django_assert_max_num_queries
):
    api, body = Api(shop.staff), {"channel": str(channel.public_id)}
    with django_capture_on_commit_callbacks(execute=True):
        started = api.post(f"{ROOT}/exports/", body)
    assert (started.status_code, started.json()["state"], started.json()["progress"]) == (202, "queued", 0.0)
    address = started.headers["Location"]
    assert api.post(f"{ROOT}/exports/", body).json()["id"] == started.json()["id"] and len(queued) == 1
    assert api.get(f"{address}file/").json()["code"] == "no_file"
    exports.make_export(export=Export.objects.get(), picture_url=picture_url)
    told = api.get(address).json()
    assert (told["state"], told["progress"], told["listings_count"], told["lines_count"]) == ("done", 1.0, 1, 4)
    file = Api(shop.viewer).get(f"{address}file/")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="shopify-')
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert [row["SKU"] for row in rows] == [variant.sku for variant in shop.variants]
    shop.stock(shop.variants[0], 5)
    again = exports.start_export(channel=channel, actor=shop.owner)
    exports.make_export(export=again, picture_url=picture_url)
    with django_assert_max_num_queries(4):
        [line] = api.get(f"{ROOT}/exports/{again.public_id}/lines/").json()["results"]
    assert (line["changes"], line["style_number"]) == ({"Inventory quantity": ["1", "6"]}, shop.product.style_number)
    assert [row["id"] for row in api.get(f"{ROOT}/exports/").json()["results"]] == [
        str(again.public_id), started.json()["id"],
    ]  # fmt: skip
    assert api.post(f"{address}retry/").status_code == 409
    for path in ("", "file/", "lines/", "findings/"):
        assert Api(make_shop("stranger").owner if not path else None).get(address + path).status_code in (401, 404)


def test_what_was_left_out_is_told(shop, listing, queued):
    google = Channel.objects.create(brand=shop.brand, kind="google", name="Google")
    ChannelListing.objects.create(channel=google, product=shop.product, status="ready")
    export = exports.make_export(export=exports.start_export(channel=google, actor=shop.owner), picture_url=picture_url)
    address = f"{ROOT}/exports/{export.public_id}/"
    assert Api(shop.viewer).get(address).json()["left_out"] == 1
    rows = Api(shop.viewer).get(f"{address}findings/").json()["results"]
    assert ("error", "image_link") in {(row["level"], row["field"]) for row in rows}
    for action in ("confirm", "drop", "retry"):
        assert Api(shop.viewer).post(f"{address}{action}/").status_code == 403
    assert Api(shop.staff).post(f"{address}drop/").status_code == 409


def test_orders_are_taken_in_each_for_itself(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]  # four pieces
    answer = send(
        api,
        channel,
        order("1", (last.sku, 3), customer_name="김하나", placed_at="2026-11-20T10:00:00+09:00"),
        order("2", (last.sku, 0)),
        order("1", (last.sku, 1)),
        order("3", (last.sku, 2)),
        order("4", ("THEIRS", 1)),
        "nonsense",
    )
    assert answer.status_code == 200, answer.json()
    rows = answer.json()["results"]
    assert [(row["row"], row["number"], row["state"]) for row in rows] == [
        (1, "1", "taken"), (2, "2", None), (3, "1", None), (4, "3", "short"), (5, "4", "unknown"), (6, "", None),
    ]  # fmt: skip
    assert [[p["code"] for p in row["problems"]] for row in rows][1:3] == [["min_value"], ["twice"]]
    assert rows[0]["order"] and Balance.objects.get(variant=last).reserved == 3
    told = api.get(f"{ROOT}/channel-orders/{rows[0]['id']}/").json()
    assert told["lines"][0]["variant_sku"] == last.sku and told["customer_name"] == "김하나"


def test_orders_in_another_currency_wait_and_goods_have_a_name(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]
    nameless = {"number": "2", "lines": [{"quantity": 1, "unit_price": "1"}]}
    answer = send(api, channel, order("1", (last.sku, 1)) | {"currency": "usd"}, nameless).json()["results"]
    assert [(row["state"], [p["field"] for p in row["problems"]]) for row in answer] == [
        ("problem", []),
        (None, ["sku"]),
    ]
    assert ChannelOrder.objects.get().currency == "USD"


def test_the_same_batch_twice_is_one(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]
    first = send(api, channel, order("1", (last.sku, 1)), key="once")
    again = send(api, channel, order("1", (last.sku, 1)), key="once")
    assert (first.json()["results"][0]["changed"], again.json()["results"][0]["changed"]) == (True, False)
    assert again.headers["Idempotent-Replay"] == "true" and "Idempotent-Replay" not in first.headers
    other = send(api, channel, order("2", (last.sku, 1)), key="once")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert Balance.objects.get(variant=last).reserved == 1 and ChannelOrder.objects.count() == 1
    by_number = send(api, channel, order("1", (last.sku, 1)))
    assert not by_number.json()["results"][0]["changed"]
    keyless = api.post(f"{ROOT}/channel-orders/", {"channel": str(channel.public_id), "orders": []})
    assert keyless.json()["code"] == "idempotency_key_required"


@pytest.mark.parametrize("orders", [None, {}, [], "x", [order("1", ("A", 1))] * 201])
def test_what_is_no_batch_is_refused(shop, channel, orders):
    body = {"channel": str(channel.public_id), "orders": orders}
    answer = Api(shop.staff).post(f"{ROOT}/channel-orders/", body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 400 and not ChannelOrder.objects.exists()


def test_unknown_skus_are_matched_and_their_orders_go_on(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]
    send(api, channel, order("1", ("THEIRS", 1)), order("2", ("THEIRS", 2)))
    [unknown] = api.get(f"{ROOT}/channels/{channel.public_id}/unknown-skus/").json()["results"]
    assert (unknown["key"], unknown["sku"], unknown["orders"], unknown["pieces"]) == ("THEIRS", "THEIRS", 2, 3)
    stranger = make_shop("stranger")
    body = {"channel": str(channel.public_id), "sku": "THEIRS", "variant": stranger.variants[0].pk}
    assert api.put(f"{ROOT}/sku-matches/", body).json()["code"] == "unknown_variant"
    matched = api.put(f"{ROOT}/sku-matches/", body | {"variant": last.pk}).json()
    assert (matched["taken"], matched["variant_sku"]) == (2, last.sku)
    assert Balance.objects.get(variant=last).reserved == 3


def test_what_was_short_is_settled_once_its_goods_came(shop, channel):
    api, first = Api(shop.staff), shop.variants[0]  # one piece
    [row] = send(api, channel, order("1", (first.sku, 2))).json()["results"]
    address = f"{ROOT}/channel-orders/{row['id']}/"
    assert api.post(f"{address}settle/").json()["state"] == "short"
    shop.stock(first, 1)
    for _time in range(2):
        assert api.post(f"{address}settle/").json()["state"] == "taken"
    assert Balance.objects.get(variant=first).reserved == 2
    assert Api(shop.viewer).post(f"{address}settle/").status_code == 403
    assert [o["number"] for o in api.get(f"{ROOT}/channel-orders/?state=taken").json()["results"]] == ["1"]


def test_our_words_and_theirs(shop, channel, listing):
    api, channel_id = Api(shop.staff), str(channel.public_id)
    body = {"channel": channel_id, "category": "shirt", "gender": "", "target": "Tops"}
    first = api.put(f"{ROOT}/category-matches/", body).json()
    second = api.put(f"{ROOT}/category-matches/", body | {"target": "Shirts"}).json()
    assert (first["id"], second["target"]) == (second["id"], "Shirts")
    told = api.get(f"{ROOT}/listings/{listing.pk}/").json()["target_category"]
    assert told == {"value": "Shirts", "source": "rule"}
    assert api.delete(f"{ROOT}/category-matches/{first['id']}/").status_code == 204
    assert api.get(f"{ROOT}/category-matches/").json()["results"] == []
    word = {"channel": channel_id, "kind": "colour", "ours": "Navy", "theirs": "Midnight"}
    made = api.put(f"{ROOT}/word-matches/", word).json()
    assert {row["colour"] for row in api.get(f"{ROOT}/listings/{listing.pk}/").json()["variants"]} == {
        "Midnight", "White",
    }  # fmt: skip
    assert Api(make_shop("stranger").owner).delete(f"{ROOT}/word-matches/{made['id']}/").status_code == 404
    assert Api(shop.viewer).delete(f"{ROOT}/word-matches/{made['id']}/").status_code == 403
    assert api.delete(f"{ROOT}/word-matches/{made['id']}/").status_code == 204
    assert api.put(f"{ROOT}/category-matches/", body | {"category": "nothing"}).status_code == 400


def test_descriptions_by_template(shop, channel, listing):
    api, body = Api(shop.staff), {"brand": shop.slug, "language": "en", "body": "{title} <b>"}
    made = api.put(f"{ROOT}/description-templates/", body).json()
    assert api.get(f"{ROOT}/listings/{listing.pk}/").json()["description"]["value"] == "<p>Navy shirt &lt;b&gt;</p>"
    wrong = api.put(f"{ROOT}/description-templates/", body | {"body": "{nothing}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "unknown_fact")
    assert api.delete(f"{ROOT}/description-templates/{made['id']}/").status_code == 204
    assert api.get(f"{ROOT}/description-templates/?brand=haru").json()["results"] == []


def test_two_tellings_of_one_order_are_decided(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]
    for quantity in (1, 2):
        [row] = send(api, channel, order("1", (last.sku, quantity))).json()["results"]
    address = f"{ROOT}/channel-orders/{row['id']}/"
    assert (row["state"], api.get(address).json()["contradiction"]["lines"][0][3]) == ("conflict", 2)
    assert Api(shop.viewer).post(f"{address}take-theirs/").status_code == 403
    assert api.post(f"{address}take-theirs/").json()["state"] == "taken"
    assert Balance.objects.get(variant=last).reserved == 2
    assert api.post(f"{address}keep-ours/").status_code == 409
    assert api.post(f"{address}cancel/").json()["state"] == "cancelled"
    assert Balance.objects.get(variant=last).reserved == 0


def test_a_file_of_orders_is_sent_and_read(shop, channel, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(order_files, "async_task", lambda *args, **kwargs: None)
    api, last = Api(shop.staff), shop.variants[-1]
    text = f"Order number,SKU,Quantity,Unit price\n1,{last.sku},2,10\n2,{last.sku},x,10\n"
    body = {"channel": str(channel.public_id), "file": SimpleUploadedFile("orders.csv", text.encode())}
    assert Api(shop.viewer).post(f"{ROOT}/order-files/", body, format="multipart").status_code == 403
    body["file"].seek(0)
    sent = api.post(f"{ROOT}/order-files/", body, format="multipart")
    assert (sent.status_code, sent.json()["state"], sent.json()["template"]) == (201, "uploaded", "generic")
    address = f"{ROOT}/order-files/{sent.json()['id']}/"
    assert api.post(f"{address}read/", {}).status_code == 202 and not ChannelOrder.objects.exists()
    order_files.read_order_file(file_id=OrderFile.objects.get().pk)
    told = api.get(address).json()
    assert (told["state"], told["progress"], told["total"]) == ("done", 1.0, 1)
    [problem] = api.get(f"{address}problems/").json()["results"]
    assert (problem["line"], problem["column"]) == (3, "Quantity")
    assert Balance.objects.get(variant=last).reserved == 2
    assert Api(make_shop("stranger").owner).get(address).status_code == 404


def test_a_match_that_was_wrong_is_forgotten_and_what_waits_asks_anew(shop, channel):
    api, last = Api(shop.staff), shop.variants[-1]  # four pieces
    sku = {"channel": str(channel.public_id), "sku": "THEIRS", "variant": last.pk}
    send(api, channel, order("1", ("THEIRS", 3)), order("2", ("THEIRS", 4)), order("3", ("THEIRS", 1), ("NEVER", 1)))
    match = api.put(f"{ROOT}/sku-matches/", sku).json()
    assert match["taken"] == 1
    address = f"{ROOT}/sku-matches/{match['id']}/"
    for person, status in ((shop.viewer, 403), (make_shop("stranger").owner, 404)):
        assert Api(person).delete(address).status_code == status
    assert SkuMatch.objects.exists()
    assert api.delete(address).status_code == 204 and api.delete(address).status_code == 404
    states = dict(ChannelOrder.objects.values_list("number", "state"))
    assert states == {"1": "taken", "2": "unknown", "3": "unknown"}
    unknown = api.get(f"{ROOT}/channels/{channel.public_id}/unknown-skus/").json()["results"]
    assert {row["key"]: row["pieces"] for row in unknown} == {"THEIRS": 5, "NEVER": 1}
    assert Balance.objects.get(variant=last).reserved == 3
    assert api.put(f"{ROOT}/sku-matches/", sku).json()["taken"] == 0  # one piece is left: 2 is short, 3 unknown
    assert ChannelOrder.objects.get(number="2").state == "short"


def test_a_match_over_a_sku_of_ours_gives_the_word_back_to_it(shop, channel):
    api, first, last = Api(shop.staff), shop.variants[0], shop.variants[-1]
    match_sku(channel=channel, sku=first.sku, variant=last, actor=shop.owner)
    send(api, channel, order("1", (first.sku, 9)))
    [match] = api.get(f"{ROOT}/sku-matches/").json()["results"]
    assert api.delete(f"{ROOT}/sku-matches/{match['id']}/").status_code == 204
    found = ChannelOrder.objects.get()
    assert (found.state, found.lines.get().variant) == ("short", first)


def test_categories_that_wait_are_told_with_what_they_may_be(shop, channel, listing, django_assert_max_num_queries):
    api, address = Api(shop.viewer), f"{ROOT}/channels/{channel.public_id}/unmatched-categories/"
    other = Channel.objects.create(brand=shop.brand, kind="shopify", name="Second")
    with django_assert_max_num_queries(10):
        [row] = api.get(address).json()["results"]
    slug = shop.product.category.slug
    assert (row["category"], row["products"], row["gender"], row["suggested_by"]) == (slug, 1, "", "")
    assert row["suggestion"] == shipped_targets("shopify")[slug] and row["name"]
    match_categories(channel=other, targets={(shop.product.category_id, ""): "As there"})
    [row] = api.get(address).json()["results"]
    assert (row["suggestion"], row["suggested_by"]) == ("As there", "Second")
    body = {"channel": str(channel.public_id), "category": slug, "target": row["suggestion"]}
    assert Api(shop.staff).put(f"{ROOT}/category-matches/", body).status_code == 200
    assert api.get(address).json()["results"] == []
    assert Api(make_shop("stranger").owner).get(address).status_code == 404
