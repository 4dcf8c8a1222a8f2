"""Requests made from the OpenAPI document itself, sent through the whole WSGI application: what they must not say.

Nothing that is wrong in a request breaks the server, and every answer is as documented. What they may say is in
test_stateful.py, which calls every operation as every role.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from knox.models import AuthToken
from schemathesis import GenerationMode

from tests.api.fuzzing import ids_for, load_schema, mistake, one_connection, operations_of, quickly
from tests.walk import hidden_brand

pytestmark = pytest.mark.django_db
_one_connection = pytest.fixture(autouse=True)(one_connection)

EXAMPLES = 4


def test_a_member_gets_documented_refusals() -> None:
    hidden = hidden_brand()
    token = AuthToken.objects.create(user=hidden.shop.owner)[1]
    wrong = []

    def fuzz(operation: Any) -> None:
        @quickly(EXAMPLES)
        @given(
            case=operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=ids_for(operation.path, hidden) or None)
        )
        def send(case: Any) -> None:
            if isinstance(case.query, dict):
                case.query.pop("fields", None)  # with some fields only, an answer is a part of what is documented
            if isinstance(case.body, dict) and "brand" in case.body:
                case.body["brand"] = hidden.shop.slug
            problem = mistake(case, case.call(headers={"Authorization": f"Token {token}"}))
            if problem is not None:
                wrong.append(f"{operation.label}: {problem}\n{case.query} {case.body}")

        send()

    operations = operations_of(load_schema())
    assert len(operations) > 35
    for operation in operations:
        # Where a request says nothing that could be wrong, there is nothing to try.
        if len(operation.query) or len(operation.body):
            fuzz(operation)
    assert not wrong, "\n\n".join(wrong)
