"""A PDF as the answer to a request."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from django.http import HttpResponse


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """Shown in the browser, saved under `filename`: older clients read its plain letters, the others all of it."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "", unicodedata.normalize("NFC", filename)).strip() or "file.pdf"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "file.pdf"
    if not plain.endswith(".pdf") or plain == "pdf":
        plain = "file.pdf"
    headers = {
        "Content-Disposition": f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
