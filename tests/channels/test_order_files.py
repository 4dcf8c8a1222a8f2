"""Files of orders: looked at, read in chunks, taken up after a crash, every wrong cell kept."""

from __future__ import annotations

import io
from datetime import timedelta
from time import perf_counter

import pytest
from django.utils import timezone
from openpyxl import Workbook

from erp.channels.formats.orders import open_orders, read_orders
from erp.channels.models import ChannelOrder, OrderFile
from erp.channels.services import order_files
from erp.channels.services.order_files import (
    read_order_file,
    resume_stalled_order_files,
    retry_order_file,
    start_order_file,
    take_order_file,
)
from erp.core.errors import DomainError

State = OrderFile.State
HEAD = "Order number,SKU,Quantity,Unit price,Currency"


def uploaded(shop, channel, lines, head=HEAD, encoding="utf-8") -> OrderFile:
    data = "\n".join([head, *lines]).encode(encoding)
    return take_order_file(channel=channel, actor=shop.owner, data=data, filename="주문.csv")


def read(shop, file, template="generic", columns=None) -> OrderFile:
    start_order_file(file=file, actor=shop.owner, template=template, columns=columns)
    read_order_file(file_id=file.pk)
    file.refresh_from_db()
    return file


def test_a_file_is_taken_in_once(shop, channel):
    sku = shop.variants[-1].sku
    lines = [f"1,{sku},1,12000,KRW", f"2,{sku},1,12000,KRW", "3,NOBODY,1,10,KRW", f"4,{sku},9,1,KRW"]
    file = read(shop, uploaded(shop, channel, lines))
    assert (file.state, file.template, file.total) == (State.DONE, "generic", 4)
    assert file.counts == {"taken": 2, "unknown": 1, "short": 1}
    assert read_order_file(file_id=file.pk) == State.DONE
    again = read(shop, uploaded(shop, channel, lines))
    assert again.counts == {"known": 4} and ChannelOrder.objects.count() == 4


def test_every_wrong_cell_is_kept_by_line_and_column(shop, channel):
    sku = shop.variants[-1].sku
    lines = [f"1,{sku},x,10,KRW", f"2,{sku},1,10,USD", ",A,1,1,", f"3,{sku},1,10,"]
    file = read(shop, uploaded(shop, channel, lines))
    assert [(p.line, p.column, p.code) for p in file.problems.all()] == [
        (2, "Quantity", "no_number"),
        (3, "Currency", "other_currency"),
        (4, "Order number", "no_number"),
    ]
    assert dict(ChannelOrder.objects.values_list("number", "state")) == {"2": "problem", "3": "taken"}


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-8-sig"])
def test_koreas_encodings(shop, channel, encoding):
    head = "상품주문번호,주문번호,상품명,옵션정보,옵션관리코드,수량,상품가격,옵션가격,수취인명"
    sku = shop.variants[-1].sku
    file = read(
        shop, uploaded(shop, channel, [f"P1,N1,셔츠,네이비,{sku},1,12000,0,김손님"], head, encoding), "smartstore"
    )
    order = ChannelOrder.objects.get()
    assert (file.counts, order.customer_name) == ({"taken": 1}, "김손님")
    assert order.lines.get().line_number == "P1"


def test_formulas_are_text(shop, channel):
    book, out = Workbook(), io.BytesIO()
    book.active.append(["Order number", "SKU", "Quantity", "Name"])
    book.active.append(["1", "'=cmd|'/c calc'!A1", 1, "=1+1"])
    book.save(out)
    file = take_order_file(channel=channel, actor=shop.owner, data=out.getvalue(), filename="a.xlsx")
    assert read(shop, file).counts == {"unknown": 1}
    line = ChannelOrder.objects.get().lines.get()
    assert (line.title, line.sku) == ("=1+1", "=cmd|'/c calc'!A1")


def test_lines_cancelled_one_by_one_and_lines_twice(shop, channel):
    head = "상품주문번호,주문번호,상품명,수량,상품가격,주문상태"
    lines = ["1,A,셔츠,1,10,결제완료", "2,A,바지,1,10,취소완료", "3,B,셔츠,1,10,취소완료", "1,A,셔츠,1,10,결제완료",
             "9,C,셔츠,1,10,결제완료", "9,C,셔츠,2,10,결제완료"]  # fmt: skip
    orders, problems = read_orders("smartstore", open_orders("\n".join([head, *lines]).encode()))
    assert [(o.number, len(o.lines), o.is_cancelled) for o in orders] == [("A", 1, False), ("B", 1, True)]
    assert [(p.line, p.code) for p in problems] == [(5, "line_twice"), (7, "line_contradicts")]


def test_refunded_orders_hold_nothing(shop, channel):
    head = "Name,Financial Status,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku"
    sku = shop.variants[-1].sku
    file = read(shop, uploaded(shop, channel, [f"#1,refunded,1,S,1,{sku}", f"#2,paid,1,S,1,{sku}"], head), "shopify")
    assert file.counts == {"cancelled": 1, "taken": 1}


def test_a_table_of_ones_own_is_remembered(shop, channel):
    sku = shop.variants[-1].sku
    head = "번호,물건,갯수"
    file = uploaded(shop, channel, [f"1,{sku},2"], head)
    own = {"number": "번호", "sku": "물건", "quantity": "갯수"}
    with pytest.raises(DomainError) as refused:
        start_order_file(file=file, actor=shop.owner, template="generic", columns={"number": "번호", "sku": "없음"})
    assert {problem.field for problem in refused.value.problems} == {"sku", "quantity"}
    assert read(shop, file, columns=own).counts == {"taken": 1}
    later = uploaded(shop, channel, [f"2,{sku},1"], head)
    assert (later.template, later.columns) == ("generic", own)


def test_a_reader_that_died_is_followed_by_another(shop, channel, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr(order_files, "async_task", lambda *args, **more: queued.append(args))
    monkeypatch.setattr(order_files, "CHUNK", 2)
    sku = shop.variants[-1].sku
    file = uploaded(shop, channel, [f"{n},{sku},1,10,KRW" for n in range(4)])
    with django_capture_on_commit_callbacks(execute=True):
        start_order_file(file=file, actor=shop.owner, template="generic")
    take = order_files.take_orders_in

    def die_in_the_second(**more):
        taken = take(**more)
        if more["said"][0].number == "2":
            raise KeyboardInterrupt
        return taken

    monkeypatch.setattr(order_files, "take_orders_in", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        read_order_file(file_id=file.pk)
    monkeypatch.setattr(order_files, "take_orders_in", take)
    file.refresh_from_db()
    assert (file.state, file.next_order, file.counts) == (State.READING, 2, {"taken": 2})
    assert ChannelOrder.objects.count() == 2
    OrderFile.objects.filter(pk=file.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    assert read_order_file(file_id=file.pk) == State.READING
    assert resume_stalled_order_files() == 1 and queued[-1] == queued[0]
    assert read_order_file(file_id=file.pk) == State.DONE
    file.refresh_from_db()
    assert (file.counts, ChannelOrder.objects.count()) == ({"taken": 4}, 4)


def test_what_keeps_failing_stops_with_words(shop, channel, monkeypatch):
    file = uploaded(shop, channel, ["1,A,1,1,"])
    start_order_file(file=file, actor=shop.owner, template="generic")
    with monkeypatch.context() as patch:
        patch.setattr(order_files, "take_orders_in", lambda **more: 1 / 0)
        assert [read_order_file(file_id=file.pk) for _n in range(3)] == ["queued", "queued", "failed"]
    file.refresh_from_db()
    assert file.problem
    retry_order_file(file=file, actor=shop.owner)
    assert read_order_file(file_id=file.pk) == State.DONE


@pytest.mark.parametrize(("data", "code"), [(b"", "file_empty"), (b"%PDF-1", "file_pdf"), (b"a,b\n", "file_no_rows")])
def test_what_is_no_file_of_orders_is_refused(shop, channel, data, code):
    with pytest.raises(DomainError) as refused:
        take_order_file(channel=channel, actor=shop.owner, data=data, filename="x")
    assert refused.value.code == code and not OrderFile.objects.exists()


def test_two_hundred_thousand_rows_are_read_in_seconds():
    rows = "".join(f"{n // 2},SKU-{n % 5000},1,12000,KRW\n" for n in range(200_000))
    data = f"{HEAD}\n{rows}".encode()
    started = perf_counter()
    orders, problems = read_orders("generic", open_orders(data))
    assert (len(orders), problems) == (100_000, []) and perf_counter() - started < 40
