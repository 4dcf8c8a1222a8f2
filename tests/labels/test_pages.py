"""The label page: what links fill in, what is typed is kept, and a PDF comes out."""

from __future__ import annotations

import pytest
from django.urls import reverse

from erp.counting.services import Entry, add_entries, create_count
from erp.inventory.forms.sheet import MOST_PRODUCTS
from erp.labels.models import LabelSettings
from tests.factories import ProductFactory, VariantFactory
from tests.labels.pictures import codes_in, pages
from tests.web.shop import a_stranger, queries_of


@pytest.fixture
def address(shop) -> str:
    return reverse("labels:labels", args=[shop.brand.slug])


def fields(shop, *texts: str, **more: str) -> dict[str, str]:
    base = {"template": "roll-50x30", "kind": "qr", "language": "ko", "start": "1", "action": "print"}
    cells = {f"q-{variant.pk}": text for variant, text in zip(shop.variants, texts, strict=False)}
    return base | {"product": str(shop.product.pk)} | cells | more


def cell(variant, text: str) -> str:
    return f'name="q-{variant.pk}" value="{text}"'


def test_printing_answers_a_pdf_and_remembers_the_choice(shop, address, tmp_path) -> None:
    answer = shop.client(shop.clerk).post(address, fields(shop, "2", "", "1", with_price="on"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    found = [text for image in pages(answer.content, tmp_path) for text, _format in codes_in(image)]
    assert found == [shop.variants[0].sku, shop.variants[0].sku, shop.variants[2].sku]
    chosen = LabelSettings.objects.get(brand=shop.brand)
    assert (chosen.template, chosen.code, chosen.language, chosen.with_price) == ("roll-50x30", "qr", "ko", True)
    again = shop.client(shop.clerk).get(address).content.decode()
    assert '<option value="roll-50x30" selected>' in again


def test_a_receiving_fills_the_grid(shop, address) -> None:
    posting = shop.stock(3, 2)
    content = shop.client(shop.clerk).get(address, {"posting": posting.public_id}).content.decode()
    assert cell(shop.variants[0], "3") in content and cell(shop.variants[1], "2") in content
    assert "Print 5 labels" in content


def test_a_place_a_product_and_single_variants_fill_the_grid(shop, address) -> None:
    shop.stock(4)
    client, (first, second, third, _fourth) = shop.client(shop.clerk), shop.variants
    assert cell(first, "4") in client.get(address, {"location": shop.main.pk}).content.decode()
    assert cell(first, "") in client.get(address, {"product": shop.product.pk}).content.decode()
    assert cell(first, "4") in client.get(address, {"product": shop.product.pk, "fill": "1"}).content.decode()
    several = client.get(f"{address}?variant={first.pk}&variant={third.pk}&q-{second.pk}=7").content.decode()
    assert cell(first, "1") in several and cell(second, "7") in several and cell(third, "1") in several


def test_a_count_fills_the_grid_with_what_was_counted(shop, address) -> None:
    shop.stock(4, 4, 4)
    count = create_count(brand=shop.brand, location=shop.main, scope="full", actor=shop.clerk)
    entries = [Entry(shop.variants[0].pk, 3, "set"), Entry(shop.variants[1].pk, 0, "set")]
    add_entries(count=count, actor=shop.clerk, entries=entries)
    client = shop.client(shop.clerk)
    content = client.get(address, {"count": count.public_id}).content.decode()
    assert cell(shop.variants[0], "3") in content and cell(shop.variants[1], "") in content
    page = client.get(reverse("counting:count", args=[shop.brand.slug, count.public_id])).content.decode()
    assert f"{address}?count={count.public_id}" in page


def test_links_to_what_is_not_there(shop, address) -> None:
    client = shop.client(shop.clerk)
    theirs = VariantFactory()
    assert client.get(address, {"posting": "3f1f3a0e-0000-4000-8000-000000000000"}).status_code == 404
    assert client.get(address, {"count": "3f1f3a0e-0000-4000-8000-000000000000"}).status_code == 404
    assert client.get(address, {"location": "999999"}).status_code == 404
    for odd in (
        {"posting": "x"},
        {"product": "x"},
        {"product": str(theirs.product_id)},
        {"variant": "0"},
        {"q-x": "1"},
    ):
        answer = client.get(address, odd)
        assert answer.status_code == 200
        assert theirs.sku not in answer.content.decode()


def test_more_products_than_grids_are_carried_unseen(shop, address) -> None:
    for _ in range(MOST_PRODUCTS):
        VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
    wanted = {f"q-{pk}": "1" for pk in shop.brand.variants.values_list("pk", flat=True)}
    client = shop.client(shop.clerk)
    content = client.get(address, wanted).content.decode()
    assert "64 labels of 64 variants" in content and "data-grid=" not in content
    answer = client.post(address, fields(shop) | wanted)
    assert answer["Content-Type"] == "application/pdf" and answer.content.count(b"/Type /Page\n") == 64
    assert client.post(address, fields(shop, action="preview") | wanted).context["preview"].labels == 64


def test_numbers_of_another_page_are_taken_over(shop, address) -> None:
    """A stock count sends its lines here."""
    content = shop.client(shop.clerk).post(address, {f"q-{shop.variants[0].pk}": "6"}).content.decode()
    assert cell(shop.variants[0], "6") in content


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("", ""), "at least one cell"),
        (("-1", "2"), "without a minus sign"),
        (("5001",), "at most 5,000"),
        (("viele",), "no number"),
    ],
)
def test_what_cannot_be_printed_is_kept_and_explained(shop, address, typed, words) -> None:
    answer = shop.client(shop.clerk).post(address, fields(shop, *typed, template="a4-4x10", kind="code128"))
    content = answer.content.decode()
    assert answer.status_code == 422
    assert words in content
    assert all(cell(variant, text) in content for variant, text in zip(shop.variants, typed, strict=False))
    assert '<option value="a4-4x10" selected>' in content and '<option value="code128" selected>' in content
    assert not LabelSettings.objects.exists()


def test_wrong_choices_are_explained_at_their_fields(shop, address) -> None:
    answer = shop.client(shop.clerk).post(address, fields(shop, "1", template="a4-3x8", start="25"))
    assert answer.status_code == 422 and answer.context["form"].errors["start"]
    wrong = shop.client(shop.clerk).post(address, fields(shop, "1", template="nope", kind="nope", start="x"))
    assert {"template", "kind", "start"} <= wrong.context["form"].errors.keys()


def test_the_preview_is_a_picture_of_the_first_page(shop, address) -> None:
    client = shop.client(shop.clerk)
    whole = client.post(address, fields(shop, "30", action="preview", template="a4-3x8"))
    assert 'src="data:image/png;base64,' in whole.content.decode() and "2 pages" in whole.content.decode()
    part = client.post(address, fields(shop, "30", action="preview"), headers={"HX-Request": "true"})
    assert part.status_code == 200 and part.content.decode().strip().startswith('<div id="preview"')
    wrong = client.post(address, fields(shop, "5001", action="preview"), headers={"HX-Request": "true"})
    assert wrong.status_code == 200 and "at most 5,000" in wrong.content.decode()
    none = client.post(address, fields(shop, action="preview"), headers={"HX-Request": "true"})
    assert "as soon as there is a number" in none.content.decode()


def test_scanning_and_looking_up_without_script(shop, address) -> None:
    client = shop.client(shop.clerk)
    counted = client.post(address, fields(shop, "2", action="find", code=shop.variants[0].sku, start="5"))
    assert cell(shop.variants[0], "3") in counted.content.decode()
    assert counted.context["form"]["start"].value() == "5"
    offers = client.post(address, fields(shop, action="find", code="Oxford")).content.decode()
    assert f'name="add" value="{shop.product.pk}"' in offers
    assert "is not known" in client.post(address, fields(shop, action="find", code="nothing")).content.decode()
    added = client.post(address, {"add": str(shop.product.pk), "with_price": "on", "template": "a4-2x7"})
    assert cell(shop.variants[0], "") in added.content.decode()
    assert added.context["form"]["with_price"].value() is True
    shop.stock(3)
    assert cell(shop.variants[0], "3") in client.post(address, fields(shop, action="fill")).content.decode()


def test_the_script_gets_the_grid_of_a_code(shop) -> None:
    find = reverse("labels:find", args=[shop.brand.slug])
    client = shop.client(shop.clerk)
    assert f'data-variant="{shop.variants[1].pk}"' in client.get(find, {"code": shop.variants[1].sku}).content.decode()
    assert client.get(find, {"code": "nothing"}).status_code == 404


def test_buttons_lead_here(shop) -> None:
    posting = shop.stock(1)
    client = shop.client(shop.clerk)
    labels = reverse("labels:labels", args=[shop.brand.slug])
    assert (
        f"{labels}?posting={posting.public_id}" in client.get(shop.url("posting", posting.public_id)).content.decode()
    )
    assert f"{labels}?product={shop.product.pk}" in client.get(shop.url("product", shop.product.pk)).content.decode()
    stock = client.get(shop.url("stock"), {"location": shop.main.pk}).content.decode()
    assert f"{labels}?location={shop.main.pk}" in stock
    assert labels not in shop.client(shop.viewer).get(shop.url("stock")).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not(shop, address, method) -> None:
    assert getattr(shop.client(shop.viewer), method)(address, fields(shop, "1")).status_code == 403
    assert getattr(shop.client(a_stranger()), method)(address, fields(shop, "1")).status_code == 404
    assert not LabelSettings.objects.exists()


def test_another_brands_variants_are_not_printed(shop, address) -> None:
    theirs = VariantFactory()
    answer = shop.client(shop.clerk).post(address, fields(shop, "1") | {f"q-{theirs.pk}": "1"})
    assert answer.status_code == 422
    assert theirs.sku not in answer.content.decode()


def test_the_page_asks_as_much_for_many_lines_as_for_one(shop, address) -> None:
    posting = shop.stock(1)
    client = shop.client(shop.clerk)
    one = queries_of(client, address, {"posting": posting.public_id})
    for _ in range(30):
        VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
    every = {f"q-{pk}": "1" for pk in shop.brand.variants.values_list("pk", flat=True)}
    assert queries_of(client, address, every) <= one


def test_in_korean(shop, address) -> None:
    client = shop.client(shop.clerk)
    client.cookies["django_language"] = "ko"
    assert "라벨 인쇄" in client.get(address).content.decode()
