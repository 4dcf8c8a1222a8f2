"""Bodies of a bounded size: a request that is too large is refused before it fills the memory."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers
from rest_framework.exceptions import APIException, ParseError

# What is read and thrown away, so that the client finishes sending and sees the answer instead of a broken connection.
DRAIN_LIMIT = 64 * 1024 * 1024
CHUNK = 64 * 1024
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The request is larger than is taken in.")


class JSONParser(parsers.BaseParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes.

    No subclass of REST framework's, for which the body would be read before its size is looked at.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        refuse_larger_than(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, stream, parser_context)
        body = stream.read()
        try:
            data = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
            if SURROGATE.search(body):  # half a character: no database stores it
                json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("This is not JSON: %(reason)s") % {"reason": error}) from error
        return data


class UploadParser(parsers.MultiPartParser):
    """A form with files, of at most UPLOAD_MAX_BYTES in all."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        refuse_larger_than(settings.UPLOAD_MAX_BYTES, stream, parser_context)
        return super().parse(stream, media_type, parser_context)


def refuse_larger_than(limit: int, stream: Any, context: Mapping[str, Any] | None) -> None:
    """Raises TooLarge by the announced size; nothing of the body is kept."""
    meta = context["request"].META if context else {}
    announced = meta.get("CONTENT_LENGTH") or "0"
    size = int(announced) if announced.isdecimal() else 0
    if size <= limit:
        return
    left = min(size, DRAIN_LIMIT)
    while left > 0 and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
    message = _("The request has %(size)s MB; at most %(limit)s MB are taken.")
    raise TooLarge(message % {"size": round(size / 1048576, 1), "limit": limit // 1048576})


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
