"""The admin: owners see and change their brands, auditors look at everything, strangers find nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Brand, Category, Colour, Membership, Product, ProductImage, SizeRun, Variant
from catalog.services import add_image, add_member, create_brand, create_product, set_product_colours, set_variants
from erp.core.models import User
from tests import photos
from tests.factories import ColourFactory, SizeFactory, SizeRunFactory, UserFactory

pytestmark = pytest.mark.django_db

PLATFORM = ("category", "pattern")
OWN = ("brand", "membership", "product", "variant", "productimage", "colour", "sizerun")


def page(model: str, name: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:catalog_{model}_{name}", args=args)


class Shop:
    """A brand with its owner, and one of everything in it."""

    def __init__(self, slug: str) -> None:
        self.owner = UserFactory(username=f"owner-{slug}")
        self.brand = create_brand(slug=slug, name_ko=f"상점 {slug}", owner=self.owner)
        self.product = create_product(
            brand=self.brand, actor=self.owner, name_ko="셔츠", category=Category.objects.get(slug="shirt")
        )
        navy = Colour.objects.get(slug="navy", brand=None)
        medium = SizeRun.objects.get(slug="alpha").sizes.get(code="M")
        self.variant = set_variants(product=self.product, colours=[navy], sizes=[medium])[0]
        self.image = add_image(product=self.product, data=photos.jpeg(), filename="a.jpg", actor=self.owner)
        self.colour = ColourFactory(brand=self.brand, slug="dusk", name_ko=f"노을 {slug}")
        self.run = SizeFactory(run=SizeRunFactory(brand=self.brand, slug="own")).run
        self.membership = Membership.objects.get(brand=self.brand)

    def rows(self) -> dict[str, Any]:
        return {
            "brand": self.brand,
            "membership": self.membership,
            "product": self.product,
            "variant": self.variant,
            "productimage": self.image,
            "colour": self.colour,
            "sizerun": self.run,
        }


@pytest.fixture
def mine() -> Shop:
    return Shop("haru")


@pytest.fixture
def theirs() -> Shop:
    return Shop("mono")


@pytest.fixture
def owner(mine) -> Client:
    return logged_in(mine.owner)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(response: Any) -> dict[str, Any]:
    """What a browser would send back from the page as it stands."""
    context = response.context_data
    forms = [context["adminform"].form]
    for formset in context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = "on" if value is True else value
    return data


class TestScope:
    @pytest.mark.parametrize("model", OWN)
    def test_an_owner_sees_the_rows_of_their_brand_only(self, model, mine, theirs, owner) -> None:
        listed = set(owner.get(page(model)).context_data["cl"].result_list.values_list("pk", flat=True))
        assert mine.rows()[model].pk in listed
        assert theirs.rows()[model].pk not in listed
        assert owner.get(page(model, "change", mine.rows()[model].pk)).status_code == 200
        for name in ("change", "delete", "history"):
            response = owner.get(page(model, name, theirs.rows()[model].pk))
            assert response.status_code in (302, 403, 404)
            assert str(theirs.rows()[model]) not in response.content.decode()

    @pytest.mark.parametrize("model", OWN)
    def test_posting_to_another_brands_row_changes_nothing(self, model, mine, theirs, owner) -> None:
        row = theirs.rows()[model]
        before = type(row).objects.filter(pk=row.pk).values().get()
        for name in ("change", "delete"):
            assert owner.post(page(model, name, row.pk), {"post": "yes", "name_ko": "X"}).status_code in (302, 403, 404)
        owner.post(page(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        assert type(row).objects.filter(pk=row.pk).values().get() == before

    @pytest.mark.parametrize("model", OWN + PLATFORM)
    def test_a_person_of_no_brand_sees_no_rows(self, model, mine) -> None:
        stranger = logged_in(UserFactory(is_staff=True))
        assert stranger.get(page(model)).status_code == 403
        clerk = UserFactory()
        add_member(brand=mine.brand, user=clerk, role="staff")
        response = logged_in(clerk).get(page(model))
        assert response.status_code == 302
        assert "login" in response["Location"]

    @pytest.mark.parametrize("model", PLATFORM)
    def test_an_owner_reads_the_platforms_words_and_leaves_them(self, model, owner) -> None:
        row = site.get_model_admin(site_model(model)).model.objects.first()
        assert owner.get(page(model)).status_code == 200
        assert owner.get(page(model, "change", row.pk)).status_code == 200
        assert owner.get(page(model, "add")).status_code == 403
        assert owner.post(page(model, "change", row.pk), {"name_ko": "X", "slug": "x"}).status_code == 403
        assert owner.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("model", ["colour", "sizerun"])
    def test_an_owner_leaves_the_platforms_colours_and_size_runs(self, model, owner) -> None:
        row = site_model(model).objects.filter(brand=None).first()
        assert owner.get(page(model, "change", row.pk)).status_code == 200
        assert owner.post(page(model, "change", row.pk), {"name_ko": "X"}).status_code == 403
        assert owner.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403

    def test_an_auditor_reads_everything_and_changes_nothing(self, mine, theirs) -> None:
        auditor = logged_in(UserFactory(is_auditor=True, is_staff=True))
        for model, row in theirs.rows().items():
            listed = auditor.get(page(model)).context_data["cl"].result_list
            assert row.pk in listed.values_list("pk", flat=True)
            assert auditor.get(page(model, "change", row.pk)).status_code == 200
            assert auditor.get(page(model, "add")).status_code == 403
            assert auditor.post(page(model, "change", row.pk), {"name_ko": "X"}).status_code == 403
            assert auditor.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        auditor.post(page("product"), {"action": "archive_selected", "_selected_action": [mine.product.pk]})
        mine.product.refresh_from_db()
        assert mine.product.status == "draft"

    def test_a_superuser_opens_every_page(self, mine) -> None:
        admin = logged_in(UserFactory(is_superuser=True, is_staff=True))
        assert admin.get(reverse("admin:index")).status_code == 200
        for model, row in mine.rows().items():
            assert admin.get(page(model)).status_code == 200
            assert admin.get(page(model, "change", row.pk)).status_code == 200
        for model in ("brand", "membership", "product", "colour", "sizerun", *PLATFORM):
            assert admin.get(page(model, "add")).status_code == 200

    def test_an_owner_who_only_views_another_brand_changes_nothing_there(self, mine, theirs, owner) -> None:
        add_member(brand=theirs.brand, user=mine.owner, role="viewer")
        change = page("product", "change", theirs.product.pk)
        assert owner.get(change).status_code == 200
        assert owner.post(change, {"name_ko": "X"}).status_code == 403
        owner.post(
            page("product"),
            {"action": "archive_selected", "_selected_action": [mine.product.pk, theirs.product.pk]},
        )
        assert dict(Product.objects.values_list("brand__slug", "status")) == {"haru": "archived", "mono": "draft"}

    def test_choices_are_those_of_the_brand(self, mine, theirs, owner) -> None:
        form = owner.get(page("product", "add")).context_data["adminform"].form
        assert form["brand"].value() == str(mine.brand.pk)
        assert list(form.fields["brand"].queryset) == [mine.brand]
        runs = form.fields["size_run"].queryset
        assert mine.run in runs
        assert theirs.run not in runs
        search = reverse("admin:autocomplete") + "?app_label=catalog&model_name=productcolour&field_name=colour&term="
        assert [row["text"] for row in owner.get(search + "노을").json()["results"]] == [mine.colour.name]
        assert owner.get(search + theirs.brand.slug).json()["results"] == []

    def test_the_list_does_not_name_other_brands(self, mine, theirs, owner) -> None:
        assert theirs.brand.name not in owner.get(page("product")).content.decode()
        auditor = logged_in(UserFactory(is_auditor=True, is_staff=True))
        assert theirs.brand.name in auditor.get(page("product")).content.decode()
        listed = auditor.get(page("product") + "?brand=mono").context_data["cl"].result_list
        assert [product.pk for product in listed] == [theirs.product.pk]


def site_model(name: str) -> Any:
    return {m._meta.model_name: m for m in site._registry}[name]


class TestWrites:
    def test_a_product_is_made_by_its_service(self, mine, owner) -> None:
        data = {"brand": mine.brand.pk, "name_ko": "원피스", "currency": "KRW", "season": "all", "gender": "women"}
        response = owner.post(page("product", "add"), data)
        assert response.status_code == 302
        product = Product.objects.latest("pk")
        assert (product.style_number, product.created_by, product.status) == ("HA0002", mine.owner, "draft")

    def test_another_brand_cannot_be_chosen(self, theirs, owner) -> None:
        data = {"brand": theirs.brand.pk, "name_ko": "X", "currency": "KRW", "season": "all", "gender": "women"}
        response = owner.post(page("product", "add"), data)
        assert "brand" in response.context_data["adminform"].form.errors
        assert Product.objects.filter(brand=theirs.brand).count() == 1

    def test_a_refusal_comes_back_in_the_form_with_what_was_typed(self, mine, owner) -> None:
        url = page("product", "change", mine.product.pk)
        data = form_of(owner.get(url)) | {"category": "", "name_ko": "새 이름"}
        response = owner.post(url, data | {"catalog_product_activate": "1"})
        form = response.context_data["adminform"].form
        assert list(form.errors) == ["category"]
        assert form["name_ko"].value() == "새 이름"
        mine.product.refresh_from_db()
        assert (mine.product.name_ko, mine.product.status) == ("셔츠", "draft")

    def test_saving_and_putting_on_sale_is_one_step(self, mine, owner) -> None:
        url = page("product", "change", mine.product.pk)
        data = form_of(owner.get(url)) | {"name_ko": "새 이름", "price": "12000"}
        assert owner.post(url, data | {"catalog_product_activate": "1"}).status_code == 302
        mine.product.refresh_from_db()
        assert (mine.product.name_ko, mine.product.status, mine.product.price) == ("새 이름", "active", 12000)

    def test_a_price_with_decimals_in_won_is_refused_at_its_field(self, mine, owner) -> None:
        url = page("product", "change", mine.product.pk)
        response = owner.post(url, form_of(owner.get(url)) | {"price": "12000.5"})
        assert list(response.context_data["adminform"].form.errors) == ["price"]

    def test_the_inlines_write_through_the_services(self, mine, owner, django_capture_on_commit_callbacks) -> None:
        second = add_image(product=mine.product, data=photos.jpeg(seed=1), filename="b.jpg", actor=mine.owner)
        url = page("product", "change", mine.product.pk)
        data = form_of(owner.get(url))
        data |= {"images-0-position": "5", "images-0-alt_ko": "앞모습", "images-1-position": "0"}
        data |= {"variants-0-sku": "OWN-1", "variants-0-barcode": "", "product_colours-0-hex": "#101820"}
        with django_capture_on_commit_callbacks(execute=True):
            assert owner.post(url, data).status_code == 302
        assert [image.public_id for image in mine.product.images.all()] == [second.public_id, mine.image.public_id]
        assert ProductImage.objects.get(pk=mine.image.pk).alt_ko == "앞모습"
        variant = Variant.objects.get()
        assert (variant.sku, len(variant.barcode)) == ("OWN-1", 13)
        assert mine.product.product_colours.get().hex == "#101820"
        data = form_of(owner.get(url)) | {"images-0-DELETE": "on"}
        with django_capture_on_commit_callbacks(execute=True):
            assert owner.post(url, data).status_code == 302
        assert not second.original.storage.exists(second.original.name)
        assert mine.product.images.get() == mine.image

    def test_the_last_variant_of_a_product_on_sale_is_swapped_but_not_retired(self, mine, owner) -> None:
        colours = [mine.variant.colour, Colour.objects.get(slug="red", brand=None)]
        set_variants(product=mine.product, colours=colours, sizes=[mine.variant.size])
        Variant.objects.exclude(pk=mine.variant.pk).update(is_active=False)
        Product.objects.filter(pk=mine.product.pk).update(status="active")
        url = page("product", "change", mine.product.pk)
        data = form_of(owner.get(url))
        rows = {int(data[f"variants-{n}-id"]): f"variants-{n}-is_active" for n in range(2)}
        swapped = rows.pop(mine.variant.pk)
        del data[swapped]
        assert owner.post(url, data).status_code == 200
        assert Variant.objects.get(is_active=True) == mine.variant
        [other] = rows.values()
        assert owner.post(url, data | {other: "on"}).status_code == 302
        assert Variant.objects.get(is_active=True) != mine.variant

    def test_a_bad_barcode_in_the_inline_is_refused(self, mine, owner) -> None:
        url = page("product", "change", mine.product.pk)
        response = owner.post(url, form_of(owner.get(url)) | {"variants-0-barcode": "8801234567890"})
        assert response.status_code == 200
        assert Variant.objects.get().barcode == mine.variant.barcode

    def test_an_owner_invites_changes_and_removes_people(self, mine, owner) -> None:
        add = page("membership", "add")
        data = {"brand": mine.brand.pk, "role": "staff", "username": "clerk", "password": ""}
        assert "username" in owner.post(add, data).context_data["adminform"].form.errors
        assert owner.post(add, data | {"password": "jang-bu-2026"}).status_code == 302
        clerk = User.objects.get(username="clerk")
        membership = Membership.objects.get(user=clerk)
        change = page("membership", "change", membership.pk)
        assert owner.post(change, {"role": "owner"}).status_code == 302
        assert User.objects.get(pk=clerk.pk).is_staff
        assert owner.post(page("membership", "delete", membership.pk), {"post": "yes"}).status_code == 302
        assert not User.objects.get(pk=clerk.pk).is_staff

    def test_the_last_owner_stays(self, mine, owner) -> None:
        for path in ("change", "delete"):
            owner.post(page("membership", path, mine.membership.pk), {"role": "viewer", "post": "yes"})
        owner.post(
            page("membership"),
            {"action": "delete_selected", "_selected_action": [mine.membership.pk], "post": "yes"},
        )
        assert Membership.objects.get(pk=mine.membership.pk).role == "owner"

    def test_people_of_a_brand_are_changed_on_its_page(self, mine, owner) -> None:
        clerk = add_member(brand=mine.brand, user=UserFactory(), role="staff")
        url = page("brand", "change", mine.brand.pk)
        data = form_of(owner.get(url))
        names = {key: value for key, value in data.items() if str(value) == "staff"}
        data |= dict.fromkeys(names, "viewer") | {"low_stock_at": "7"}
        assert owner.post(url, data).status_code == 302
        clerk.refresh_from_db()
        assert (clerk.role, Brand.objects.get(pk=mine.brand.pk).low_stock_at) == ("viewer", 7)

    def test_an_owner_adds_a_colour_to_their_brand_only(self, mine, owner) -> None:
        data = {"name_ko": "살구", "slug": "apricot", "code": "AP", "hex": "#fbceb1", "position": 0}
        assert "brand" in owner.post(page("colour", "add"), data).context_data["adminform"].form.errors
        assert owner.post(page("colour", "add"), data | {"brand": mine.brand.pk}).status_code == 302
        assert Colour.objects.get(slug="apricot").brand == mine.brand

    def test_won_are_shown_without_decimals(self, mine, owner) -> None:
        Product.objects.filter(pk=mine.product.pk).update(price=12000)
        assert (
            str(owner.get(page("product", "change", mine.product.pk)).context_data["adminform"].form["price"].value())
            == "12000"
        )
        assert "₩12,000" in owner.get(page("product")).content.decode()

    def test_the_sidebar_names_only_what_the_person_may_open(self, owner) -> None:
        links = [
            item["link"]
            for group in owner.get(reverse("admin:index")).context_data["sidebar_navigation"]
            for item in group["items"]
        ]
        assert page("product") in links
        assert reverse("admin:core_user_changelist") not in links
        assert len(set(links)) == len(links)
        assert all(owner.get(link).status_code == 200 for link in links)

    def test_a_superuser_makes_a_brand(self) -> None:
        user = UserFactory(is_superuser=True, is_staff=True)
        data = {"slug": "new", "name_ko": "새", "currency": "KRW", "time_zone": "Asia/Seoul", "day_ends_at": "06:00"}
        data |= {"sku_scheme": "{style}-{colour}-{size}", "low_stock_at": 3}
        assert logged_in(user).post(page("brand", "add"), data).status_code == 302
        assert Membership.objects.get(brand__slug="new", role="owner").user == user


class TestUsers:
    def test_only_superusers_change_people_and_only_auditors_look(self, mine, owner) -> None:
        listing = reverse("admin:core_user_changelist")
        change = reverse("admin:core_user_change", args=[mine.owner.pk])
        password = reverse("admin:auth_user_password_change", args=[mine.owner.pk])
        assert owner.get(listing).status_code == 403
        assert owner.get(change).status_code == 403
        auditor = logged_in(UserFactory(is_auditor=True, is_staff=True))
        assert auditor.get(listing).status_code == 200
        assert auditor.get(change).status_code == 200
        assert auditor.post(change, {"username": "x"}).status_code == 403
        assert auditor.get(password).status_code == 403
        admin = logged_in(UserFactory(is_superuser=True, is_staff=True))
        assert admin.get(password).status_code == 200
        data = form_of(admin.get(change)) | {"is_auditor": "on"}
        data.pop("is_staff", None)
        assert admin.post(change, data).status_code == 302
        mine.owner.refresh_from_db()
        assert mine.owner.is_auditor
        assert mine.owner.is_staff


class TestQueries:
    @pytest.mark.parametrize("model", OWN)
    def test_lists_cost_the_same_with_one_row_and_with_many(
        self, model, mine, owner, django_assert_num_queries
    ) -> None:
        url = page(model)
        owner.get(url)
        with CaptureQueriesContext(connection) as first:
            owner.get(url)
        for n in range(4):
            product = create_product(
                brand=mine.brand, actor=mine.owner, name_ko=f"{n}", category=Category.objects.first()
            )
            navy, red = (Colour.objects.get(slug=slug, brand=None) for slug in ("navy", "red"))
            set_variants(product=product, colours=[navy, red], sizes=[mine.run.sizes.get()])
            set_product_colours(product=product, colours=[(navy, "")])
            add_image(product=product, data=photos.jpeg(), filename="", actor=mine.owner)
            ColourFactory(brand=mine.brand)
            SizeRunFactory(brand=mine.brand)
            add_member(brand=mine.brand, user=UserFactory(), role="staff")
        with django_assert_num_queries(len(first)):
            owner.get(url)
