"""Steps that browser tests and the screenshots share."""

from __future__ import annotations

from playwright.sync_api import Page


def log_in(page: Page, address: str, username: str) -> None:
    """Logs in with a demonstration account."""
    page.goto(f"{address}/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(f"jangbu-{username}")
    page.locator("form:has([name=password]) button").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def speak(page: Page, address: str, language: str) -> None:
    """Chooses the language of the pages, ko or en."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
