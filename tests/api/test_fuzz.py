"""Requests made from the OpenAPI document itself, sent through the whole WSGI application.

Nothing they can say breaks the server, and every answer is as documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from erp.wsgi import application
from tests.api.shop import make_shop
from tests.walk import PARAMETER, Hidden, hidden_brand, routes

pytestmark = pytest.mark.django_db

# The log-in is throttled after a few requests; the log-outs would end the token of the test.
LEFT_OUT = ["login", "logout", "logout_all"]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6
FEW = 3  # where nothing but the person could make a difference


def ids_for(path: str, hidden: Hidden) -> dict[str, Any]:
    """Real ids for the parameters of a path: made-up ones would only ever find 404."""
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return {}
    [route] = [r for r in routes() if r.is_api and PARAMETER.sub("{}", f"/{r.pattern}") == re.sub(r"{\w+}", "{}", path)]
    values = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", path), hidden.path(route))
    assert values, path
    return dict(zip(names, values.groups(), strict=True))


def fuzz(
    operation: Any,
    hidden: Hidden,
    token: str,
    judge: Callable[[Any, Any], None],
    mode: GenerationMode = GenerationMode.POSITIVE,
    examples: int = EXAMPLES,
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=ids_for(operation.path, hidden) or None))
    def send(case: Any) -> None:
        if isinstance(case.body, dict) and "brand" in case.body:
            case.body["brand"] = hidden.shop.slug
        judge(case, case.call(headers={"Authorization": f"Token {token}"}))

    # Where a request says nothing that could be wrong, there is nothing to try.
    if mode is GenerationMode.POSITIVE or len(operation.query) or len(operation.body):
        send()


def try_all(operations: Iterable[Any], attempt: Callable[[Any], None]) -> None:
    """Tries each operation, so that one run tells of all that answer wrongly."""
    wrong = []
    for operation in operations:
        try:
            attempt(operation)
        except (AssertionError, FailureGroup, Failure) as error:
            wrong.append(f"{operation.label}\n{error}")
    assert not wrong, "\n\n".join(wrong)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request of a real server ends with closing its connection; here that would end the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def hidden(db) -> Hidden:
    return hidden_brand()


@pytest.fixture
def operations() -> list[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application).exclude(operation_id=LEFT_OUT)
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) > 35
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_a_member_gets_documented_answers(mode, hidden, operations) -> None:
    token = AuthToken.objects.create(user=hidden.shop.owner)[1]

    def judge(case: Any, answer: Any) -> None:
        case.validate_response(answer, checks=CHECKS)

    try_all(operations, lambda operation: fuzz(operation, hidden, token, judge, mode))


def test_a_stranger_finds_nothing_and_breaks_nothing(hidden, operations) -> None:
    token = AuthToken.objects.create(user=make_shop("stranger").owner)[1]

    def judge(case: Any, answer: Any) -> None:
        case.validate_response(answer, checks=[not_a_server_error])
        if "{" in case.operation.path:
            assert answer.status_code in (400, 404), (case.operation.path, answer.status_code)

    try_all(operations, lambda operation: fuzz(operation, hidden, token, judge, examples=FEW))
