"""Slips on paper: three widths, in Korean, nothing clipped, long ones over several pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from catalog.models import Product
from erp.trade.models import Slip, SlipLine
from erp.trade.pdf.slip import slip_pdf
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.services.slips import SlipEntry
from tests.api.shop import make_product
from tests.trade.paper import needs_poppler, pages_of, text_of, words_outside
from tests.trade.stall import Stall, key, make_stall

Kind = SlipLine.Kind
WIDTHS = {"a4": 210, "a6": 105, "80mm": 80}
LONG = "오버핏 기모 코튼 맨투맨 스웨트셔츠 아주아주 긴 이름의 상품 (가을 겨울 신상)"


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def full_slip(stall: Stall) -> Slip:
    Product.objects.filter(pk=stall.shop.product.pk).update(name_ko=LONG)
    return stall.slip(
        stall.entry(0, 3),
        stall.entry(1, 2),
        stall.entry(2, 12, Kind.OWED, pack="고미 A"),
        stall.entry(3, 4, Kind.DELIVERED),
        stall.entry(0, 1, Kind.RETURNED, price=Decimal(123456789)),
        deliver_to=stall.deliver_to,
        paid=Decimal(50000),
        note="토요일까지 입금",
    )


@needs_poppler
@pytest.mark.parametrize("width", WIDTHS)
def test_everything_is_on_the_paper(stall: Stall, width: str) -> None:
    slip = full_slip(stall)
    content = slip_pdf(slip, width)
    text = text_of(content)
    joined = "".join(text.split())
    for word in (
        "haneul상점",
        "장끼",
        str(slip),
        "나래상회",
        "대구2호점",
        LONG.replace(" ", ""),
        "네이비/S3,M2",
        "고미A",
    ):
        assert word.replace(" ", "") in joined, word
    for word in (
        "미송",
        "반품",
        "전잔",
        "입금",
        "잔액",
        "토요일까지입금",
        "-123,456,789",
        "60,000",
        "144,000",
        "50,000",
    ):
        assert word in joined, word
    assert pages_of(content)[0][0] == WIDTHS[width] and len(pages_of(content)) == 1
    assert not words_outside(content)


@needs_poppler
def test_a_roll_is_as_long_as_its_slip(stall: Stall) -> None:
    short = pages_of(slip_pdf(stall.slip(), "80mm"))
    long = pages_of(slip_pdf(full_slip(stall), "80mm"))
    assert short[0][1] < long[0][1] < 250


@needs_poppler
@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_slip_breaks_over_pages_with_sums_carried_over(stall: Stall, width: str) -> None:
    entries = []
    for number in range(40):
        product = make_product(stall.brand, stall.owner, (("navy", "white", "black"), ("S", "M", "L", "XL")))
        Product.objects.filter(pk=product.pk).update(name_ko=f"{LONG} {number}")
        entries += [SlipEntry(v, Kind.SOLD, 2, Decimal(10000)) for v in product.variants.order_by("pk")]
    slip = stall.slip(*entries)
    content = slip_pdf(slip, width)
    text = text_of(content)
    pages = pages_of(content)
    assert not words_outside(content)
    assert all(f"{number}" in text for number in range(40)) and "9,600,000" in text
    if width == "80mm":
        assert len(pages) == 1
        return
    assert len(pages) > 1 and f"(1/{len(pages)})" in text and f"({len(pages)}/{len(pages)})" in text
    sheets = text.split("\f")[: len(pages)]
    assert all(str(slip) in sheet for sheet in sheets)
    carried = [[line.split()[-1] for line in sheet.splitlines() if "이월" in line] for sheet in sheets]
    assert [len(sums) for sums in carried] == [1] + [2] * (len(pages) - 2) + [1]
    assert all(before[-1] == after[0] for before, after in zip(carried, carried[1:], strict=False))


@needs_poppler
def test_credit_notes_and_slips_against_slips_say_so(stall: Stall) -> None:
    credit = stall.slip(stall.entry(kind=Kind.RETURNED), kind=Slip.Kind.CREDIT, paid=Decimal(-12000))
    text = text_of(slip_pdf(credit, "a6"))
    assert "반품 장끼" in text and "환불" in text and "-₩12,000" in text
    against = take_back_slip(slip=stall.slip(), actor=stall.owner, idempotency_key=key())
    assert str(against.reverses) in text_of(slip_pdf(against, "a6"))


@needs_poppler
def test_a_slip_is_read_in_english_too(stall: Stall) -> None:
    with translation.override("en"):
        text = text_of(slip_pdf(stall.slip(), "a4"))
    assert "Earlier balance" in text and "New balance" in text and "To 나래상회" in text


@needs_poppler
def test_its_number_can_be_scanned(stall: Stall, tmp_path) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    import subprocess

    from PIL import Image

    slip = stall.slip()
    for width in WIDTHS:
        command = ["pdftoppm", "-r", "200", "-png", "-singlefile", "-", str(tmp_path / width)]
        subprocess.run(command, input=slip_pdf(slip, width), check=True)
        found = zxingcpp.read_barcodes(Image.open(tmp_path / f"{width}.png"))
        assert [code.text for code in found] == [str(slip)]
