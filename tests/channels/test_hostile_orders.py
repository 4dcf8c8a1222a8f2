"""Files of orders as they really come: rounded, cut, said twice, in halves of signs. One bad line leaves the others."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from openpyxl import Workbook

from erp.channels.formats.orders import MOST_LINES, open_orders, read_orders
from erp.channels.models import ChannelOrder
from erp.channels.services.intake import match_sku
from erp.channels.services.order_files import take_order_file
from tests.channels.test_order_files import HEAD, read, uploaded

SMARTSTORE = "상품주문번호,주문번호,상품명,옵션정보,옵션관리코드,판매자 상품코드,수량,상품가격"


def parsed(*lines: str, head: str = HEAD, name: str = "generic", encoding: str = "utf-8"):
    return read_orders(name, open_orders("\n".join([head, *lines]).encode(encoding)))


def codes(problems) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2.02611E+15,A,1,10,KRW", "rounded_number"),
        ("9" * 81 + ",A,1,10,KRW", "too_long"),
        ("1,A,1,9999999999.999,KRW", "too_much"),
        ("1,A,1,-1,KRW", "negative"),
        ('1,A,"1,5",10,KRW', "bad_quantity"),
        ('1,A,1,"1,2345",KRW', "no_number"),
        ("1,,1,10,KRW", "no_goods"),
    ],
)
def test_one_line_that_cannot_be_kept_leaves_the_others(shop, channel, line, code):
    file = read(shop, uploaded(shop, channel, [line, f"ok,{shop.variants[-1].sku},1,10,KRW"]))
    assert (file.state, file.counts) == ("done", {"taken": 1})
    assert codes(file.problems.all()) == [(2, code)]


def test_prices_as_people_write_them():
    [one], problems = parsed('1,A,1,"12,50",', '1,B,1,"₩1,234,000원",', "1,C,1,12000,")
    assert [line.unit_price for line in one.lines] == [Decimal("12.50"), Decimal(1234000), Decimal(12000)]
    assert not problems


def test_prices_beyond_any_price_together():
    head = "상품주문번호,주문번호,상품명,수량,상품가격,옵션가격"
    orders, problems = parsed("1,A,셔츠,1,9000000000,9000000000", head=head, name="smartstore")
    assert (orders, codes(problems)) == ([], [(2, "too_much")])


SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-05 12:30:00 -0500", datetime(2026, 11, 5, 17, 30, tzinfo=UTC)),
        ("2026-11-05T12:30:00.5Z", datetime(2026, 11, 5, 12, 30, 0, 500_000, tzinfo=UTC)),
        ("2026. 11. 5.", datetime(2026, 11, 5, tzinfo=SEOUL)),
        ("2026년 11월 5일", datetime(2026, 11, 5, tzinfo=SEOUL)),
        ("2026-11-05 오후 3:12:11", datetime(2026, 11, 5, 15, 12, 11, tzinfo=SEOUL)),
        ("2026/11/05 12:05 AM", datetime(2026, 11, 5, 0, 5, tzinfo=SEOUL)),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-02-31", None),
        ("11/05/2026", None),
    ],
)
def test_dates_as_people_write_them(text, moment):
    with timezone.override(SEOUL):
        [order], problems = parsed(f"1,A,1,10,{text}", head="Order number,SKU,Quantity,Unit price,Placed at")
    assert order.placed_at == moment and bool(problems) == (moment is None)


def test_an_order_that_stands_in_a_file_twice_is_one():
    orders, problems = parsed("1,A,1,10,", "2,A,1,10,", "1,A,1,10,", "2,A,3,10,", "3,A,1,10,", "4,A,1,10,", "3,B,1,10,")
    assert [(order.number, [(line.sku, line.quantity) for line in order.lines]) for order in orders] == [
        ("1", [("A", 1)]),
        ("3", [("A", 1), ("B", 1)]),
        ("4", [("A", 1)]),
    ]
    assert codes(problems) == [(4, "line_twice"), (5, "line_contradicts")]


def test_an_order_of_more_lines_than_any_is_not_taken():
    orders, problems = parsed(*["paid,A,1,10,"] * (MOST_LINES + 1), "1,A,1,10,")
    assert [order.number for order in orders] == ["1"] and codes(problems) == [(2, "too_many_lines")]


def test_long_names_and_codes_of_a_product_are_told_apart(shop, channel):
    """Smartstore: without a code of the option, its words say which variant it is."""
    title, head = "가을 신상 " + "셔츠 " * 60, SMARTSTORE
    black, white = "색상: 블랙", "색상: 화이트"
    goods = [(black, ""), (white, ""), (black, "HA1"), (white, "HA1"), ("", "HA1")]
    lines = [f"{n},N{n},{title},{option},,{code},1,10" for n, (option, code) in enumerate(goods)]
    read(shop, uploaded(shop, channel, lines, head), "smartstore")
    known = [order.lines.get().known_as for order in ChannelOrder.objects.order_by("number")]
    assert len(set(known)) == 5 and known[2:] == ["HA1 / 색상: 블랙", "HA1 / 색상: 화이트", "HA1"]
    match_sku(channel=channel, sku=known[0], variant=shop.variants[-1], actor=shop.owner)
    assert ChannelOrder.objects.filter(state="taken").count() == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding):
    orders, _problems = parsed("P1,N1,셔츠,네이비,A,,1,10", head=SMARTSTORE, name="smartstore", encoding=encoding)
    assert [(order.number, order.lines[0].title) for order in orders] == [("N1", "셔츠")]


def test_half_signs_of_a_workbook_are_left_out(shop, channel):
    book, out = Workbook(), io.BytesIO()
    for row in (["Order number", "SKU", "Quantity", "Name"], ["_xD800_1", "_x0000_A_x0001_", 1, "셔츠"]):
        book.active.append(row)
    book.save(out)
    file = take_order_file(channel=channel, actor=shop.owner, data=out.getvalue(), filename="a.xlsx")
    assert read(shop, file).counts == {"unknown": 1}
    assert ChannelOrder.objects.get().number == "1" and ChannelOrder.objects.get().lines.get().sku == "A"


def test_the_same_goods_said_otherwise_are_no_contradiction(shop, channel):
    sku, other = shop.variants[-1].sku, shop.variants[-2].sku
    head = "Order number,SKU,Quantity,Unit price,Name"
    read(shop, uploaded(shop, channel, [f"1,{sku},1,12000,셔츠", f"1,{other},1,9000,바지"], head))
    again = read(shop, uploaded(shop, channel, [f"1,{other},1,9000.00,바지", f"1,{sku},1,12000.0,새 셔츠"], head))
    assert again.counts == {"known": 1} and ChannelOrder.objects.get().state == "taken"


def test_what_is_sent_already_is_told_apart():
    head = "상품주문번호,주문번호,상품명,옵션관리코드,수량,상품가격,주문상태"
    rows = [
        "1,A,셔츠,SKU-1,1,10,배송중", "2,A,셔츠,SKU-2,1,10,배송완료",  # all of it
        "3,B,셔츠,SKU-1,1,10,발송대기", "4,B,셔츠,SKU-2,1,10,배송중",  # a part
        "5,C,셔츠,SKU-1,1,10,취소완료", "6,C,셔츠,SKU-2,1,10,구매확정",  # what was not given up
        "7,D,셔츠,SKU-1,1,10,발송대기",
    ]  # fmt: skip
    orders, problems = parsed(*rows, head=head, name="smartstore")
    assert {order.number: order.is_sent for order in orders} == {"A": True, "B": False, "C": True, "D": False}
    assert not problems
    head = "Name,Lineitem sku,Lineitem name,Lineitem quantity,Lineitem price,Currency,Fulfillment Status"
    rows = ["#1,A,Shirt,1,10,KRW,fulfilled", "#1,B,Shirt,1,10,,", "#2,A,Shirt,1,10,KRW,partial"]
    orders, problems = parsed(*rows, head=head, name="shopify")
    assert {order.number: order.is_sent for order in orders} == {"#1": True, "#2": False} and not problems
