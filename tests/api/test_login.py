"""Tokens: who gets one, what it opens, when it ends, and how guessing is slowed down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from knox.models import AuthToken

from erp.core.api.login import AddressThrottle
from tests.api.shop import Api
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login/"
PASSWORD = "a-long-secret"


@pytest.fixture
def clerk():
    return UserFactory(username="clerk", password=PASSWORD)


@pytest.fixture
def _no_address_limit(monkeypatch) -> None:
    monkeypatch.setattr(AddressThrottle, "rate", "1000/min", raising=False)


def login(username: str = "clerk", password: str = PASSWORD, **extra):
    return Api().post(LOGIN, {"username": username, "password": password}, **extra)


def with_token(token: str) -> Api:
    return Api(HTTP_AUTHORIZATION=f"Token {token}")


def test_a_token_opens_the_api(clerk) -> None:
    answer = login()
    assert answer.status_code == 200
    body = answer.json()
    assert body["token"].startswith("jb_")
    assert body["user"]["username"] == "clerk"
    assert with_token(body["token"]).get("/api/v1/me/").json()["username"] == "clerk"


def test_only_a_digest_is_stored(clerk) -> None:
    token = login().json()["token"]
    row = AuthToken.objects.get()
    assert token not in (row.digest, row.token_key)
    assert len(row.digest) == 128


def test_wrong_password_unknown_name_and_closed_account_get_one_answer(clerk) -> None:
    UserFactory(username="closed", password=PASSWORD, is_active=False)
    answers = [login(password="wrong"), login("nobody"), login("closed")]
    assert [a.status_code for a in answers] == [401, 401, 401]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert answers[0].json()["code"] == "wrong_login"


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "username"), ({"username": "clerk"}, "password"), ({"username": "a" * 200, "password": "x"}, "username")],
)
def test_what_is_missing_is_named(body, field) -> None:
    answer = Api().post(LOGIN, body)
    assert answer.status_code == 400
    assert field in [e["field"] for e in answer.json()["errors"]]


@pytest.mark.parametrize("token", ["", "jb_", "nonsense", "jb_" + "0" * 64, "\x00", "a b", "jb_é"])
def test_a_void_token_is_401_in_the_shape(token, clerk) -> None:
    answer = Api().get("/api/v1/me/", headers={"Authorization": f"Token {token}".encode("latin-1").decode("latin-1")})
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "errors"}
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_no_token_is_401() -> None:
    answer = Api().get("/api/v1/products/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_log_out_ends_this_token_only(clerk) -> None:
    first, second = login().json()["token"], login().json()["token"]
    assert with_token(first).post("/api/v1/auth/logout/").status_code == 204
    assert with_token(first).get("/api/v1/me/").status_code == 401
    assert with_token(second).get("/api/v1/me/").status_code == 200


def test_log_out_everywhere_ends_all_of_ones_own(clerk) -> None:
    UserFactory(username="other", password=PASSWORD)
    tokens = [login().json()["token"] for _ in range(2)]
    others = login("other").json()["token"]
    assert with_token(tokens[0]).post("/api/v1/auth/logout-all/").status_code == 204
    assert [with_token(t).get("/api/v1/me/").status_code for t in (*tokens, others)] == [401, 401, 200]


def test_a_session_has_no_token_to_end(clerk) -> None:
    client = Api()
    client.force_login(clerk)
    assert client.post("/api/v1/auth/logout/").json()["code"] == "no_token"


def test_an_expired_token_is_void_and_forgotten(clerk) -> None:
    token = login().json()["token"]
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert with_token(token).get("/api/v1/me/").status_code == 401
    assert AuthToken.objects.count() == 0


def test_a_token_lives_as_long_as_it_is_used(clerk) -> None:
    token = login().json()["token"]
    AuthToken.objects.update(expiry=timezone.now() + timedelta(days=3))
    with_token(token).get("/api/v1/me/")
    assert AuthToken.objects.get().expiry > timezone.now() + timedelta(days=80)


def test_a_closed_account_has_no_token(clerk) -> None:
    token = login().json()["token"]
    clerk.is_active = False
    clerk.save()
    assert with_token(token).get("/api/v1/me/").status_code == 401


def test_a_token_costs_two_queries_however_many_there_are(clerk, django_assert_num_queries) -> None:
    tokens = [login().json()["token"] for _ in range(4)]
    client = with_token(tokens[0])
    with django_assert_num_queries(2):  # the token with its person; the brands of /me/
        assert client.get("/api/v1/me/").status_code == 200


def test_attempts_are_limited_by_address_whatever_the_client_claims(clerk) -> None:
    answers = [login(f"name{n}", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}") for n in range(11)]
    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.usefixtures("_no_address_limit")
def test_attempts_are_limited_by_name_from_any_address(clerk) -> None:
    answers = [login(password="wrong", REMOTE_ADDR=f"10.0.1.{n}") for n in range(21)]
    assert answers[-1].status_code == 429
    assert login("somebody", REMOTE_ADDR="10.0.1.99").status_code == 401


@pytest.mark.usefixtures("_no_address_limit")
def test_axes_counts_and_locks_with_json(clerk) -> None:
    answers = [login(password="wrong") for _ in range(8)]
    assert [a.status_code for a in answers] == [401] * 7 + [429]
    assert answers[-1].json()["code"] == "locked_out"
    assert AccessAttempt.objects.get().failures_since_start == 8
    right = login()
    assert (right.status_code, right.json()["code"]) == (429, "locked_out")
    assert AuthToken.objects.count() == 0


def test_a_right_password_forgets_the_wrong_ones(clerk) -> None:
    login(password="wrong")
    login()
    assert AccessAttempt.objects.count() == 0


@pytest.mark.parametrize(("language", "word"), [("ko", "로그인"), ("en", "credentials"), ("fr", "로그인")])
def test_the_answer_speaks_the_language_asked_for(language, word, db) -> None:
    answer = Api(HTTP_ACCEPT_LANGUAGE=language).get("/api/v1/products/")
    assert re.search(word, answer.json()["message"])
