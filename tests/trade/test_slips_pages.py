"""Slips as pages and over the API: found, read, printed, and not by strangers."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from PIL import Image

from erp.trade.models import Partner, SlipLine
from erp.trade.services.slip_reversal import take_back_slip
from tests.api.shop import Api
from tests.trade.paper import needs_poppler, text_of
from tests.trade.stall import Stall, key, make_stall, queries_of
from tests.web.shop import a_stranger


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def page_of(stall: Stall, address: str, **client: str) -> str:
    answer = stall.client(**client).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_finds_by_buyer_number_day_and_kind(stall: Stall) -> None:
    other = Partner.objects.create(brand=stall.brand, name="북촌상회", is_buyer=True)
    first, second = stall.slip(), stall.slip(buyer=other)
    credit = stall.slip(stall.entry(kind=SlipLine.Kind.RETURNED), kind="credit")
    address = stall.url("slips")
    every = page_of(stall, address)
    assert all(str(slip) in every for slip in (first, second, credit))
    for query, found in {
        "q=북촌": [second],
        "q=002": [second],
        f"buyer={stall.buyer.pk}": [first, credit],
        "kind=credit": [credit],
        f"day={first.day}": [first, second, credit],
        "day=2001-01-01": [],
        "q=없는가게": [],
    }.items():
        page = page_of(stall, f"{address}?{query}")
        assert [slip for slip in (first, second, credit) if str(slip) in page] == found, query
    assert "Nothing fits" in page_of(stall, f"{address}?q=없는가게")
    assert "notice-bad" in page_of(stall, f"{address}?day=yesterday")


def test_a_scanned_number_opens_its_slip(stall: Stall) -> None:
    slip = stall.slip()
    answer = stall.client().get(f"{stall.url('slips')}?q={slip}")
    assert answer.status_code == 302 and answer.headers["Location"] == stall.url("slip", slip.public_id)
    assert stall.client().get(f"{stall.url('slips')}?q=20261399-001").status_code == 200


def test_an_empty_list_says_what_writes_slips(stall: Stall) -> None:
    assert "No slips yet" in page_of(stall, stall.url("slips"))


def test_the_page_is_the_paper(stall: Stall) -> None:
    slip = stall.slip(
        stall.entry(0, 3),
        stall.entry(1, 2, SlipLine.Kind.OWED),
        paid=Decimal(5000),
        note="급해요",
        deliver_to=stall.deliver_to,
    )
    page = page_of(stall, stall.url("slip", slip.public_id), language="ko")
    for word in (
        "장끼",
        "나래상회 귀하",
        "대구 2호점",
        "네이비 / S",
        "미송",
        "₩36,000",
        "전잔",
        "₩60,000",
        "₩55,000",
        "급해요",
    ):
        assert word in page, word
    assert "width=80mm" in page and "width=a6" in page


def test_its_number_can_be_scanned_from_the_page(stall: Stall) -> None:
    zxingcpp, drawing = pytest.importorskip("zxingcpp"), pytest.importorskip("PIL.ImageDraw")
    slip = stall.slip()
    page = page_of(stall, stall.url("slip", slip.public_id))
    bars = [(int(left), int(wide)) for left, wide in re.findall(r'<rect x="(\d+)" width="(\d+)"', page)]
    picture = Image.new("L", ((bars[-1][0] + 20) * 4, 120), 255)
    for left, wide in bars:
        drawing.Draw(picture).rectangle((left * 4, 0, (left + wide) * 4 - 1, 120), fill=0)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [str(slip)]


def test_a_slip_and_what_took_it_back_lead_to_each_other(stall: Stall) -> None:
    slip = stall.slip()
    against = take_back_slip(slip=slip, actor=stall.owner, idempotency_key=key())
    assert stall.url("slip", against.public_id) in page_of(stall, stall.url("slip", slip.public_id))
    assert stall.url("slip", slip.public_id) in page_of(stall, stall.url("slip", against.public_id))
    assert page_of(stall, stall.url("slips")).count("Taken back") == 1


@needs_poppler
def test_the_pdf_of_a_page(stall: Stall) -> None:
    slip = stall.slip()
    for width in ("a4", "a6", "80mm", "poster"):
        answer = stall.client(language="ko").get(f"{stall.url('slip-pdf', slip.public_id)}?width={width}")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
        assert "장끼" in text_of(answer.content) and str(slip) in answer.headers["Content-Disposition"]


def test_the_list_asks_as_much_for_one_slip_as_for_thirty(stall: Stall) -> None:
    client = stall.client()
    stall.slip()
    one = queries_of(client, stall.url("slips"))
    for _n in range(29):
        stall.slip()
    assert queries_of(client, stall.url("slips")) == one


def test_who_may_look(stall: Stall) -> None:
    slip = stall.slip()
    pages = [stall.url("slips"), stall.url("slip", slip.public_id), stall.url("slip-pdf", slip.public_id)]
    for page in pages:
        assert stall.client(stall.shop.viewer).get(page).status_code == 200
        assert stall.client(a_stranger()).get(page).status_code == 404


def test_the_api_lists_and_shows(stall: Stall) -> None:
    slip = stall.slip(stall.entry(0, 2), paid=Decimal(4000), note="급해요")
    api = Api(stall.shop.viewer)
    [row] = api.get("/api/v1/slips/").json()["results"]
    assert (row["number"], row["total"], row["new_balance"]) == (str(slip), "24000.00", "20000.00")
    full = api.get(f"/api/v1/slips/{slip.public_id}/").json()
    assert [(line["sku"], line["quantity"], line["kind"]) for line in full["lines"]] == [
        (stall.variants[0].sku, 2, "sold")
    ]
    assert api.get(f"/api/v1/slips/?q={slip}").json()["results"] == [row]
    assert api.get("/api/v1/slips/?buyer=999999").json()["results"] == []
    pdf = api.get(f"/api/v1/slips/{slip.public_id}/pdf/?width=a6")
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")
    stranger = Api(a_stranger())
    assert stranger.get("/api/v1/slips/").json()["results"] == []
    assert stranger.get(f"/api/v1/slips/{slip.public_id}/").status_code == 404
    assert stranger.get(f"/api/v1/slips/{slip.public_id}/pdf/").status_code == 404
    assert api.delete(f"/api/v1/slips/{slip.public_id}/").status_code == 405


def test_the_admin_only_looks(stall: Stall) -> None:
    slip = stall.slip()
    client = stall.client()
    assert client.get("/admin/trade/slip/").status_code == 200
    assert client.get(f"/admin/trade/slip/{slip.pk}/change/").status_code == 200
    assert client.post(f"/admin/trade/slip/{slip.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/trade/slip/add/").status_code == 403
