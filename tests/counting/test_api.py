"""Counts over the REST API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.counting.models import CountEntry, CountLine, StockCount
from tests.api.shop import Api, codes_of
from tests.counting.conftest import Counted, start
from tests.factories import MembershipFactory

COUNTS = "/api/v1/counts/"


@pytest.fixture
def clerk(counted: Counted) -> Api:
    return Api(counted.shop.clerk)


@pytest.fixture
def owner(counted: Counted) -> Api:
    return Api(counted.shop.owner)


def at(counted: Counted, part: str = "") -> str:
    return f"{COUNTS}{counted.count.public_id}/{part}"


def post(api: Api, counted: Counted, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return api.post(at(counted, "post/"), {"leave_uncounted": True} | body, headers=headers)


def new(counted: Counted, **more: Any) -> dict[str, Any]:
    return {"brand": counted.shop.brand.slug, "location": "MAIN", "scope": "full"} | more


def test_a_count_from_start_to_posting(counted: Counted, clerk: Api) -> None:
    made = clerk.post(COUNTS, new(counted, title="November"))
    assert made.status_code == 201
    assert {name: made.json()[name] for name in ("title", "state", "lines", "counted", "posting")} == {
        "title": "November", "state": "open", "lines": 3, "counted": 0, "posting": None,
    }  # fmt: skip
    counted.count = StockCount.objects.get(public_id=made.json()["id"])
    entries = [
        {"id": str(uuid4()), "sku": counted.variant(0).sku.lower()},
        {"id": str(uuid4()), "variant": counted.variant(0).pk, "kind": "set", "quantity": 8, "was": None},
        {"id": str(uuid4()), "variant": counted.variant(1).pk, "quantity": 20},
    ]
    answer = clerk.post(at(counted, "entries/"), {"device": "phone", "entries": entries})
    assert answer.json()["lines"] == [
        {"variant": counted.variant(0).pk, "counted": 8},
        {"variant": counted.variant(1).pk, "counted": 20},
    ]
    reviewed = clerk.post(at(counted, "review/")).json()
    assert (reviewed["revision"], reviewed["totals"]["minus"], reviewed["totals"]["uncounted"]) == (1, 2, 1)
    assert reviewed["trouble"] == []
    posted = post(clerk, counted, "press", revision=1)
    assert (posted.status_code, posted.json()["state"]) == (201, "posted")
    assert clerk.get(f"/api/v1/postings/{posted.json()['posting']}/").json()["pieces"] == 2
    again = post(clerk, counted, "press", revision=1)
    assert (again.status_code, again.headers["Idempotent-Replay"]) == (200, "true")
    assert post(clerk, counted, revision=1).status_code == 409
    assert counted.shop.on_hand(0) == 8


def test_the_same_id_starts_one_count(counted: Counted, clerk: Api) -> None:
    body = new(counted, id=str(uuid4()))
    assert clerk.post(COUNTS, body).json()["id"] == clerk.post(COUNTS, body).json()["id"] == body["id"]
    assert StockCount.objects.count() == 2


def test_a_lost_answer_counts_nothing_twice(counted: Counted, clerk: Api) -> None:
    body = {"entries": [{"id": str(uuid4()), "variant": counted.variant(0).pk, "quantity": 3}]}
    assert clerk.post(at(counted, "entries/"), body).json()["repeated"] == []
    again = clerk.post(at(counted, "entries/"), body).json()
    assert (again["repeated"], again["lines"][0]["counted"]) == ([body["entries"][0]["id"]], 3)
    assert CountEntry.objects.count() == 1


def test_every_wrong_entry_is_named(counted: Counted, clerk: Api) -> None:
    entries = [
        {"id": str(uuid4()), "sku": "NOPE"},
        {"id": str(uuid4()), "variant": counted.variant(0).pk, "sku": counted.variant(0).sku},
        {"id": str(uuid4()), "variant": counted.variant(0).pk, "quantity": 0},
        {"id": str(uuid4()), "barcode": "123"},
    ]
    answer = clerk.post(at(counted, "entries/"), {"entries": entries})
    assert answer.status_code == 400
    assert codes_of(answer) == [
        (1, "sku", "unknown_variant"),
        (2, "variant", "name_one"),
        (3, "quantity", "invalid_quantity"),
        (4, "barcode", "unknown_variant"),
    ]
    answer = clerk.post(at(counted, "entries/"), {"entries": [{"variant": 1}, {"id": "x", "quantity": "many"}]})
    assert (1, "id", "required") in codes_of(answer) and (2, "id", "invalid") in codes_of(answer)
    assert not CountEntry.objects.exists()


def test_what_cannot_be_started_says_why(counted: Counted, clerk: Api) -> None:
    wrong = clerk.post(COUNTS, new(counted, location="NOWHERE", category="none", scope="category"))
    assert [field for _line, field, _code in codes_of(wrong)] == ["location", "category"]
    assert codes_of(clerk.post(COUNTS, new(counted, scope="chosen"))) == [(None, "variants", "required")]
    assert clerk.post(COUNTS, new(counted, brand="other")).status_code == 404


def test_an_own_scan_is_taken_back(counted: Counted, clerk: Api) -> None:
    entry = counted.scan(0)
    answer = clerk.post(at(counted, "undo/"), {"entry": str(entry)})
    assert (answer.status_code, answer.json()["counted"]) == (200, None)
    assert codes_of(clerk.post(at(counted, "undo/"), {"entry": str(uuid4())})) == [(None, "entry", "does_not_exist")]


def test_moved_lines_are_named_and_decided(counted: Counted, clerk: Api) -> None:
    counted.type(0, 9)
    counted.type(1, 19)
    counted.sell(0, 2)
    counted.sell(1, 2)
    trouble = clerk.post(at(counted, "review/")).json()["trouble"]
    assert [(row["code"], row["seen"], row["now"]) for row in trouble] == [("moved", 10, 8), ("moved", 20, 18)]
    refused = post(clerk, counted, revision=1)
    assert codes_of(refused) == [(1, "counted", "moved"), (2, "counted", "moved")]
    assert codes_of(clerk.post(at(counted, "decide/"), {"what": "carry"})) == [(None, "lines", "required")]
    left = clerk.post(at(counted, "decide/"), {"what": "carry", "lines": [trouble[0]["line"]]}).json()["trouble"]
    assert [row["line"] for row in left] == [trouble[1]["line"]]
    clerk.post(at(counted, "decide/"), {"what": "recount", "lines": [trouble[1]["line"]]})
    assert clerk.get(at(counted)).json()["state"] == "open"
    clerk.post(at(counted, "review/"))
    clerk.post(at(counted, "decide/"), {"what": "zero"})
    assert clerk.post(at(counted, "reopen/")).json()["state"] == "open"
    assert clerk.post(at(counted, "cancel/")).json()["state"] == "cancelled"
    assert counted.shop.on_hand(0) == 8


def test_lines_are_narrowed(counted: Counted, clerk: Api) -> None:
    counted.type(0, 9)
    counted.type(1, 20)
    rows = clerk.get(at(counted, "lines/"), {"differing": "1"}).json()["results"]
    assert [(row["sku"], row["counted"], row["seen"], row["difference"]) for row in rows] == [
        (counted.variant(0).sku, 9, 10, -1)
    ]
    assert len(clerk.get(at(counted, "lines/"), {"uncounted": "true"}).json()["results"]) == 1
    assert len(clerk.get(at(counted, "lines/")).json()["results"]) == 3


def test_a_blind_count_says_nothing_of_the_book(counted: Counted, clerk: Api, owner: Api) -> None:
    counted.count = start(counted.shop, blind=True)
    counted.type(0, 9)
    for api in (clerk, owner):
        rows = api.get(at(counted, "lines/")).json()["results"]
        assert {(row["seen"], row["difference"]) for row in rows} == {(None, None)}
        assert api.get(at(counted, "lines/"), {"differing": "1"}).status_code == 403
    for part in ("review/", "decide/", "reopen/"):
        assert clerk.post(at(counted, part), {"what": "zero"}).status_code == 403
    assert post(clerk, counted, revision=0).status_code == 403
    assert owner.post(at(counted, "review/")).json()["totals"]["minus"] == 1
    assert {row["seen"] for row in clerk.get(at(counted, "lines/")).json()["results"]} == {None}
    assert 10 in {row["seen"] for row in owner.get(at(counted, "lines/")).json()["results"]}
    post(owner, counted, revision=1)
    assert 10 in {row["seen"] for row in clerk.get(at(counted, "lines/")).json()["results"]}


@pytest.mark.parametrize("part", ["entries/", "undo/", "review/", "decide/", "reopen/", "post/", "cancel/"])
def test_viewers_and_strangers_change_nothing(counted: Counted, part: str) -> None:
    counted.scan(0)
    before = list(StockCount.objects.values()), list(CountLine.objects.values()), CountEntry.objects.count()
    body = {"entries": [{"id": str(uuid4()), "variant": counted.variant(0).pk}], "what": "zero", "revision": 0}
    for person, status in ((counted.shop.viewer, 403), (MembershipFactory().user, 404)):
        answer = Api(person).post(at(counted, part), body, headers={"Idempotency-Key": "x"})
        assert answer.status_code == status
    assert Api(counted.shop.viewer).post(COUNTS, new(counted)).status_code == 403
    after = list(StockCount.objects.values()), list(CountLine.objects.values()), CountEntry.objects.count()
    assert before == after


def test_the_list_asks_the_same_for_many(counted: Counted, clerk: Api) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(COUNTS, {"state": "open", "location": "MAIN"}).status_code == 200
            assert clerk.get(at(counted, "lines/")).status_code == 200
        return len(queries)

    counted.type(0, 9)
    few = asked()
    for _n in range(20):
        start(counted.shop)
    counted.type(1, 9)
    assert asked() == few


def test_proposals(counted: Counted, clerk: Api) -> None:
    counted.sell(1, 5)
    where = {"brand": counted.shop.brand.slug, "location": "MAIN"}
    first, *_others = clerk.get("/api/v1/count-proposals/", where).json()
    assert first == {
        "variant": counted.variant(1).pk, "sku": counted.variant(1).sku, "group": "A", "every_days": 30, "shipped": 5,
        "counted_at": None,
    }  # fmt: skip
    assert Api(MembershipFactory().user).get("/api/v1/count-proposals/", where).status_code == 404
    assert clerk.get("/api/v1/count-proposals/").status_code == 400
