"""Messages shown once, on the next page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest


def done(request: HttpRequest, text: Any, *, undo: str = "") -> None:
    """Says what changed; `undo` is the address whose POST reverses it, offered as a button."""
    messages.success(request, text, extra_tags=undo)
