"""Tables of people's own: designed column by column, or a form that they upload."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from erp.channels.formats.labels import FACT_WORDS
from erp.channels.formats.template import shipped_template
from erp.channels.formats.values import VALUES
from erp.channels.models import Channel, ChannelListing, FileTemplate
from tests.channels.test_shopee import KEYS
from tests.channels.test_shopee import form as shopee_form


@pytest.fixture
def table(shop) -> Channel:
    made = Channel.objects.create(brand=shop.brand, kind="generic", name="표")
    ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    return made


@pytest.fixture
def shopee(shop) -> Channel:
    return Channel.objects.create(brand=shop.brand, kind="shopee", name="Shopee")


def designed(*columns: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """What the page sends: heading, what stands there, and the text where that is the same on each line."""
    data = {"file_format": "csv", "encoding": "cp949", "rows": "variant", "action": "save"} | more
    for place, (header, value, text) in enumerate(columns):
        data |= {f"header-{place}": header, f"value-{place}": value, f"text-{place}": text}
    return data


COLUMNS = (("품번", "style_number", ""), ("거래처", "=", "하루"), ("수량", "variant_quantity", ""))


class TestDesigned:
    def test_the_file_is_as_it_was_designed(self, shop, url, owner, table, export_now):
        assert owner.post(url("table", table.pk), designed(*COLUMNS)).status_code == 302
        export = export_now(Channel.objects.get(pk=table.pk))
        with export.file.open("rb") as file:
            lines = list(csv.reader(io.StringIO(file.read().decode("cp949"))))
        assert lines[0] == ["품번", "거래처", "수량"]
        assert lines[1] == [shop.product.style_number, "하루", "1"] and len(lines) == 5
        page = owner.get(url("table", table.pk)).context["form"]
        assert [(c.header, c.value, c.text) for c in page.columns] == [
            ("품번", "style_number", ""), ("거래처", "", "하루"), ("수량", "variant_quantity", ""),
        ]  # fmt: skip

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_encodings(self, url, owner, table, export_now, encoding):
        owner.post(url("table", table.pk), designed(*COLUMNS, encoding=encoding))
        export = export_now(Channel.objects.get(pk=table.pk))
        with export.file.open("rb") as file:
            assert file.read().decode(encoding).startswith("품번,")

    def test_a_button_moves_a_column_and_saves_nothing(self, url, owner, table):
        def after(action: str) -> list[str]:
            page = owner.post(url("table", table.pk), designed(*COLUMNS) | {"action": action})
            return [column.header for column in page.context["form"].columns]

        assert after("down:0") == ["거래처", "품번", "수량"]
        assert after("up:2") == ["품번", "수량", "거래처"]
        assert after("remove:1") == ["품번", "수량"]
        assert after("add") == ["품번", "거래처", "수량", ""]
        assert after("up:99") == after("nonsense") == ["품번", "거래처", "수량"]
        assert not FileTemplate.objects.exists()

    def test_real_lines_are_shown_before_it_is_saved(self, shop, url, owner, table):
        shown = owner.post(url("table", table.pk), designed(*COLUMNS) | {"action": "preview"}).context["preview"]
        assert shown["headers"] == ["품번", "거래처", "수량"] and shown["rows"][0][:2] == [
            shop.product.style_number,
            "하루",
        ]
        assert not FileTemplate.objects.exists()

    @pytest.mark.parametrize(
        ("columns", "more", "words"),
        [
            ((("", "sku", ""),), {}, "Type a heading"),
            ((("A", "sku", ""), ("A", "size", "")), {}, "called so already"),
            ((("A", "os.environ", ""),), {}, "Choose what stands"),
            ((), {}, "needs a column"),
            ((("A", "sku", ""),), {"encoding": "latin-9"}, "valid choice"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(self, url, owner, table, columns, more, words):
        kept = (("kept here", "=", "and this"), *columns) if columns else ()
        answer = owner.post(url("table", table.pk), designed(*kept, **more))
        text = answer.content.decode()
        assert answer.status_code == 422 and words in text
        assert not columns or ("kept here" in text and "and this" in text)
        assert not FileTemplate.objects.exists()

    def test_back_to_the_one_that_is_shipped(self, url, owner, table):
        owner.post(url("table", table.pk), designed(*COLUMNS))
        owner.post(url("template-remove", table.pk))
        assert not FileTemplate.objects.exists()
        assert len(owner.get(url("table", table.pk)).context["form"].columns) == 15

    def test_other_marketplaces_have_no_table_of_ones_own(self, url, owner, channel):
        assert owner.get(url("table", channel.pk)).status_code == 404
        assert owner.get(url("form", channel.pk)).status_code == 404

    def test_every_fact_that_is_offered_is_known(self):
        assert FACT_WORDS.keys() <= VALUES.keys()
        assert {column.value for column in shipped_template("generic-1").columns} <= FACT_WORDS.keys()


class TestUploaded:
    def send(self, owner, url, shopee, data: bytes) -> Any:
        return owner.post(url("form", shopee.pk), {"file": SimpleUploadedFile("form.xlsx", data)})

    def test_the_page_tells_which_keys_are_filled(self, url, owner, shopee):
        assert self.send(owner, url, shopee, shopee_form(KEYS)).status_code == 302
        page = owner.get(url("form", shopee.pk)).context
        assert ("ps_product_name", FACT_WORDS["title"], True) in page["filled"]
        assert page["free"] == [("channel_id.1", None, None)]
        names = owner.get(url("channel-columns", shopee.pk)).context["form"].field_names
        owner.post(url("channel-columns", shopee.pk), {names["channel_id.1"]: "On"})
        assert owner.get(url("form", shopee.pk)).context["free"] == [("channel_id.1", None, "On")]

    def test_replaced_and_removed(self, url, owner, shopee, django_capture_on_commit_callbacks):
        self.send(owner, url, shopee, shopee_form(KEYS))
        first = FileTemplate.objects.get().file
        with django_capture_on_commit_callbacks(execute=True):
            self.send(owner, url, shopee, shopee_form(list(reversed(KEYS))))
        second = FileTemplate.objects.get().file
        assert not first.storage.exists(first.name) and second.storage.exists(second.name)
        with django_capture_on_commit_callbacks(execute=True):
            owner.post(url("template-remove", shopee.pk))
        assert not FileTemplate.objects.exists() and not second.storage.exists(second.name)

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "Choose another"),
            (b"not a workbook", "damaged"),
            (b"PK\x03\x04 broken", "damaged"),
            (b"x" * (5 * 1024 * 1024 + 1), "more than 5 MB"),
        ],
    )
    def test_what_is_no_form_is_refused(self, url, owner, shopee, data, words):
        self.send(owner, url, shopee, shopee_form(KEYS))
        answer = self.send(owner, url, shopee, data)
        assert answer.status_code == 422 and words in answer.content.decode()
        assert FileTemplate.objects.get().columns

    def test_another_workbook_is_refused(self, url, owner, shopee):
        book, file = Workbook(), io.BytesIO()
        book.active.append(["품번", "수량"])
        book.save(file)
        answer = self.send(owner, url, shopee, file.getvalue())
        assert answer.status_code == 422 and "none of its keys" in answer.content.decode()
        assert not FileTemplate.objects.exists()
