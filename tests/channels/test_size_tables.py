"""Measured sizes in descriptions and files: a table where HTML is read, lines where text is, objects in JSON."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.utils import timezone
from lxml import html

from catalog.measuring import MOST_CM, points
from catalog.models import Product, Size
from catalog.services import add_image, set_size_table
from erp.channels.formats.labels import FACT_WORDS
from erp.channels.formats.values import plain_text
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import Resolver, of_channel
from erp.channels.services.descriptions import save_description
from erp.channels.services.tables import TableColumn, save_table
from erp.channels.size_tables import Measures
from erp.channels.words import described, shipped_description
from tests import photos
from tests.api.shop import make_product
from tests.channels.conftest import picture_url

TABLE = {"S": {"length": "68", "chest": "52.5"}, "M": {"length": "70"}, "XL": {"length": "74"}}


@pytest.fixture
def measured(shop):
    set_size_table(product=shop.product, actor=shop.owner, table=TABLE)
    shop.product.refresh_from_db()
    return shop


def facts_of(channel: Channel):
    return next(Resolver(Channel.objects.get(pk=channel.pk), picture_url=picture_url).facts(of_channel(channel)))


@pytest.mark.parametrize(
    ("language", "heads", "lead"),
    [
        ("ko", ["사이즈", "총장", "가슴단면"], "실측 사이즈(cm):"),
        ("en", ["Size", "Length", "Chest width"], "Measurements (cm):"),
        ("ja", ["サイズ", "総丈", "身幅"], "実寸サイズ(cm):"),
    ],
)
def test_a_table_of_the_sizes_for_sale(measured, channel, listing, language, heads, lead) -> None:
    channel.language = language
    channel.save()
    description = facts_of(channel).description
    page = html.fromstring(f"<div>{description}</div>")
    [table] = page.findall("table")  # beside the paragraphs, not in one
    assert [[cell.text or "" for cell in row.iter("th", "td")] for row in table.iter("tr")] == [
        heads,
        ["S", "68", "52.5"],
        ["M", "70", ""],
    ]
    assert lead in [paragraph.text for paragraph in page.findall("p")]
    lines = plain_text(description).splitlines()
    assert lines[lines.index(lead) + 1 :][:3] == [" / ".join(heads), "S / 68 / 52.5", "M / 70 /"]


def test_nothing_measured_leaves_no_line(channel, listing) -> None:
    assert "Measurements" not in facts_of(channel).description and facts_of(channel).size_table == {}


def test_every_text_of_a_table_is_escaped(measured, channel, listing) -> None:
    Size.objects.filter(run__slug="alpha", code="S").update(code="<i>S")
    assert "<th>&lt;i&gt;S</th>" in facts_of(channel).description
    assert described("{size_table} {title}", {"title": "<b>", "size_table": "<td>"}) == "<p>&lt;td&gt; &lt;b&gt;</p>"


def test_a_template_may_put_it_anywhere(measured, channel, listing) -> None:
    save_description(brand=measured.brand, language="en", body="Before {size_table} after {title}\n{size_table}")
    description = facts_of(channel).description
    assert description.startswith("<p>Before</p><table>") and "</table><p>after Navy shirt</p><table>" in description
    assert "{size_table}" in shipped_description("ko")


def test_sizes_are_called_as_the_channel_calls_them(measured, channel, listing) -> None:
    channel.words.create(kind="size", ours="S", theirs="Small")
    facts = facts_of(channel)
    assert facts.size_table == {"Small": Measures(length="68", chest="52.5"), "M": Measures(length="70")}
    assert set(facts.size_table) == set(facts.sizes)


def test_the_largest_table_stays_far_below_what_google_takes(measured, channel, listing) -> None:
    every = dict.fromkeys(points(), MOST_CM)
    sizes = list(Size.objects.filter(run__slug="alpha").values_list("code", flat=True))
    product = make_product(measured.brand, measured.owner, (("navy",), sizes))
    set_size_table(product=product, actor=measured.owner, table=dict.fromkeys(sizes, every))
    ChannelListing.objects.create(channel=channel, product=product, status="ready")
    [text] = [plain_text(facts.description) for facts in Resolver(channel, picture_url=picture_url).facts(
        of_channel(channel).filter(product=product))]  # fmt: skip
    assert 500 < len(text) < 2500


def test_a_table_of_peoples_own_takes_it_as_a_column(measured, export_now) -> None:
    channel = Channel.objects.create(brand=measured.brand, kind="generic", name="우리 파일", language="ko")
    ChannelListing.objects.create(channel=channel, product=measured.product, status="ready")
    assert {"size_table"} <= FACT_WORDS.keys()
    columns = [TableColumn("SKU", "sku"), TableColumn("실측", "size_table"), TableColumn("Own", "measures")]
    for file_format in ("csv", "xlsx"):
        save_table(channel=channel, file_format=file_format, encoding="utf-8", rows="variant", columns=columns)
        export = export_now(Channel.objects.get(pk=channel.pk))
        assert export.state == "done"
        if file_format == "csv":
            rows = list(csv.DictReader(io.StringIO(export.file.read().decode())))
            assert {row["실측"] for row in rows} == {"S: 총장 68, 가슴단면 52.5\nM: 총장 70"}
            assert {row["Own"] for row in rows} == {"length 68, chest 52.5", "length 70"}


def test_the_feed_of_the_shop_holds_objects(measured, export_now) -> None:
    add_image(product=measured.product, data=photos.jpeg(), filename="a.jpg", actor=measured.owner)
    channel = Channel.objects.create(brand=measured.brand, kind="shakalaka", name="Shop", language="en")
    ChannelListing.objects.create(channel=channel, product=measured.product, status="ready")
    items = json.loads(export_now(channel).file.read())["items"]
    by_size = {item["size"]: item["measures_cm"] for item in items}
    assert by_size == {"S": {"length": "68", "chest": "52.5"}, "M": {"length": "70"}}
    set_size_table(product=measured.product, actor=measured.owner, table={"S": {"length": Decimal("68.5")}})
    changed = export_now(channel)
    assert {item["size"]: item["measures_cm"] for item in json.loads(changed.file.read())["items"]}["M"] == {}
    assert changed.lines.get().changes["measures_cm"] == ["length 68, chest 52.5", "length 68.5"]


def test_a_changed_table_makes_what_went_out_stale_and_is_checked_again(measured, listing) -> None:
    ChannelListing.objects.update(exported_at=timezone.now(), checked_at=timezone.now())
    set_size_table(product=measured.product, actor=measured.owner, table=TABLE)
    listing.refresh_from_db()
    assert listing.stale_since is None and listing.checked_at
    for table in ({"S": {"length": "68"}}, {"S": {"length": "69"}}, {}):
        ChannelListing.objects.update(stale_since=None, checked_at=timezone.now())
        set_size_table(product=Product.objects.get(pk=measured.product.pk), actor=measured.owner, table=table)
        listing.refresh_from_db()
        assert listing.stale_since and not listing.only_stock and listing.checked_at is None


def test_as_many_queries_for_four_tables_as_for_one(
    measured, channel, listing, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    def told() -> list[dict[str, Measures]]:
        resolver = Resolver(channel, picture_url=picture_url)
        return [facts.size_table for facts in resolver.facts(of_channel(channel))]

    told()
    with django_assert_max_num_queries(15) as one:
        assert len(told()) == 1
    for _number in range(3):
        product = make_product(measured.brand, measured.owner)
        set_size_table(product=product, actor=measured.owner, table=TABLE)
        ChannelListing.objects.create(channel=channel, product=product, status="ready")
    with django_assert_num_queries(len(one)):
        assert len(told()) == 4
