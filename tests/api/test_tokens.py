"""Personal tokens over REST: made, shown once, limited, used and revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from knox.models import AuthToken

from catalog.models import AccessToken, Brand, Change, Product
from catalog.services import add_member, create_token, revoke_token
from catalog.services import tokens as services
from erp.core.api.scopes import SCOPES
from erp.core.errors import DomainError
from tests.api.shop import Api, codes_of, make_shop
from tests.api.tokens import token_of, with_token

pytestmark = pytest.mark.django_db

TOKENS = "/api/v1/tokens/"
NEW = {"name": "Stock sync", "scopes": ["stock:read", "catalog:read"], "days": 90}
REACHING = ("products/", "variants/", "locations/", "balances/", "movements/", "orders/", "partners/", "changes/")


def test_it_is_shown_once_and_only_a_digest_is_kept(shop) -> None:
    answer = Api(shop.owner).post(TOKENS, NEW)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    row = AccessToken.objects.get()
    assert made["token"].startswith("jb_pat_") and len(made["token"]) > 60
    assert made["scopes"] == ["catalog:read", "stock:read"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert made["token"] not in {str(value) for value in vars(row).values()}
    assert made["token"].startswith(row.token_key) and len(row.token_key) < 16
    listed = Api(shop.owner).get(TOKENS).json()["results"]
    assert [set(one) for one in listed] == [set(made) - {"token"}]
    assert with_token(made["token"]).get("/api/v1/products/").json()["results"]


def test_tokens_that_exist_and_log_ins_have_all_scopes(shop) -> None:
    _row, token = AuthToken.objects.create(user=shop.owner)
    client = with_token(token)
    assert client.get("/api/v1/products/").status_code == 200
    assert client.get("/api/v1/changes/").status_code == 200
    assert client.post(TOKENS, NEW).status_code == 201


def test_a_session_has_all_scopes(shop) -> None:
    browser = Api()
    browser.force_login(shop.owner)
    assert browser.get("/api/v1/changes/").status_code == 200


def test_nobody_sees_or_revokes_anothers(shop) -> None:
    token_of(shop.owner, "stock:read")
    row = AccessToken.objects.get()
    other = Api(shop.staff)
    assert other.get(TOKENS).json()["results"] == []
    assert other.delete(f"{TOKENS}{row.pk}/").status_code == 404
    revoke_token(token=row, actor=shop.staff)  # the service asks as well
    assert AccessToken.objects.get() == row


def test_revoked_it_opens_nothing(shop) -> None:
    secret = token_of(shop.owner, "stock:read")
    row = AccessToken.objects.get()
    assert with_token(secret).get("/api/v1/balances/").status_code == 200
    assert Api(shop.owner).delete(f"{TOKENS}{row.pk}/").status_code == 204
    assert with_token(secret).get("/api/v1/balances/").status_code == 401
    assert Api(shop.owner).delete(f"{TOKENS}{row.pk}/").status_code == 404


def test_expired_it_says_so(shop) -> None:
    secret = token_of(shop.owner, "stock:read", days=30)
    assert AccessToken.objects.get().expiry.date() == (timezone.now() + timedelta(days=30)).date()
    AccessToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    answer = with_token(secret).get("/api/v1/balances/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert AccessToken.objects.get().has_expired


def test_use_does_not_prolong_it(shop) -> None:
    secret = token_of(shop.owner, "stock:read", days=30)
    before = AccessToken.objects.get().expiry
    with_token(secret).get("/api/v1/balances/")
    assert AccessToken.objects.get().expiry == before


def test_a_closed_account_has_none(shop) -> None:
    secret = token_of(shop.staff, "stock:read")
    shop.staff.is_active = False
    shop.staff.save()
    assert with_token(secret).get("/api/v1/balances/").status_code == 401


@pytest.mark.parametrize("token", ["jb_pat_", "jb_pat_" + "0" * 64, "jb_pat_é", "jb_pat_\x00"])
def test_a_void_one_is_401(token, shop) -> None:
    token_of(shop.owner, "stock:read")
    client = Api()
    answer = client.get("/api/v1/balances/", headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_use_is_noted_now_and_then(shop, django_assert_num_queries) -> None:
    secret = token_of(shop.owner, "stock:read")
    client = with_token(secret)
    client.get("/api/v1/me/")
    noted = AccessToken.objects.get().last_used_at
    assert noted is not None
    with django_assert_num_queries(3):  # the token with its person; the brands of /me/, and the roles in them
        client.get("/api/v1/me/")
    assert AccessToken.objects.get().last_used_at == noted
    AccessToken.objects.update(last_used_at=noted - services.NOTED_EVERY)
    client.get("/api/v1/me/")
    assert AccessToken.objects.get().last_used_at > noted - services.NOTED_EVERY


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "n" * 61}, "name", "max_length"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"scopes": ["everything"]}, "scopes", "invalid_choice"),
        ({"days": 7}, "days", "invalid_choice"),
        ({"days": "soon"}, "days", "invalid_choice"),
    ],
)
def test_bad_entries_are_named(change, field, code, shop) -> None:
    answer = Api(shop.owner).post(TOKENS, NEW | change)
    assert answer.status_code == 400
    assert (field, code) in [(name, said) for _line, name, said in codes_of(answer)]
    assert not AccessToken.objects.exists()


def test_a_name_is_used_once_by_a_person(shop) -> None:
    assert Api(shop.owner).post(TOKENS, NEW).status_code == 201
    again = Api(shop.owner).post(TOKENS, NEW)
    assert again.status_code == 400
    assert "this name already" in again.content.decode()
    assert Api(shop.staff).post(TOKENS, NEW).status_code == 201
    assert AccessToken.objects.count() == 2


def test_there_is_an_end_to_them(shop, monkeypatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    Api(shop.owner).post(TOKENS, NEW)
    answer = Api(shop.owner).post(TOKENS, NEW | {"name": "another"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_tokens")


class TestMadeWithAToken:
    def make(self, secret: str, **change):
        return with_token(secret).post(TOKENS, NEW | {"name": "child", "scopes": ["stock:read"], "days": 30} | change)

    def test_no_more_scopes(self, shop) -> None:
        secret = token_of(shop.owner, "tokens:write", "stock:read")
        assert self.make(secret).status_code == 201
        answer = self.make(secret, name="more", scopes=["stock:read", "stock:write", "trade:read"])
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
        assert [field for _line, field, _code in codes_of(answer)] == ["stock:write", "trade:read"]
        assert AccessToken.objects.count() == 2

    def test_no_other_brand(self, shop, other) -> None:
        add_member(brand=other.brand, user=shop.owner, role="owner")
        secret = token_of(shop.owner, "tokens:write", "tokens:read", "stock:read", brand=shop.brand)
        token_of(shop.owner, "stock:read", name="of all brands")
        assert [self.make(secret, brand=brand).status_code for brand in (None, "bada", "haneul")] == [403, 404, 201]
        assert {row["name"] for row in with_token(secret).get(TOKENS).json()["results"]} == {"test", "child"}
        of_all = AccessToken.objects.get(name="of all brands")
        assert with_token(secret).delete(f"{TOKENS}{of_all.pk}/").status_code == 404

    def test_no_longer_life(self, shop) -> None:
        secret = token_of(shop.owner, "tokens:write", "stock:read", days=30)
        assert [self.make(secret, name=str(days), days=days).status_code for days in (365, None)] == [403, 403]
        assert AccessToken.objects.count() == 1


class TestOneBrand:
    """A person of two brands, and a token for one of them."""

    @pytest.fixture
    def second(self, shop):
        second = make_shop("second")
        add_member(brand=second.brand, user=shop.owner, role="owner")
        return second

    @pytest.fixture
    def client(self, shop, second) -> Api:
        return with_token(token_of(shop.owner, *SCOPES, brand=shop.brand))

    def test_lists_hold_nothing_of_the_other(self, client, shop, second) -> None:
        second.stock(second.variants[0], 7)
        both = with_token(token_of(shop.owner, *SCOPES, name="both"))
        for path in REACHING:
            url = f"/api/v1/{path}"
            assert "second" not in client.get(url).content.decode(), path
        assert "second" in both.get("/api/v1/products/").content.decode()

    def test_me_and_the_brands(self, client, shop, second) -> None:
        assert [brand["slug"] for brand in client.get("/api/v1/me/").json()["brands"]] == ["haneul"]
        assert [brand["slug"] for brand in client.get("/api/v1/brands/").json()["results"]] == ["haneul"]
        assert client.get("/api/v1/brands/second/").status_code == 404

    def test_it_reads_and_changes_nothing_there(self, client, second) -> None:
        url = f"/api/v1/products/{second.product.pk}/"
        assert client.get(url).status_code == 404
        assert client.patch(url, {"name_en": "Stolen"}).status_code == 404
        assert client.post("/api/v1/locations/", {"brand": "second", "code": "X", "kind": "shop", "name_ko": "x"}).status_code == 404  # fmt: skip  # noqa: E501
        assert client.get("/api/v1/balances/?brand=second").status_code == 400
        assert client.move({"brand": "second", "kind": "receipt", "lines": []}).status_code == 404
        assert client.get("/api/v1/reports/best/?brand=second").status_code == 404
        assert Product.objects.get(pk=second.product.pk).name_en != "Stolen"

    def test_its_own_brand_is_open(self, client, shop) -> None:
        url = f"/api/v1/products/{shop.product.pk}/"
        assert client.patch(url, {"name_en": "Mine"}).json()["name_en"] == "Mine"

    def test_it_holds_for_auditors_and_superusers_too(self, shop, second, auditor) -> None:
        for person in (auditor, shop.owner):
            person.is_superuser = person is shop.owner
            person.save()
            client = with_token(token_of(person, *SCOPES, brand=shop.brand, name="one"))
            assert {row["brand"] for row in client.get("/api/v1/variants/").json()["results"]} == {"haneul"}
            assert client.get(f"/api/v1/variants/{second.variants[0].pk}/").status_code == 404

    def test_a_brand_one_does_not_see_is_refused(self, shop) -> None:
        with pytest.raises(DomainError) as refusal:
            token_of(shop.owner, "stock:read", brand=Brand.objects.create(slug="far", name_ko="먼"))
        assert [problem.field for problem in refusal.value.problems] == ["brand"]

    def test_who_leaves_the_brand_loses_it(self, client, shop) -> None:
        shop.owner.memberships.filter(brand=shop.brand).delete()
        assert client.get("/api/v1/products/").json()["results"] == []


def test_making_and_revoking_are_recorded_without_the_secret(shop) -> None:
    secret = token_of(shop.owner, "stock:read", brand=shop.brand)
    row = AccessToken.objects.get()
    with_token(secret).get("/api/v1/me/")  # its use is not
    digest = row.digest
    revoke_token(token=row, actor=shop.owner)
    made, deleted = Change.objects.filter(content_type__model="accesstoken").order_by("id")
    assert [made.action, deleted.action] == [0, 2]
    assert made.actor == deleted.actor == shop.owner
    assert made.brand == shop.brand and made.is_private
    kept = f"{made.changes} {deleted.changes} {made.object_repr}"
    assert "stock:read" in kept and row.token_key in kept
    assert secret not in kept and digest not in kept


def test_logging_out_leaves_personal_tokens(shop) -> None:
    secret = token_of(shop.owner, "tokens:write")
    assert with_token(secret).post("/api/v1/auth/logout/").json()["code"] == "no_token"
    assert with_token(secret).post("/api/v1/auth/logout-all/").status_code == 204
    assert with_token(secret).get("/api/v1/me/").status_code == 200


def test_services_refuse_what_no_form_offers(shop) -> None:
    with pytest.raises(DomainError) as refusal:
        create_token(actor=shop.owner, name="x", scopes=["nothing:at-all"], days=1)
    assert {problem.field for problem in refusal.value.problems} == {"scopes", "days"}
