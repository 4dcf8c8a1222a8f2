"""ETag, If-None-Match and If-Match: what is unchanged is not sent again, what somebody changed is not written over.

A tag has two parts: the version of the row, and the representation. A copy is fresh while both are the same; an edit is
refused only when the row itself is another one, also where the tag came with some of its fields or in another language.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from erp.core.errors import DomainError

EDITS = frozenset({"PUT", "PATCH", "DELETE"})


def version_of(row: Any) -> str:
    """Another one whenever a column of the row is another, by whatever means it was written."""
    values = [row._meta.label, *(str(getattr(row, field.attname)) for field in row._meta.concrete_fields)]
    return sha256(json.dumps(values).encode()).hexdigest()[:24]


def etag_of(row: Any, data: Any) -> str:
    """The strong tag of an answer that shows a row."""
    return f'"{version_of(row)}-{sha256(JSONRenderer().render(data)).hexdigest()[:24]}"'


def is_fresh(header: str, etag: str) -> bool:
    """Does the client hold this answer already? Compared weakly, as RFC 9110 says of If-None-Match."""
    held = parse_etags(header)
    return held == ["*"] or etag in [tag.removeprefix("W/") for tag in held]


def refuse_changed(header: str, row: Any) -> None:
    """Raises 412 `changed_meanwhile` unless If-Match names the version of the row, which the caller has locked.

    A proxy that compresses marks tags as weak; the version in them is the same.
    """
    held = parse_etags(header)
    if held == ["*"]:
        return
    versions = {tag.removeprefix("W/").strip('"').partition("-")[0] for tag in held}
    if version_of(row) not in versions:
        message = _("Somebody changed this since you loaded it. Load it again, and repeat your change.")
        raise DomainError("changed_meanwhile", message, status=412)


def tagged(response: Response, row: Any, header: str | None) -> Response:
    """The answer with its tag; 304 without a body where the client holds it."""
    etag = etag_of(row, response.data)
    if header and is_fresh(header, etag):
        return Response(status=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return response
