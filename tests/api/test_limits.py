"""How many requests a client may send: counted, told on every answer, refused beyond."""

from __future__ import annotations

from types import ModuleType

import pytest
from django.core.cache import cache
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.brands import MeView
from erp.core.api import limits
from tests.api.shop import Api
from tests.api.tokens import token_of, with_token

pytestmark = pytest.mark.django_db

ME = "/api/v1/me/"
FEW = {"read": 3, "write": 2, "open": 2}
FIELDS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture(autouse=True)
def _few(settings, monkeypatch):
    """Few requests, an empty cache, and a clock that stands ten seconds into a minute."""
    settings.API_RATES = FEW
    monkeypatch.setattr(limits, "time", lambda: 1_800_000_010.0)
    cache.clear()
    yield
    cache.clear()


def told(answer) -> tuple[str, ...]:
    return tuple(answer.headers[field] for field in FIELDS)


def test_each_token_has_its_own_allowance(shop) -> None:
    first, second = (with_token(token_of(shop.owner, "stock:read", name=name)) for name in ("a", "b"))
    answers = [first.get(ME) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [told(a) for a in answers] == [("3", "2", "50"), ("3", "1", "50"), ("3", "0", "50"), ("3", "0", "50")]
    assert "Retry-After" not in answers[2].headers
    assert answers[3].headers["Retry-After"] == "50"
    assert answers[3].json()["code"] == "throttled"
    assert "50 seconds" in answers[3].json()["message"]
    assert second.get(ME).status_code == 200


def test_reads_and_writes_are_counted_apart(shop) -> None:
    client = with_token(token_of(shop.owner, "stock:write"))
    answers = [client.post("/api/v1/movements/", {}) for _ in range(3)]
    assert [a.status_code for a in answers] == [400, 400, 429]
    assert told(answers[0]) == ("2", "1", "50")
    assert client.get(ME).status_code == 200


def test_a_person_has_one_allowance_in_all_their_browsers(shop) -> None:
    browsers = [Api(), Api()]
    for browser in browsers:
        browser.force_login(shop.owner)
    assert [browsers[n % 2].get(ME).status_code for n in range(4)] == [200, 200, 200, 429]
    other = Api()
    other.force_login(shop.staff)
    assert other.get(ME).status_code == 200


def test_a_new_minute_begins_anew(shop, monkeypatch) -> None:
    client = with_token(token_of(shop.owner, "stock:read"))
    assert [client.get(ME).status_code for _ in range(4)][-1] == 429
    monkeypatch.setattr(limits, "time", lambda: 1_800_000_060.0)
    answer = client.get(ME)
    assert (answer.status_code, told(answer)) == (200, ("3", "2", "60"))


def test_every_answer_tells_it_refusals_too(shop) -> None:
    client = with_token(token_of(shop.owner, "stock:read"))
    forbidden, missing = client.get("/api/v1/changes/"), client.get("/api/v1/balances/99/")
    nowhere = Api(REMOTE_ADDR="10.2.0.1").get("/api/v1/nowhere/")
    login = Api(REMOTE_ADDR="10.2.0.2").post("/api/v1/auth/login/", {})
    assert [a.status_code for a in (forbidden, missing, nowhere, login)] == [403, 404, 404, 400]
    assert all(told(answer) for answer in (forbidden, missing, nowhere, login))


def test_void_tokens_are_counted_by_the_address() -> None:
    """However many are tried."""
    answers = [with_token(f"jb_pat_{number}", REMOTE_ADDR="10.3.0.1").get(ME) for number in range(3)]
    assert [a.status_code for a in answers] == [401, 401, 429]
    assert told(answers[0]) == ("2", "1", "50")
    assert with_token("jb_pat_x", REMOTE_ADDR="10.3.0.2").get(ME).status_code == 401


def test_beyond_the_limit_nothing_is_looked_up(shop, django_assert_num_queries) -> None:
    client = with_token(token_of(shop.owner, "stock:read"))
    for _ in range(3):
        client.get(ME)
    with django_assert_num_queries(0):
        assert client.get(ME).status_code == 429


def test_it_costs_one_call_to_the_cache(shop, monkeypatch) -> None:
    client = with_token(token_of(shop.owner, "stock:read"))
    client.get(ME)
    calls = []

    class Counting:
        def __getattr__(self, name):
            calls.append(name)
            return getattr(cache, name)

    monkeypatch.setattr(limits, "cache", Counting())
    client.get(ME)
    assert calls == ["incr"]


def test_neither_token_nor_name_gets_into_the_cache(shop, monkeypatch) -> None:
    secret = token_of(shop.owner, "stock:read")
    keys = []
    monkeypatch.setattr(limits, "_count", lambda key: keys.append(key) or 1)
    with_token(secret).get(ME)
    assert len(keys) == 1
    assert secret not in keys[0] and secret[7:20] not in keys[0]


class Feed(APIView):
    """Open to the world: a shop's server asks for all of its visitors."""

    authentication_classes = ()
    permission_classes = ()
    open_rate = "feed"

    def get(self, request):
        return Response({"results": []})


def test_what_is_open_to_the_world_may_have_a_rate_of_its_own(settings) -> None:
    settings.API_RATES = FEW | {"feed": 5}
    settings.ROOT_URLCONF = ModuleType("feed")
    settings.ROOT_URLCONF.urlpatterns = [path("api/v1/feed/", Feed.as_view()), path("api/v1/me/", MeView.as_view())]
    client = Api(REMOTE_ADDR="10.4.0.1")
    assert [told(client.get("/api/v1/feed/"))[:2] for _ in range(2)] == [("5", "4"), ("5", "3")]
    assert told(client.get(ME))[:2] == ("2", "1")


def test_pages_are_not_counted(client) -> None:
    assert "RateLimit-Limit" not in client.get("/login/").headers
