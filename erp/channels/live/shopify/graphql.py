"""Questions to Shopify: at the pace it allows, repeated where that is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests
from django.utils.translation import gettext as _

from erp.channels.live.pace import Pace
from erp.channels.live.trouble import Lacking, LockedOut, Passing, Refused
from erp.channels.live.wire import post_json

TRIES = 5
# Longer pauses are left to the next push: a worker does not sleep them through.
LONGEST_PAUSE = 20.0
# From then on nothing is tried again: the job's own time limit is near.
MOST_SECONDS = 60.0
PASSING = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT"})
IN_PROGRESS = "IDEMPOTENCY_CONCURRENT_REQUEST"


class GraphQL:
    """One shop. What is asked may be asked again: mutations name what they change, or carry a key. What does neither is
    sent by `once`."""

    def __init__(self, address: str, token: str, *, pace: Pace | None = None) -> None:
        self.address, self.pace = address, pace or Pace()
        self.until = self.pace.now() + MOST_SECONDS
        self.headers = {"X-Shopify-Access-Token": token, "Accept": "application/json"}
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no .netrc of the machine gets the token
        self.bucket: dict[str, float] = {}
        self.costs: dict[str, float] = {}

    def pages(self, query: str, variables: Mapping[str, Any], *path: str) -> list[dict[str, Any]]:
        """All nodes of a connection, at this path in the answer; the query takes `$after`."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page: Any = self.ask(query, {**variables, "after": after})
            for name in path:
                page = page.get(name) if isinstance(page, dict) else None
            try:
                found += page["nodes"]
                if not page["pageInfo"]["hasNextPage"]:
                    return found
                after = page["pageInfo"]["endCursor"]
            except (KeyError, TypeError) as error:
                raise Passing(_("The marketplace answered something unreadable.")) from error

    def once(self, query: str, variables: Mapping[str, Any], field: str) -> dict[str, Any]:
        """A mutation's payload; after a lost answer the caller looks whether it was done before it sends another."""
        self._wait_for_room(query)
        return _payload(self._once(query, variables), field)

    def ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The `data` of the answer. Raises a Trouble."""
        for attempt in range(TRIES):
            try:
                self._wait_for_room(query)
                return self._once(query, variables)
            except Passing as error:
                pause = error.wait or self.pace.backoff(attempt)
                late = self.pace.now() + pause > self.until
                if attempt + 1 == TRIES or pause > LONGEST_PAUSE or late:
                    raise
                self.pace.sleep(pause)
        raise AssertionError("unreachable")

    def change(self, query: str, variables: Mapping[str, Any], field: str) -> dict[str, Any]:
        """A mutation's payload. Raises Refused with what its `userErrors` say."""
        for attempt in range(TRIES):
            payload = _payload(self.ask(query, variables), field)
            errors = payload.get("userErrors") or []
            if not any(error.get("code") == IN_PROGRESS for error in errors):
                return payload
            self.pace.sleep(self.pace.backoff(attempt))
        raise Passing(_("The marketplace is still busy with the same thing."))

    def _once(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer = post_json(self.session, self.address, {"query": query, "variables": variables}, self.headers)
        cost = _dict(_dict(answer.get("extensions")).get("cost"))
        self._note(query, cost)
        if errors := answer.get("errors"):
            raise _trouble(errors, cost)
        if not isinstance(answer.get("data"), dict):
            raise Passing(_("The marketplace answered something unreadable."))
        return answer["data"]

    def _note(self, query: str, cost: Mapping[str, Any]) -> None:
        status = _dict(cost.get("throttleStatus"))
        if status:
            self.bucket = {
                "free": _number(status.get("currentlyAvailable")),
                "rate": _number(status.get("restoreRate")),
                "most": _number(status.get("maximumAvailable")),
                "at": self.pace.now(),
            }
        if cost.get("requestedQueryCost"):
            self.costs[query] = _number(cost["requestedQueryCost"])

    def _wait_for_room(self, query: str) -> None:
        """Before a question for which the bucket is not full enough yet, as far as its last answer told."""
        wanted, bucket = self.costs.get(query, 0.0), self.bucket
        if not bucket or bucket["rate"] <= 0:
            return
        free = min(bucket["most"], bucket["free"] + bucket["rate"] * (self.pace.now() - bucket["at"]))
        if free < min(wanted, bucket["most"]):
            self.pace.sleep(min((wanted - free) / bucket["rate"], LONGEST_PAUSE))


def _payload(data: Mapping[str, Any], field: str) -> dict[str, Any]:
    payload = data.get(field)
    if not isinstance(payload, dict):
        raise Passing(_("The marketplace answered something unreadable."))
    return payload


def user_errors(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [error for error in payload.get("userErrors") or [] if isinstance(error, dict)]


def refusal(errors: Sequence[Mapping[str, Any]]) -> Refused:
    """What Shopify says is wrong, as it says it."""
    said = "; ".join(str(error.get("message", "")) for error in errors)
    return Refused(_("Shopify says: %(said)s") % {"said": said[:240]})


def _trouble(errors: Any, cost: Mapping[str, Any]) -> Exception:
    if not isinstance(errors, list):  # `errors` is a text where the shop or the token is refused
        return LockedOut(_("Shopify says: %(said)s") % {"said": str(errors)[:240]})
    codes = {str(_dict(_dict(error).get("extensions")).get("code", "")) for error in errors}
    if "ACCESS_DENIED" in codes:
        return Lacking(_("The access token lacks a right: it needs to write products and inventory."))
    if codes & PASSING:
        return Passing(_("The marketplace asked us to slow down."), wait=_throttled(cost))
    return refusal([_dict(error) for error in errors])


def _throttled(cost: Mapping[str, Any]) -> float:
    status = _dict(cost.get("throttleStatus"))
    rate = _number(status.get("restoreRate"))
    missing = _number(cost.get("requestedQueryCost")) - _number(status.get("currentlyAvailable"))
    return max(missing / rate, 0.0) if rate > 0 else 0.0


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
