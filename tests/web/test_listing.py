"""From photos to a listing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category, Colour, Pattern, Product, ProductImage, SizeRun
from catalog.services import add_image
from erp.core.photos import PhotoLimits
from tests import photos
from tests.factories import ProductFactory
from tests.web.shop import Shop, a_stranger, queries_of
from vision.models import Analysis, Correction

State = Analysis.State
WRITES = ("listing", "photos")


def answer(label: str, decision: str = "prefill", top: tuple[tuple[str, float], ...] = ()) -> dict[str, Any]:
    top3 = [list(pair) for pair in top] or [[label, 0.96], ["hat", 0.03], ["shoes", 0.01]]
    return {"label": label, "confidence": top3[0][1], "top3": top3, "decision": decision}


def result(category: dict[str, Any], pattern: dict[str, Any]) -> dict[str, Any]:
    colours = [
        {"name": "navy", "hex": "#20283f", "share": 0.7},
        {"name": "ivory", "hex": "#efe9d8", "share": 0.2},
    ]
    return {"category": category, "pattern": pattern, "colours": colours, "decision": category["decision"]}


SURE = result(answer("dress"), answer("floral", top=(("floral", 0.91), ("motif", 0.06), ("solid", 0.01))))
DOUBTFUL = result(
    answer("shirt", "suggest", (("shirt", 0.54), ("long_sleeve", 0.31), ("jacket", 0.1))),
    answer("stripe", "unknown", (("stripe", 0.2), ("check", 0.18), ("solid", 0.1))),
)


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


@pytest.fixture
def draft(shop: Shop) -> Product:
    return ProductFactory(brand=shop.brand, name_ko="", name_en="")


def add_photo(draft: Product, shop: Shop, seed: int = 0, **analysis: Any) -> ProductImage:
    image = add_image(product=draft, data=photos.jpeg(seed=seed), filename=f"{seed}.jpg", actor=shop.clerk)
    Analysis.objects.create(image=image, **analysis)
    return image


def page_of(name: str, product: Product) -> str:
    return reverse(f"vision:{name}", args=[product.brand.slug, product.pk])


def new_page(shop: Shop) -> str:
    return reverse("vision:new", args=[shop.brand.slug])


def upload(*files: tuple[str, bytes]) -> dict[str, list[SimpleUploadedFile]]:
    return {"photos": [SimpleUploadedFile(name, data) for name, data in files]}


def typed(draft: Product, **changes: Any) -> dict[str, Any]:
    alpha = SizeRun.objects.get(slug="alpha")
    return {
        "style_number": draft.style_number,
        "name_ko": "플로럴 원피스",
        "name_en": "",
        "category": Category.objects.get(slug="dress").pk,
        "pattern": Pattern.objects.get(slug="floral").pk,
        "price": "₩59,000",
        "currency": "KRW",
        "colours": list(Colour.objects.filter(slug__in=["navy", "pink"], brand=None).values_list("pk", flat=True)),
        "size_run": alpha.pk,
        "sizes": list(alpha.sizes.filter(code__in=["S", "M"]).values_list("pk", flat=True)),
        "season": "summer",
        "gender": "women",
        "material": "",
        "care": "",
        "action": "confirm",
    } | changes


class TestWhoMay:
    def test_to_a_stranger_nothing_exists(self, shop: Shop, draft: Product) -> None:
        stranger = shop.client(a_stranger())
        assert stranger.post(new_page(shop), upload(("a.jpg", photos.jpeg()))).status_code == 404
        assert stranger.get(page_of("suggestions", draft)).status_code == 404
        assert [stranger.post(page_of(name, draft)).status_code for name in WRITES] == [404] * 2

    def test_a_viewer_changes_nothing(self, shop: Shop, draft: Product) -> None:
        viewer = shop.client(shop.viewer)
        before = Product.objects.count()
        assert viewer.post(new_page(shop), upload(("a.jpg", photos.jpeg()))).status_code == 403
        for name in WRITES:
            data = typed(draft) | upload(("a.jpg", photos.jpeg()))
            assert viewer.post(page_of(name, draft), data).status_code == 403
        draft.refresh_from_db()
        assert (Product.objects.count(), draft.name_ko, draft.images.count()) == (before, "", 0)

    def test_another_brands_draft_does_not_exist_here(self, clerk: Client, shop: Shop) -> None:
        other = ProductFactory()
        for name in WRITES:
            address = reverse(f"vision:{name}", args=[shop.brand.slug, other.pk])
            assert clerk.post(address, typed(other)).status_code == 404


class TestNew:
    def test_photos_become_a_draft(self, clerk: Client, shop: Shop) -> None:
        response = clerk.post(
            new_page(shop), upload(("앞.jpg", photos.jpeg(seed=1)), ("../back.jpg", photos.jpeg(seed=2)))
        )
        product = Product.objects.drafts().get()
        assert response.url == page_of("listing", product)
        assert product.created_by == shop.clerk
        assert list(product.images.values_list("original_name", flat=True)) == ["앞.jpg", "back.jpg"]

    def test_the_analyses_wait_in_the_queue(
        self, clerk: Client, shop: Shop, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            clerk.post(new_page(shop), upload(("a.jpg", photos.jpeg(seed=1)), ("b.jpg", photos.jpeg(seed=2))))
        assert list(Analysis.objects.values_list("state", flat=True)) == ["queued", "queued"]

    def test_bad_files_are_named_and_the_good_ones_go_on(self, clerk: Client, shop: Shop) -> None:
        files = upload(
            ("bad.jpg", photos.HTML), ("good.jpg", photos.jpeg()), ("empty.png", b""), ("same.jpg", photos.jpeg())
        )
        page = clerk.post(new_page(shop), files, follow=True).content.decode()
        assert list(Product.objects.drafts().get().images.values_list("original_name", flat=True)) == ["good.jpg"]
        assert "bad.jpg – This is a web page or a drawing, not a photo." in page
        assert "empty.png – This file is empty." in page
        assert "same.jpg – This photo is already here." in page

    @pytest.mark.parametrize("htmx", [True, False])
    def test_when_every_file_is_refused_nothing_is_saved(self, clerk: Client, shop: Shop, htmx: bool) -> None:
        files = upload(("<b>.svg", photos.SVG), ("bomb.png", photos.bomb_png()))
        response = clerk.post(new_page(shop), files, headers={"HX-Request": "true"} if htmx else {})
        page = response.content.decode()
        assert response.status_code == 422
        assert ("<html" in page) is not htmx
        assert "nothing was saved" in page
        assert "&lt;b&gt;.svg" in page
        assert "too many pixels" in page
        assert not Product.objects.drafts().exists()

    def test_a_file_that_is_too_large_is_refused_by_its_size(self, clerk: Client, shop: Shop, monkeypatch) -> None:
        monkeypatch.setattr("catalog.uploads.PhotoLimits", lambda: PhotoLimits(max_bytes=1024))
        page = clerk.post(new_page(shop), upload(("big.jpg", b"x" * 2048))).content.decode()
        assert "big.jpg" in page
        assert "MB fit" in page

    def test_no_file_at_all(self, clerk: Client, shop: Shop) -> None:
        assert "Choose at least one photo." in clerk.post(new_page(shop)).content.decode()

    def test_the_script_is_sent_on_to_the_listing(self, clerk: Client, shop: Shop) -> None:
        response = clerk.post(new_page(shop), upload(("a.jpg", photos.jpeg())), headers={"HX-Request": "true"})
        assert response.headers["HX-Redirect"] == page_of("listing", Product.objects.drafts().get())


class TestSuggestions:
    def fragment(self, clerk: Client, draft: Product) -> tuple[str, dict[str, Any]]:
        """What the script gets: the fragment, and the values it fills in."""
        response = clerk.get(page_of("suggestions", draft), headers={"HX-Request": "true"})
        assert response.status_code == 200
        return response.content.decode(), response.context["values"]

    def test_it_is_asked_again_while_photos_wait(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, seed=1, state=State.DONE, result=SURE)
        add_photo(draft, shop, seed=2)
        page, _values = self.fragment(clerk, draft)
        assert 'hx-trigger="every 400ms"' in page
        assert "1 of 2 done" in page

    def test_it_is_not_asked_again_when_all_are_done(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        page, _values = self.fragment(clerk, draft)
        assert "hx-trigger" not in page
        assert "Photos read" in page

    def test_a_sure_answer_is_filled_in(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        page, values = self.fragment(clerk, draft)
        dress = Category.objects.get(slug="dress")
        assert values["category"] == dress.pk
        assert values["pattern"] == Pattern.objects.get(slug="floral").pk
        assert values["size_run"] == dress.size_run_id
        assert [Colour.objects.get(pk=pk).slug for pk in values["colours"]] == ["navy", "ivory"]
        assert values["name_ko"]
        assert "96%" in page
        carried = re.search(r'data-values="([^"]*)"', page)
        assert carried
        assert json.loads(carried[1].replace("&quot;", '"')) == values

    def test_a_doubtful_answer_is_a_choice_of_three(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=DOUBTFUL)
        page, values = self.fragment(clerk, draft)
        assert values["category"] is None
        assert page.count('name="category_pick"') == 3
        assert "54%" in page

    def test_of_an_unknown_answer_nothing_is_claimed(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=DOUBTFUL)
        page, values = self.fragment(clerk, draft)
        assert values["pattern"] is None
        assert "pattern_pick" not in page
        assert "The photos do not tell" in page

    def test_a_failed_photo_says_why_and_offers_another_try(self, clerk: Client, shop: Shop, draft: Product) -> None:
        image = add_photo(draft, shop, state=State.FAILED, error_code="no_model")
        page, _values = self.fragment(clerk, draft)
        assert "The photo model is not ready" in page
        assert f'name="retry" value="{image.public_id}"' in page

    def test_a_browser_that_asks_for_it_gets_the_page(self, clerk: Client, draft: Product) -> None:
        assert clerk.get(page_of("suggestions", draft)).url == page_of("listing", draft)

    def test_its_queries_do_not_grow(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        clerk.get(page_of("listing", draft))
        few = queries_of(clerk, page_of("listing", draft))
        for seed in range(1, 5):
            add_photo(draft, shop, seed=seed, state=State.DONE, result=SURE)
        assert queries_of(clerk, page_of("listing", draft)) == few


class TestPhotos:
    def test_one_more(self, clerk: Client, shop: Shop, draft: Product) -> None:
        files = upload(("more.jpg", photos.jpeg()), ("bad.jpg", photos.SVG))
        page = clerk.post(page_of("photos", draft), files, headers={"HX-Request": "true"}).content.decode()
        assert str(draft.images.get().public_id) in page
        assert "bad.jpg" in page

    def test_one_more_without_script(self, clerk: Client, shop: Shop, draft: Product) -> None:
        response = clerk.post(
            page_of("photos", draft), upload(("more.jpg", photos.jpeg()), ("bad.jpg", photos.SVG)), follow=True
        )
        assert response.redirect_chain[0][0] == page_of("listing", draft)
        assert "bad.jpg" in response.content.decode()

    def test_remove(self, clerk: Client, shop: Shop, draft: Product) -> None:
        image = add_photo(draft, shop)
        clerk.post(page_of("photos", draft), {"remove": str(image.public_id)})
        assert not draft.images.exists()

    def test_try_again(self, clerk: Client, shop: Shop, draft: Product) -> None:
        image = add_photo(draft, shop, state=State.FAILED, error_code="unexpected")
        clerk.post(page_of("photos", draft), {"retry": str(image.public_id)})
        image.analysis.refresh_from_db()
        assert image.analysis.state == State.QUEUED

    @pytest.mark.parametrize("action", ["remove", "retry"])
    def test_another_products_photo_is_not_touched(
        self, clerk: Client, shop: Shop, draft: Product, action: str
    ) -> None:
        image = add_photo(ProductFactory(brand=shop.brand), shop, state=State.FAILED)
        assert clerk.post(page_of("photos", draft), {action: str(image.public_id)}).status_code == 404
        assert Analysis.objects.get(image=image).state == State.FAILED


class TestListing:
    def test_it_opens_at_once_while_photos_wait(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop)
        page = clerk.get(page_of("listing", draft)).content.decode()
        assert "0 of 1 done" in page
        assert f'value="{draft.style_number}"' in page

    def test_without_script_it_opens_filled_in(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        form = clerk.get(page_of("listing", draft)).context["form"]
        assert form["category"].value() == Category.objects.get(slug="dress").pk
        assert [colour.slug for colour, _hex, chosen in form.colour_chips if chosen] == ["ivory", "navy"]
        assert [run for run, chosen, _sizes in form.run_chips if chosen] == [
            Category.objects.get(slug="dress").size_run
        ]

    def test_what_the_product_has_goes_before_what_photos_say(self, clerk: Client, shop: Shop, draft: Product) -> None:
        hat = Category.objects.get(slug="hat")
        Product.objects.filter(pk=draft.pk).update(category=hat, name_ko="내 이름")
        add_photo(draft, shop, state=State.DONE, result=SURE)
        response = clerk.get(page_of("listing", draft))
        assert response.context["form"]["category"].value() == hat.pk
        assert response.context["form"]["name_ko"].value() == "내 이름"
        assert 'data-suggest="name_ko" data-stored' in response.content.decode()

    def test_confirming_saves_all_and_goes_on_to_the_stock(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        assert clerk.post(page_of("listing", draft), typed(draft)).url == shop.url("opening", draft.pk)
        draft.refresh_from_db()
        assert (draft.name_ko, draft.price, draft.status, draft.size_run.slug) == (
            "플로럴 원피스",
            59000,
            "draft",
            "alpha",
        )
        assert [(row.colour.slug, row.hex) for row in draft.product_colours.all()] == [
            ("navy", "#20283f"),
            ("pink", ""),
        ]
        assert draft.variants.count() == 4
        said = Correction.objects.values_list("task", "label", "accepted")
        assert sorted(said) == [("category", "dress", True), ("pattern", "floral", True)]

    def test_a_correction_is_kept_as_a_label(self, clerk: Client, shop: Shop, draft: Product) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        clerk.post(page_of("listing", draft), typed(draft, category=Category.objects.get(slug="skirt").pk))
        correction = Correction.objects.get(task="category")
        assert (correction.suggested, correction.label, correction.accepted) == ("dress", "skirt", False)
        assert correction.actor == shop.clerk

    def test_a_pick_counts_where_the_field_was_left_empty(self, clerk: Client, shop: Shop, draft: Product) -> None:
        shirt = Category.objects.get(slug="shirt")
        clerk.post(page_of("listing", draft), typed(draft, category="", category_pick=shirt.pk))
        draft.refresh_from_db()
        assert draft.category == shirt

    def test_the_field_goes_before_the_pick(self, clerk: Client, shop: Shop, draft: Product) -> None:
        clerk.post(page_of("listing", draft), typed(draft, category_pick=Category.objects.get(slug="hat").pk))
        draft.refresh_from_db()
        assert draft.category.slug == "dress"

    def test_a_draft_may_have_gaps(self, clerk: Client, shop: Shop, draft: Product) -> None:
        data = typed(draft, action="draft", name_ko="", category="", pattern="", colours=[], sizes=[], price="")
        assert clerk.post(page_of("listing", draft), data).url == shop.url("home")
        assert not Correction.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("category", ""),
            ("category_pick", "999999"),
            ("colours", []),
            ("sizes", []),
            ("price", "cheap"),
            ("style_number", " "),
            ("name_ko", ""),
        ],
    )
    def test_a_refusal_keeps_what_was_typed_and_saves_nothing(
        self, clerk: Client, shop: Shop, draft: Product, field: str, value: Any
    ) -> None:
        add_photo(draft, shop, state=State.DONE, result=SURE)
        data = typed(draft, material="Silk") | {field: value}
        if field == "category_pick":
            data["category"] = ""
        response = clerk.post(page_of("listing", draft), data)
        assert response.status_code == 422
        assert field.removesuffix("_pick") in response.context["form"].errors
        assert 'value="Silk"' in response.content.decode()
        draft.refresh_from_db()
        assert (draft.name_ko, draft.material, draft.variants.count()) == ("", "", 0)
        assert not Correction.objects.exists()

    def test_what_a_service_refuses_is_undone_and_shown(self, clerk: Client, shop: Shop, draft: Product) -> None:
        """The SKU would not fit: only the service knows the brand's scheme."""
        shop.brand.sku_scheme = "{style}-{style}-{colour}-{size}"
        shop.brand.save()
        response = clerk.post(page_of("listing", draft), typed(draft, style_number="S" * 40))
        assert response.status_code == 422
        assert "style_number" in response.context["form"].errors
        draft.refresh_from_db()
        assert (draft.name_ko, draft.variants.count(), draft.product_colours.count()) == ("", 0, 0)

    def test_a_product_on_sale_is_edited_elsewhere(self, clerk: Client, shop: Shop) -> None:
        response = clerk.get(page_of("listing", shop.product))
        assert response.url == reverse("catalog:edit", args=[shop.brand.slug, shop.product.pk])


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "There are several garments in this photo. Photograph one at a time."), ("ko", "옷이 여러 벌")],
)
def test_a_photo_of_several_garments_says_so(
    clerk: Client, shop: Shop, draft: Product, language: str, words: str
) -> None:
    several = SURE | {"scene": {"label": "several", "confidence": 0.97}}
    add_photo(draft, shop, state=State.DONE, result=several)
    clerk.cookies["django_language"] = language
    assert words in clerk.get(page_of("listing", draft)).content.decode()
