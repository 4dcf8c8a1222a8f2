"""What the fuzz tests share: the operations of the OpenAPI document, real values to put into requests, and the checks.

`FUZZ=20 python -m pytest tests/api/test_fuzz.py tests/api/test_stateful.py` tries twenty times as much, other things
each time; without it a run is short and always the same.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from erp.wsgi import application
from tests.walk import MARK, PARAMETER, Hidden, Route, routes

TIMES = int(os.environ.get("FUZZ", "1"))
# The log-in is throttled after a few requests; the log-outs would end the token of the test.
LEFT_OUT = ["login", "logout", "logout_all"]
VARIANT_BY = ("variant", "sku", "barcode")  # an entry names its variant by one of these
NUMBERED = ("revision", "was")  # numbers that a person read before they write
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MARKS = (MARK.encode(), MARK.encode("cp949"), json.dumps(MARK).encode())


def quickly(examples: int, **more: Any) -> settings:
    """The same requests on every run, none of them kept, and no shrinking: all that is wrong is collected."""
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


@cache
def load_schema() -> Any:
    """Made once for all tests of a process: its making and reading takes seconds, and none of it is of a test."""
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application, headers=accept).exclude(operation_id=LEFT_OUT)


def operations_of(schema: Any) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]


def mistake(case: Any, answer: Any) -> str | None:
    """What of an answer is not as documented."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except (AssertionError, FailureGroup, Failure) as error:
        reasons = getattr(error, "exceptions", [error])
        return "\n".join(f"{type(reason).__name__}: {reason}" for reason in reasons)
    return None


@cache
def api_routes() -> dict[str, Route]:
    """By their paths, with {} for each parameter."""
    return {PARAMETER.sub("{}", f"/{route.pattern}"): route for route in routes() if route.is_api}


def ids_for(path: str, hidden: Hidden) -> dict[str, Any]:
    """Real ids for the parameters of a path: made-up ones would only ever find 404."""
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return {}
    route = api_routes()[re.sub(r"{\w+}", "{}", path)]
    values = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", path), hidden.path(route))
    assert values, path
    return dict(zip(names, values.groups(), strict=True))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _noun(path: str) -> str:
    """`/api/v1/size-runs/{id}/` is about a size_run."""
    collection = path.split("/")[3].replace("-", "_")
    return collection.removesuffix("ies") + "y" if collection.endswith("ies") else collection.removesuffix("s")


class Values:
    """Values that rows of a brand have, by the name under which requests and answers speak of them."""

    def __init__(self, document: dict[str, Any], known: dict[str, list[Any]] | None = None) -> None:
        self.document = document
        self.known: dict[str, list[Any]] = defaultdict(list, {name: list(of) for name, of in (known or {}).items()})
        self.chance = Random(0)

    def learn(self, path: str, answer: Any) -> None:
        """Keeps what an answer names."""
        if answer.status_code >= 300 or answer.headers.get("content-type") != ["application/json"]:
            return
        body = json.loads(answer.content or b"null")
        for row in body["results"] if isinstance(body, dict) and "results" in body else [body]:
            if isinstance(row, dict) and "id" in row:
                self._add(_noun(path), row["id"])
        for row in _objects(body):
            for name, value in row.items():
                self._add(name, value["id"] if isinstance(value, dict) and "id" in value else value)

    def _add(self, name: str, value: Any) -> None:
        values = self.known[name]
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int | str) and not isinstance(one, bool):
                values.append(one)

    def fill(self, given: Any, schema: dict[str, Any], name: str = "") -> Any:
        """The same request with real ids and words, small numbers and present days, which a service lets through."""
        schema = self._plain(schema)
        if isinstance(given, dict):
            return self._object(given, schema)
        if isinstance(given, list):
            few = given[:2] if self.chance.random() < 0.7 else given
            return [self.fill(one, schema.get("items", {}), name) for one in few or self._one_line(schema)]
        if "enum" in schema or self.chance.random() < 0.15:
            return given
        return self._real(given, schema, name)

    def _object(self, given: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
        parts, needed = schema.get("properties", {}), schema.get("required", [])
        kept = [name for name in given if name in needed or name not in parts or self.chance.random() < 0.5]
        if any(name in parts for name in VARIANT_BY) and self.chance.random() < 0.9:
            by = self.chance.choice([name for name in VARIANT_BY if name in parts])
            given, kept = given | {by: given.get(by, 1)}, [*(name for name in kept if name not in VARIANT_BY), by]
        return {name: self.fill(given[name], parts.get(name, {}), name) for name in kept}

    def _one_line(self, schema: dict[str, Any]) -> list[Any]:
        """In the place of an empty list, which hardly any service takes."""
        parts = self._plain(schema.get("items", {})).get("properties", {})
        return [{name: 1 for name in parts if name in ("line", "variant", "quantity", "product")}] if parts else []

    def _real(self, given: Any, schema: dict[str, Any], name: str) -> Any:
        kind, form = schema.get("type"), schema.get("format")
        kind = kind[0] if isinstance(kind, list) else kind
        known = self.known.get(name) or self.known.get(name.removesuffix("s"), [])
        real = [one for one in known if isinstance(one, int if kind in ("integer", "number") else str)]
        if real and (form in ("int64", "uuid") or (kind == "string" and form is None) or name in NUMBERED):
            return self.chance.choice(real[-3:] if self.chance.random() < 0.5 else real)
        if kind == "integer" and form is None:
            return schema.get("minimum", 0) + self.chance.randrange(1, 4)
        if form == "decimal":
            return str(self.chance.randrange(1, 40) * 10)
        moment = timezone.now() + timedelta(hours=self.chance.choice((-1, 1)))
        return {"date": moment.date().isoformat(), "date-time": moment.isoformat()}.get(form, given)

    def _plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema without its references and alternatives."""
        while inner := schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf"):
            schema = inner[0]
        if "$ref" in schema:
            return self._plain(self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        return schema


def body_schema(operation: Any) -> dict[str, Any]:
    for content in operation.definition.raw.get("requestBody", {}).get("content", {}).values():
        return content["schema"]
    return {}


def query_schema(operation: Any) -> dict[str, Any]:
    parameters = [p for p in operation.definition.raw.get("parameters", []) if p["in"] == "query"]
    needed = [p["name"] for p in parameters if p.get("required") or p["name"] == "brand"]
    return {"properties": {p["name"]: p["schema"] for p in parameters}, "required": needed}


def one_connection() -> Iterator[None]:
    """A request of a real server ends with closing its connection; here that would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
