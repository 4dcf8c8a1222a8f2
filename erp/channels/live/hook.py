"""One delivery of a webhook over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from erp.channels.live.guard import Forbidden, check_url, post
from erp.channels.signing import sign

TIMEOUT = (5, 10)
MOST_SECONDS = 15
MOST_BYTES = 4_096
KEPT = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is None where nothing answered; `problem` is blank where the delivery was taken."""

    status: int | None
    milliseconds: int
    answer: str
    problem: str


def body_of(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def deliver(*, url: str, key: str, name: str, event: str, body: bytes) -> Outcome:
    """Sends it once. Whatever comes of it is an Outcome; nothing is raised for what the other side does."""
    start = time.monotonic()
    end = start + MOST_SECONDS
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Jangbu-Webhooks/1",
        "Webhook-Id": name,
        "Webhook-Event": event,
        "Webhook-Timestamp": str(int(time.time())),
        "Webhook-Signature": sign(key, body),
    }
    status: int | None = None
    answer = problem = ""
    try:
        check_url(url)
        with post(url, body=body, headers=headers, timeout=TIMEOUT, end=end) as given:
            status = given.status_code
            answer = _beginning(given, end)
        problem = _problem(status)
    except Forbidden as error:
        problem = str(error)
    except requests.Timeout:
        problem = _("No answer in time.")
    except (requests.RequestException, OSError) as error:
        problem = _("The address cannot be reached (%(reason)s).") % {"reason": type(error).__name__}
    return Outcome(status, round((time.monotonic() - start) * 1000), answer, problem)


def _problem(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("It answers with a redirection (%(status)s). Enter the address it leads to.") % {"status": status}
    return _("It answers %(status)s instead of 200.") % {"status": status}


def _beginning(given: requests.Response, end: float) -> str:
    """The first signs of the answer. One that trickles is not waited for, and one that breaks off has said its code."""
    parts = b""
    with suppress(HTTPError, OSError):
        while len(parts) < MOST_BYTES and time.monotonic() < end:
            part = given.raw.read1(MOST_BYTES - len(parts))
            if not part:
                break
            parts += part
    return parts.decode("utf-8", "replace").replace("\0", "")[:KEPT]
