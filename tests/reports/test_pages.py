"""The pages of the reports: what they show, whom, in how many queries; and the files."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from erp.reports.kinds import REPORTS
from tests.factories import ProductFactory, VariantFactory
from tests.reports.shop import Past
from tests.web.shop import a_stranger, queries_of

NAMES = list(REPORTS)


@pytest.fixture
def sold(past: Past) -> Past:
    first, second = past.shop.variants[:2]
    past.receive({first: 40, second: 30}, ago=20)
    past.sell({first: 12, second: 3}, ago=10)
    past.take_back({first: 2}, ago=5)
    return past


def text(past: Past, name: str, client: Client | None = None, **query: str) -> str:
    response = (client or past.client()).get(past.url(name, **query))
    assert response.status_code == 200
    return response.content.decode()


def file_of(past: Past, name: str, **query: str) -> list[str]:
    response = past.client().get(past.url(f"{name}-csv", **query))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert f'filename="{past.brand.slug}-{name}' in response["Content-Disposition"]
    return b"".join(response.streaming_content).decode("utf-8-sig").splitlines()


@pytest.mark.parametrize("name", NAMES)
class TestEvery:
    def test_a_member_sees_it(self, name: str, sold: Past) -> None:
        page = text(sold, name, sold.client(sold.shop.viewer))
        assert str(REPORTS[name].title) in page or "report" in page

    def test_to_a_stranger_it_does_not_exist(self, name: str, sold: Past) -> None:
        client = sold.client(a_stranger())
        for address in (name, f"{name}-csv", f"{name}-xlsx"):
            assert client.get(sold.url(address)).status_code == 404

    def test_an_empty_brand_is_told_so(self, name: str, past: Past) -> None:
        Product.objects.update(status="archived")
        page = text(past, name)
        assert "Nothing to report" in page or 'class="chart' not in page

    def test_korean(self, name: str, sold: Past) -> None:
        client = sold.client()
        client.cookies["django_language"] = "ko"
        assert 'lang="ko"' in text(sold, name, client)

    def test_more_lines_need_no_more_queries(self, name: str, sold: Past) -> None:
        client = sold.client()
        query = {"by": "variant"}
        before = queries_of(client, sold.url(name), query)
        for _more in range(30):
            variant = VariantFactory(product=ProductFactory(brand=sold.brand, status="active"))
            sold.receive({variant: 9}, ago=3)
            sold.sell({variant: 8}, ago=2)
        assert queries_of(client, sold.url(name), query) == before

    def test_htmx_gets_the_results_only(self, name: str, sold: Past) -> None:
        page = sold.client().get(sold.url(name), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page and 'id="results"' in page

    def test_nonsense_is_told_and_breaks_nothing(self, name: str, sold: Past) -> None:
        query = {
            "since": "yesterday", "until": "0001-01-01", "at": "x", "product": "x" * 300, "category": "?",
            "location": "-", "by": "moon", "sort": "nothing", "page": "999999", "step": "aeon", "idle": "-1",
            "from_moment": "9999-99-99", "supplier": "0", "show": "x", "view": "x", "end": "x", "owed_by": "x",
        }  # fmt: skip
        page = text(sold, name, **query)
        taken = {*query} & {*REPORTS[name].fields}
        assert ('role="alert"' in page) == bool(taken)
        if taken:
            assert sold.client().get(sold.url(f"{name}-csv", **query)).status_code == 302

    def test_the_file_has_every_column(self, name: str, sold: Past) -> None:
        header = file_of(sold, name)[0].split(",")
        answer = sold.ask(name)
        assert len(header) >= len(answer.columns) + 1
        book = sold.client().get(sold.url(f"{name}-xlsx"))
        rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active.iter_rows())
        assert len(rows) == len(answer.lines) + 1


def test_the_list_of_reports_names_each(past: Past) -> None:
    page = text(past, "index")
    for name in NAMES:
        assert past.url(name) in page
    assert past.client(a_stranger()).get(past.url("index")).status_code == 404


def test_a_number_leads_to_the_movements_that_make_it(sold: Past) -> None:
    page = text(sold, "best", by="variant")
    history = reverse("inventory:history", args=[sold.brand.slug])
    variant = sold.shop.variants[0]
    links = [part.split('"')[0] for part in page.split('href="') if part.startswith(f"{history}?since=")]
    [address] = {
        link for link in links if f"variant={variant.pk}" in link and "kind=return" in link and "kind=ship" in link
    }
    movements = sold.client().get(address.replace("&amp;", "&")).context["rows"]
    assert sorted(row.change for row in movements) == [-12, 2]


def test_a_chart_has_its_words(sold: Past) -> None:
    page = text(sold, "stock-value")
    assert "<svg" in page and 'aria-label="Most pieces. Most: Oxford shirt 57. All numbers are in the table."' in page
    assert "style=" not in page.split('class="card chart"')[1].split("</figure>")[0]


def test_sorted_by_any_column(sold: Past) -> None:
    down = text(sold, "best", by="variant", sort="-sold")
    assert 'aria-sort="descending"' in down
    skus = [variant.sku for variant in sold.shop.variants[:2]]
    assert down.index(skus[0]) < down.index(skus[1])
    up = text(sold, "best", by="variant", sort="sold")
    assert up.index(skus[1]) < up.index(skus[0])


def test_pages(sold: Past) -> None:
    for _more in range(60):
        sold.receive({VariantFactory(product=ProductFactory(brand=sold.brand, status="active")): 1})
    first = sold.client().get(sold.url("stock-value", by="variant")).context["page_obj"]
    assert (first.paginator.count, len(first.object_list)) == (62, 50)
    assert len(sold.client().get(sold.url("stock-value", by="variant", page="2")).context["page_obj"].object_list) == 12
    assert len(file_of(sold, "stock-value", by="variant")) == 63


def test_a_cell_that_a_spreadsheet_would_compute_is_neutralised(sold: Past) -> None:
    Product.objects.filter(pk=sold.shop.product.pk).update(name_ko="=1+1", name_en="=1+1", style_number="@x")
    [line] = file_of(sold, "stock-value")[1:]
    assert line.startswith("'@x,'=1+1,")


def test_a_period_too_long_is_refused_with_the_mend(sold: Past) -> None:
    page = text(sold, "movements", since="2001-01-01")
    assert "Choose a shorter period" in page


def test_another_brands_product_is_no_filter(sold: Past) -> None:
    other = ProductFactory(status="active")
    assert "Select a valid choice" in text(sold, "stock-value", product=str(other.pk))


def test_without_a_script_the_filters_are_a_form(sold: Past) -> None:
    page = text(sold, "movements", step="week")
    assert '<form class="report-filter"' in page and 'name="since"' in page and "<noscript>" in page
