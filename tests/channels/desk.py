"""A logged-in person's browser on the pages of channels."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def browser(user: Any, language: str = "en") -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


def url(shop: Any, name: str, *args: Any) -> str:
    return reverse(f"channels:{name}", args=[shop.slug, *args])


def text(answer: Any) -> str:
    return answer.content.decode()
