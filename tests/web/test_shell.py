"""Logging in and out, the language, what frames every page, and the pages of refusals."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.factories import BrandFactory, UserFactory
from tests.web.shop import Shop

PASSWORD = "a-long-secret"


def log_in(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post(reverse("login"), {"username": username, "password": password} | more)


class TestLogIn:
    def test_it_leads_to_the_home_of_the_brand(self, shop: Shop) -> None:
        client = Client()
        response = log_in(client, shop.owner.username)
        assert response.url == "/"
        assert client.get("/").url == shop.url("home")

    def test_it_leads_back_to_the_page_that_asked(self, shop: Shop) -> None:
        client = Client()
        asked = client.get(shop.url("products"))
        assert asked.url == f"{reverse('login')}?next={shop.url('products')}"
        assert log_in(client, shop.owner.username, next=shop.url("products")).url == shop.url("products")

    def test_it_does_not_lead_to_other_sites(self, shop: Shop) -> None:
        assert log_in(Client(), shop.owner.username, next="https://evil.example/").url == "/"

    def test_a_wrong_password_keeps_the_name_and_does_not_say_which_was_wrong(self, shop: Shop) -> None:
        client = Client()
        client.cookies["django_language"] = "en"
        page = log_in(client, shop.owner.username, "wrong").content.decode()
        assert f'value="{shop.owner.username}"' in page
        assert page.count("do not match") == 1
        assert log_in(client, "nobody", "wrong").content.decode().count("do not match") == 1

    def test_too_many_wrong_passwords_pause_it(self, shop: Shop, settings) -> None:
        settings.AXES_FAILURE_LIMIT = 2
        answers = [log_in(Client(), shop.owner.username, "wrong") for _ in range(2)]
        assert answers[-1].status_code == 429
        assert "registration/locked.html" in [t.name for t in answers[-1].templates]
        assert log_in(Client(), shop.owner.username).status_code == 429

    def test_a_browser_takes_the_language_of_the_person(self, db: None) -> None:
        user = UserFactory(language="en")
        assert log_in(Client(), user.username).cookies["django_language"].value == "en"

    def test_a_browser_that_chose_a_language_keeps_it(self, db: None) -> None:
        client = Client()
        client.cookies["django_language"] = "ko"
        assert "django_language" not in log_in(client, UserFactory(language="en").username).cookies

    def test_logging_out_is_a_post(self, shop: Shop) -> None:
        client = shop.client(shop.viewer)
        assert client.get(reverse("logout")).status_code == 405
        assert client.post(reverse("logout")).url == reverse("login")
        assert client.get(shop.url("home")).status_code == 302


class TestLanguage:
    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_the_switch_returns_to_the_same_page(self, shop: Shop, language: str) -> None:
        client = shop.client(shop.viewer)
        address = shop.url("products") + "?q=x"
        assert client.post(reverse("set_language"), {"language": language, "next": address}).url == address
        assert f'<html lang="{language}">' in client.get(address).content.decode()


class TestFirstPage:
    def test_someone_without_a_brand_is_told_what_to_do(self, db: None) -> None:
        client = Client()
        client.force_login(UserFactory())
        response = client.get("/")
        assert response.status_code == 200
        assert "nobrand.html" in [t.name for t in response.templates]

    def test_an_auditor_starts_at_the_first_brand(self, db: None) -> None:
        brand = BrandFactory()
        client = Client()
        client.force_login(UserFactory(is_auditor=True))
        assert client.get("/").url == reverse("inventory:home", args=[brand.slug])

    def test_the_switcher_names_the_brands_of_the_person_only(self, shop: Shop) -> None:
        BrandFactory(name_en="Somebody else’s")
        page = shop.client(shop.viewer).get(shop.url("home")).content.decode()
        assert shop.brand.name_en in page
        assert "Somebody else’s" not in page


def pages_of(shop: Shop) -> list[str]:
    listing = [
        reverse(f"{name}", args=[shop.brand.slug, shop.product.pk]) for name in ("catalog:edit", "catalog:images")
    ]
    new = reverse("vision:new", args=[shop.brand.slug])
    return [shop.url("home"), shop.url("products"), shop.url("product", shop.product.pk), new, *listing]


class TestFrame:
    def test_no_page_holds_scripts_of_its_own(self, shop: Shop) -> None:
        """The content policy refuses them: every script is a file."""
        client = shop.client(shop.owner)
        for address in [*pages_of(shop), reverse("login")]:
            page = client.get(address, follow=True).content.decode()
            assert not re.findall(r"<script(?![^>]*\bsrc=)", page), address
            assert not re.findall(r"<[^>]+\son[a-z]+\s*=", page), address

    def test_each_page_says_where_it_is(self, shop: Shop) -> None:
        client = shop.client(shop.owner)
        for address in pages_of(shop):
            page = client.get(address).content.decode()
            assert len(re.findall(r"<h1[ >]", page)) == 1, address
            assert 'aria-current="page"' in page, address
            assert re.search(r"<title>\s*\S", page), address

    def test_a_first_page_is_light(self, shop: Shop) -> None:
        """Everything but photos, compressed: below 100 KB."""
        page = shop.client(shop.owner).get(shop.url("home")).content
        files = re.findall(r'/static/([^"#]+)["#]', page.decode())
        bodies = [page, *(Path(finders.find(name)).read_bytes() for name in set(files))]
        assert sum(len(gzip.compress(body)) for body in bodies) < 100_000

    def test_viewers_are_offered_nothing_they_may_not_do(self, shop: Shop) -> None:
        client = shop.client(shop.viewer)
        for address in (shop.url("home"), shop.url("products"), shop.url("product", shop.product.pk)):
            page = client.get(address).content.decode()
            for name in ("receive", "ship", "adjust", "transfer"):
                assert shop.url(name) not in page, (address, name)
            assert reverse("vision:new", args=[shop.brand.slug]) not in page, address


class TestRefusals:
    def test_an_unknown_address(self, shop: Shop) -> None:
        response = shop.client(shop.viewer).get("/nothing/here/")
        assert response.status_code == 404
        assert "404.html" in [t.name for t in response.templates]

    def test_a_role_that_does_not_suffice(self, shop: Shop) -> None:
        response = shop.client(shop.viewer).get(reverse("vision:new", args=[shop.brand.slug]))
        assert response.status_code == 403
        assert "Ask the brand" in response.content.decode()

    def test_a_form_without_its_token(self, shop: Shop) -> None:
        client = Client(enforce_csrf_checks=True)
        response = client.post(reverse("login"), {"username": shop.owner.username, "password": PASSWORD})
        assert response.status_code == 403
        assert "errors/csrf.html" in [t.name for t in response.templates]
