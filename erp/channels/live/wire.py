"""One call to a marketplace over HTTP, and what each way of failing means."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import requests
from django.utils.translation import gettext as _

from erp.channels.live.trouble import LockedOut, Passing, Refused

TIMEOUT = (5, 20)  # to connect, between two bytes
MOST_SECONDS = 25  # for the whole answer
MOST_BYTES = 20 * 1024 * 1024
CHUNK = 64 * 1024


def post_json(session: requests.Session, url: str, payload: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    """The answer's JSON object. Raises a Trouble for everything else."""
    try:
        with session.post(
            url, json=payload, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            _look_at(answer)
            body = _read(answer)
    except requests.Timeout as error:
        raise Passing(_("The marketplace did not answer in time.")) from error
    except requests.RequestException as error:
        raise Passing(_("The marketplace cannot be reached, or broke off.")) from error
    return _object(body)


def _look_at(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 429:
        raise Passing(_("The marketplace asked us to slow down."), wait=_seconds(answer.headers.get("Retry-After", "")))
    if status >= 500:
        words = _("The marketplace has a problem of its own (%(status)s).") % {"status": status}
        raise Passing(words, wait=_seconds(answer.headers.get("Retry-After", "")))
    if status in (401, 403):
        raise LockedOut(_("The marketplace does not take this access token. Enter a new one."))
    if status in (402, 404, 423) or 300 <= status < 400:
        words = _("There is no open shop at this address (%(status)s). Check the connection.") % {"status": status}
        raise LockedOut(words)
    if status >= 400:
        raise Refused(_("The marketplace did not understand us (%(status)s).") % {"status": status})


def _read(answer: requests.Response) -> bytes:
    parts: list[bytes] = []
    size, end = 0, time.monotonic() + MOST_SECONDS
    for part in answer.iter_content(CHUNK):
        size += len(part)
        if size > MOST_BYTES:
            raise Refused(_("The marketplace answered more than we take."))
        if time.monotonic() > end:
            raise Passing(_("The marketplace did not answer in time."))
        parts.append(part)
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Passing(_("The marketplace answered something unreadable.")) from error
    if not isinstance(found, dict):
        raise Passing(_("The marketplace answered something unreadable."))
    return found


def _seconds(text: str) -> float:
    """Retry-After in seconds; a date, or nothing, is left to our own backoff."""
    try:
        return min(max(float(text), 0.0), 3_600.0)
    except ValueError:
        return 0.0
