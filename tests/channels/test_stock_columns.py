"""What only the marketplace knows of its file of stock can be said, and is asked for where it can be said."""

from __future__ import annotations

import pytest

from erp.channels.models import Export
from erp.channels.services.channels import set_columns, update_channel
from erp.channels.services.listings import update_listing
from erp.core.errors import DomainError
from tests.api.shop import Api
from tests.channels.desk import browser, text, url
from tests.channels.test_exports import lines_of, sent


def test_shopifys_place_is_typed_once_and_goes_out_with_the_stock(shop, channel, listing):
    page = browser(shop.owner)
    form = page.get(url(shop, "channel-columns", channel.pk)).context["form"]
    assert form.columns[0].header == "Location"
    posted = {form.field_names["Location"]: "Seoul"}
    assert page.post(url(shop, "channel-columns", channel.pk), posted).status_code == 302
    channel.refresh_from_db()
    lines = lines_of(sent(channel, shop.owner, what="stock"))
    assert [line["Location"] for line in lines] == ["Seoul"] * 4


def test_a_place_that_nobody_said_is_asked_for_where_it_is_typed(shop, channel, listing):
    export = sent(channel, shop.owner, what="stock")
    assert (export.left_out, export.lines_count) == (1, 0)
    page = browser(shop.staff).get(url(shop, "export", export.public_id) + "?show=left")
    assert "Location" in text(page) and url(shop, "channel-columns", channel.pk) in text(page)


def test_what_no_file_of_the_channel_has_is_still_refused(channel):
    with pytest.raises(DomainError):
        set_columns(channel=channel, values={"Incoming (not editable)": "1"})


def test_what_was_left_out_is_told_in_the_readers_words(shop, channel, listing):
    shop.product.price = None
    shop.product.save()
    export = sent(channel, shop.owner)
    page = text(browser(shop.staff, "ko").get(url(shop, "export", export.public_id) + "?show=left"))
    assert "<strong>가격</strong>" in page and "<strong>price</strong>" not in page


def test_what_was_said_for_another_table_stands_in_nobodys_way(shop, channel, listing):
    update_listing(listing=listing, attributes={"SEO title": "x"}, title="Mine")
    update_channel(channel=channel, dialect="shopify-legacy")
    update_listing(listing=listing, attributes={"SEO Title": "x"})
    update_channel(channel=channel, dialect="")
    answer = browser(shop.staff).post(url(shop, "listing", listing.pk), {"back": "title"})
    listing.refresh_from_db()
    assert (answer.status_code, listing.title) == (302, "")
    with pytest.raises(DomainError):
        update_listing(listing=listing, attributes={"SEO Title": "x"})


def test_a_file_that_nobody_may_use_any_more_is_not_given(shop, channel, listing):
    client, export = Api(shop.staff), sent(channel, shop.owner)
    address = f"/api/v1/exports/{export.public_id}/file/"
    assert client.get(address).status_code == 200
    Export.objects.filter(pk=export.pk).update(state="dropped")
    assert client.get(address).status_code == 409
    Export.objects.filter(pk=export.pk).update(state="done")
    export.file.storage.delete(export.file.name)
    assert client.get(address).status_code == 404
    assert browser(shop.staff).get(url(shop, "export-file", export.public_id)).status_code == 404
