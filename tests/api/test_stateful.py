"""Walks through the API as every role: what one answer names, the next requests use.

schemathesis' state machine follows the links of the document; requests that no link leads to are tried in between, so
that each role has called every operation at the end.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import given
from knox.models import AuthToken

from catalog.models import AccessToken, Change
from erp.core.models import User
from tests.api.fuzzing import (
    MARKS,
    Values,
    body_schema,
    ids_for,
    load_schema,
    mistake,
    one_connection,
    operations_of,
    query_schema,
    quickly,
)
from tests.api.shop import make_shop
from tests.factories import UserFactory
from tests.walk import MARK, hidden_brand, snapshot

pytestmark = pytest.mark.django_db
_one_connection = pytest.fixture(autouse=True)(one_connection)

SCENARIOS = {"owner": 6, "staff": 3, "viewer": 1, "auditor": 1, "stranger": 4}
STEPS = 50
CONDITIONS = ("If-Match", "If-None-Match")  # of a made-up version hardly anything would go on
ONLY_LOOKS = {"viewer", "auditor"}
THEIR_OWN = (AccessToken, Change)  # anybody makes tokens, and that is recorded
NOT_THEIRS = {400, 404, 415, 428, 429}


class Walker:
    """One person on the way through the API, what they learned on it, and every answer that was wrong."""

    def __init__(self, role: str, schema: Any) -> None:
        self.hidden = hidden_brand()
        shop = self.hidden.shop
        self.operations = operations_of(schema)
        self.is_stranger = role == "stranger"
        self.home = make_shop("stranger") if self.is_stranger else shop
        self.person: User = (
            UserFactory(is_auditor=True) if role == "auditor" else getattr(self.home, role, self.home.owner)
        )
        self.document = schema.raw_schema
        self.marked = self._told(AuthToken.objects.create(user=shop.owner)[1])
        self.calls: Counter[str] = Counter()
        self.good: Counter[str] = Counter()
        self.wrong: dict[str, str] = {}
        self.before = snapshot(without=THEIR_OWN) if role in ONLY_LOOKS else None

    def _told(self, token: str) -> dict[str, list[Any]]:
        """All that the addresses one can read say of the hidden brand, without the words that mark it."""
        found = Values(self.document)
        for operation in self.operations:
            if operation.method == "get":
                ids, query = ids_for(operation.path, self.hidden), {"brand": self.hidden.shop.slug}
                case = operation.Case(path_parameters=ids, query=query)
                found.learn(operation.path, case.call(headers={"Authorization": f"Token {token}"}))
        return {name: [one for one in of if MARK not in str(one)] for name, of in found.known.items()}

    def begin(self) -> None:
        """Every scenario starts from the same rows and the same chance."""
        cache.clear()
        self.savepoint = transaction.savepoint()
        self.token = AuthToken.objects.create(user=self.person)[1]
        self.values = Values(self.document, self.marked)
        self.way: list[str] = []
        self.is_linked = False

    def end(self) -> None:
        """Whatever a scenario wrote goes again, once it is seen that who only looks wrote nothing."""
        if self.before is not None and snapshot(without=THEIR_OWN) != self.before:
            self.wrong["changed"] = f"somebody who only looks changed something: {self.way}"
        transaction.savepoint_rollback(self.savepoint)

    def prepare(self, case: Any) -> None:
        """Puts real ids and words where a made-up one would only be refused."""
        chance = self.values.chance
        theirs = self.is_stranger and chance.random() < 0.6
        self.theirs = bool(case.path_parameters) and theirs
        if self.theirs or not (self.is_stranger or self.is_linked):
            case.path_parameters = ids_for(case.operation.path, self.hidden)
        if case.query:
            case.query = self.values.fill(dict(case.query), query_schema(case.operation))
        case.body = self.values.fill(case.body, body_schema(case.operation))
        if "Idempotency-Key" in (case.headers or {}) and chance.random() < 0.9:
            case.headers["Idempotency-Key"] = f"{len(self.way)}-{chance.random()}"
        for header in CONDITIONS:
            if chance.random() < 0.8 and header in (case.headers or {}):
                del case.headers[header]
        if isinstance(case.query, dict):
            case.query.pop("fields", None)  # with some fields only, an answer is a part of what is documented
        for part in (case.query, case.body):
            if isinstance(part, dict) and "brand" in part:
                part["brand"] = (self.home if chance.random() < 0.6 else self.hidden.shop).slug

    def look(self, case: Any, answer: Any) -> None:
        label = case.operation.label
        self.calls[label] += 1
        self.good[label] += answer.status_code < 300
        self.way.append(f"{label} {answer.status_code}")
        self.values.learn(case.operation.path, answer)
        problem = mistake(case, answer)
        if self.is_stranger and any(mark in answer.content for mark in MARKS):
            problem = f"leaks: {answer.text[:500]}"
        elif self.theirs and answer.status_code not in NOT_THEIRS:
            problem = f"answers {answer.status_code} for another brand's id"
        if problem is not None:
            sent = f"{case.path_parameters} {case.query} {str(case.body)[:600]}"
            kept = f"{label}: {problem}\n{sent}\nafter {self.way[-9:]}"
            self.wrong.setdefault(f"{label} {answer.status_code} {problem[:60]}", kept)
        if answer.status_code == 401:
            self.token = AuthToken.objects.create(user=self.person)[1]


def machine_of(walker: Walker, schema: Any) -> Any:
    class Walk(schema.as_state_machine()):
        def setup(self) -> None:
            walker.begin()

        def teardown(self) -> None:
            walker.end()

        def step(self, input: Any) -> Any:
            walker.is_linked = bool(input.applied_parameters)
            return super().step(input)

        def before_call(self, case: Any) -> None:
            walker.prepare(case)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Token {walker.token}"}}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            walker.look(case, response)

    return Walk


def call_the_rest(walker: Walker) -> None:
    """What no link led to."""
    walker.begin()
    for operation in walker.operations:
        if not walker.calls[operation.label]:

            @quickly(1)
            @given(case=operation.as_strategy())
            def send(case: Any) -> None:
                walker.prepare(case)
                walker.look(case, case.call(headers={"Authorization": f"Token {walker.token}"}))

            send()
    walker.end()


@pytest.mark.parametrize("role", SCENARIOS)
def test_the_whole_api_as(role) -> None:
    schema = load_schema()
    walker = Walker(role, schema)
    machine_of(walker, schema).run(settings=quickly(SCENARIOS[role], stateful_step_count=STEPS))
    call_the_rest(walker)
    assert not walker.wrong, "\n\n".join(walker.wrong.values())
    assert role == "stranger" or sum(walker.good.values()) > sum(walker.calls.values()) / 4
    assert set(walker.calls) == {operation.label for operation in walker.operations}
