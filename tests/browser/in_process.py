"""Chromium against the test's own database: requests of the page are answered by Django's test client, in process."""

from __future__ import annotations

from contextvars import copy_context
from html import escape
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route

ORIGIN = "http://shop.test"
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def answer_with(page: Page, client: Client) -> None:
    """Every request of `page` goes to `client`; static files come from the finders."""
    # Playwright answers in a greenlet of its own; Django finds its connection, and the test's transaction, by context.
    context = copy_context()

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path.startswith("/static/"):
            found = finders.find(address.path.removeprefix("/static/"))
            kind = TYPES.get(address.path.rsplit(".", 1)[-1], "application/octet-stream")
            return route.fulfill(path=found, content_type=kind) if found else route.fulfill(status=404)
        path = f"{address.path}?{address.query}"
        if route.request.method == "POST":
            content_type = route.request.headers.get("content-type", "")
            response = context.run(client.post, path, route.request.post_data_buffer or b"", content_type=content_type)
        else:
            response = context.run(client.get, path)
        if response.status_code in (301, 302, 303):
            # The browser would follow past this route, so the page goes there by itself.
            target = escape(response["Location"])
            body = f'<!doctype html><meta http-equiv="refresh" content="0;url={target}">'
            return route.fulfill(body=body, content_type="text/html")
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        return route.fulfill(status=response.status_code, headers=headers, body=response.getvalue())

    page.route("**/*", answer)
