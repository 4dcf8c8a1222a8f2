"""Products that are written as people write them: signs in numbers, lines in names, photos that are gone."""

from __future__ import annotations

import io
import zipfile

import pytest

from catalog.services import remove_image
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import Resolver, images_of, of_channel
from erp.channels.services import making
from erp.channels.words import as_html
from tests.channels.conftest import picture_url
from tests.channels.test_exports import lines_of, sent
from tests.channels.test_pictures import photo


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def facts_of(channel: Channel):
    return next(Resolver(channel, picture_url=picture_url).facts(of_channel(channel)))


@pytest.mark.parametrize(
    ("style", "name"),
    [("HA-01.b", "HA-01.b-1.jpg"), ("../../etc/x", "etc-x--{pk}-1.jpg"), ("A|B/1", "a-b-1--{pk}-1.jpg"),
     ("셔츠_1", "셔츠_1-1.jpg"), ("..", "{pk}-1.jpg")],
)  # fmt: skip
def test_pictures_are_files_beside_each_other(shop, channel, listing, style, name):
    shop.product.style_number = style
    shop.product.save()
    photo(shop)
    export = sent(channel, shop.owner, what="pictures")
    with export.file.open("rb") as file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    assert names == [name.format(pk=shop.product.pk)] == [picture.name for picture in facts_of(channel).pictures]


def test_addresses_hold_no_letters_that_addresses_do_not_have(shop, channel, listing):
    channel.shop_url = "https://shop.example/products/"
    channel.save()
    shop.product.style_number = "셔츠"
    shop.product.save()
    assert facts_of(channel).link == "https://shop.example/products/%EC%85%94%EC%B8%A0"


def test_a_name_is_one_line(shop, channel, listing):
    shop.product.name_en = "Navy\n shirt\t"
    shop.product.save()
    assert lines_of(sent(channel, shop.owner))[0]["Title"] == "Navy shirt"


def test_a_choice_of_photos_that_are_all_gone_is_none(shop, channel, listing):
    first, second = photo(shop), photo(shop, colour=(1, 2, 3))
    ChannelListing.objects.filter(pk=listing.pk).update(pictures=[first.pk])
    assert images_of(of_channel(channel).get()) == [first]
    remove_image(image=first, actor=shop.owner)
    assert images_of(of_channel(channel).get()) == [second]


@pytest.mark.parametrize(
    ("typed", "made"),
    [("a < b\n2 > 1", "<p>a &lt; b</p><p>2 &gt; 1</p>"), ("<둘", "<p>&lt;둘</p>"), ("<b>a</b>\nb", "<b>a</b>\nb"),
     ("line<br/>line", "line<br/>line")],
)  # fmt: skip
def test_only_what_has_tags_is_html(typed, made):
    assert as_html(typed) == made


def test_what_leaves_a_product_out_is_kept_before_what_does_not(shop, channel, listing, monkeypatch):
    monkeypatch.setattr(making, "MOST_FINDINGS", 1)
    shop.product.name_en, shop.product.price = "", None
    shop.product.save()
    (found,) = sent(channel, shop.owner).findings.all()
    assert (found.code, found.level) == ("no_price", "error")


def test_pictures_of_a_channel_that_is_told_everything_are_packed_once(shop):
    made = Channel.objects.create(brand=shop.brand, kind="shakalaka", name="Shop", language="en")
    ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    photo(shop)
    counts = [sent(made, shop.owner, what="pictures").lines_count for _n in range(2)]
    assert counts == [1, 0]


def test_more_photos_than_the_marketplace_takes_leave_no_product_out(shop):
    made = Channel.objects.create(brand=shop.brand, kind="google", name="G", shop_url="https://shop.example")
    ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    for n in range(13):
        photo(shop, size=(300, 300 + n))
    export = sent(made, shop.owner)
    assert (export.left_out, export.lines_count) == (0, 4)
    assert export.findings.get(code="pictures_beyond").params == {"most": 11}
    found = facts_of(made)
    assert (len(found.pictures), found.pictures_beyond) == (11, 2)
