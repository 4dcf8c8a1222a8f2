"""The pages of API access: a token is made, shown once, listed and revoked."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from catalog.models import AccessToken
from erp.core.api.scopes import SCOPES
from tests.api.shop import make_shop
from tests.api.tokens import token_of, with_token

pytestmark = pytest.mark.django_db

PAGE = "/account/tokens/"
NEW = {"name": "웹 쇼핑몰 재고", "scopes": ["stock:read", "catalog:read"], "days": "90", "brand": ""}


@pytest.fixture
def shop(db):
    return make_shop("haneul")


@pytest.fixture
def browser(client, shop):
    client.force_login(shop.staff)
    return client


def secret_in(answer) -> str:
    found = re.search(r'value="(jb_pat_\w+)"', answer.content.decode())
    assert found
    return found[1]


def test_the_first_visit_says_what_tokens_are_for(browser) -> None:
    html = browser.get(PAGE).content.decode()
    assert f'href="{PAGE}new/"' in html
    assert 'href="/api/v1/docs/"' in html
    assert all(scope in html for scope in SCOPES)


def test_a_token_is_made_shown_once_and_works(browser, shop) -> None:
    answer = browser.post(f"{PAGE}new/", NEW)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = secret_in(answer)
    assert with_token(secret).get("/api/v1/balances/").status_code == 200
    assert with_token(secret).get("/api/v1/orders/").status_code == 403
    html = browser.get(PAGE).content.decode()
    assert "웹 쇼핑몰 재고" in html and secret[:15] in html
    assert secret not in html


def test_sent_again_it_makes_no_second_one(browser) -> None:
    browser.post(f"{PAGE}new/", NEW)
    again = browser.post(f"{PAGE}new/", NEW)
    assert again.status_code == 422
    assert "jb_pat_" not in again.content.decode()
    assert AccessToken.objects.count() == 1


def test_limits_are_kept(browser, shop) -> None:
    browser.post(f"{PAGE}new/", NEW | {"brand": "haneul", "days": ""})
    token = AccessToken.objects.get()
    assert (token.brand, token.expiry, token.user) == (shop.brand, None, shop.staff)
    assert token.scopes == ["catalog:read", "stock:read"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["x"]}, "scopes"), ({"days": "7"}, "days"),
     ({"brand": "bada"}, "brand")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(change, field, browser) -> None:
    make_shop("bada")
    answer = browser.post(f"{PAGE}new/", NEW | change)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not AccessToken.objects.exists()


def test_revoked_it_is_gone_at_once(browser, shop) -> None:
    secret = token_of(shop.staff, "stock:read")
    token = AccessToken.objects.get()
    answer = browser.post(f"{PAGE}revoke/", {"token": token.pk}, follow=True)
    assert "test" in answer.content.decode()
    assert not AccessToken.objects.exists()
    assert with_token(secret).get("/api/v1/balances/").status_code == 401


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "-1", "٣"])
def test_what_is_no_token_is_404(number, browser) -> None:
    assert browser.post(f"{PAGE}revoke/", {"token": number}).status_code == 404


def test_anothers_token_does_not_exist(browser, shop) -> None:
    token_of(shop.owner, "stock:read", name="of the owner")
    assert "of the owner" not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}revoke/", {"token": AccessToken.objects.get().pk}).status_code == 404
    assert AccessToken.objects.exists()


def test_an_expired_one_is_marked(browser, shop) -> None:
    token_of(shop.staff, "stock:read")
    AccessToken.objects.update(expiry=timezone.now(), last_used_at=timezone.now())
    assert "badge-warn" in browser.get(PAGE).content.decode()


def test_they_need_a_log_in(client) -> None:
    for path in (PAGE, f"{PAGE}new/"):
        assert client.get(path).headers["Location"].startswith("/login/")
    assert client.post(f"{PAGE}revoke/", {"token": 1}).headers["Location"].startswith("/login/")


def test_every_page_leads_there(browser) -> None:
    assert f'href="{PAGE}"' in browser.get("/b/haneul/products/").content.decode()


def test_the_list_costs_the_same_however_long(browser, shop, django_assert_max_num_queries) -> None:
    for number in range(3):
        token_of(shop.staff, "stock:read", name=str(number), brand=shop.brand)
    with django_assert_max_num_queries(6) as few:
        browser.get(PAGE)
    for number in range(3, 9):
        token_of(shop.staff, "stock:read", name=str(number), brand=shop.brand)
    with django_assert_max_num_queries(len(few)):
        browser.get(PAGE)
