"""Money, quantities, days and query strings as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from erp.core.templatetags import jangbu


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("12000.00"), "KRW", "₩12,000"),
        (Decimal("1234567"), "JPY", "¥1,234,567"),
        (Decimal("24.5"), "USD", "$24.50"),
        (Decimal("0"), "EUR", "€0.00"),
        (Decimal("3"), "GBP", "GBP 3.00"),
        (None, "KRW", ""),
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_money_is_shown_in_the_way_of_its_currency(amount, currency, shown, language) -> None:
    with translation.override(language):
        assert jangbu.money(amount, currency) == shown


def test_numbers_and_shares() -> None:
    assert [jangbu.count(n) for n in (0, 999, 12345, None)] == ["0", "999", "12,345", ""]
    assert [jangbu.percent(n) for n in (0.0, 0.126, 1.0, None)] == ["0%", "13%", "100%", ""]


@pytest.mark.parametrize(("language", "shown"), [("ko", "2026. 11. 20. (금)"), ("en", "Fri 20 Nov 2026")])
def test_days_name_their_weekday(language, shown) -> None:
    with translation.override(language):
        assert jangbu.day(date(2026, 11, 20)) == shown
        assert jangbu.day(None) == ""


def test_a_query_keeps_the_other_filters() -> None:
    request = RequestFactory().get("/", {"q": "셔츠 & 팬츠", "page": "3"})
    template = Template('{% query page="" status=status %}')
    assert template.render(Context({"request": request, "status": "draft"}, autoescape=False)) == (
        "?q=%EC%85%94%EC%B8%A0+%26+%ED%8C%AC%EC%B8%A0&status=draft"
    )


def test_data_for_scripts_cannot_leave_its_attribute() -> None:
    value = {"name": '"><script>alert(1)</script>', "price": Decimal("1.50"), "day": date(2026, 1, 2)}
    html = Template('<i data-x="{{ value|as_json }}"></i>').render(Context({"value": value}))
    assert "<script>" not in html
    assert html.count('"') == 2
    assert "2026-01-02" in html
