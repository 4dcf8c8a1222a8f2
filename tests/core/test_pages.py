"""What every answer carries, and pages that belong to no brand."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from erp.core.errors import DomainError, Problem
from erp.core.middleware import ContentSecurityPolicyMiddleware, DomainErrorMiddleware


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@pytest.mark.django_db
def test_health_answers_while_the_database_does(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert response.json() == {"status": "ok"}


@pytest.mark.parametrize(("path", "relaxed"), [("/", False), ("/login/", False), ("/admin/catalog/", True)])
def test_only_the_admin_may_run_inline_scripts(path, relaxed) -> None:
    policy = ContentSecurityPolicyMiddleware(answer)(RequestFactory().get(path))["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert ("'unsafe-inline'" in scripts) is relaxed
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_stricter_policy_of_a_view_is_kept() -> None:
    def strict(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    assert ContentSecurityPolicyMiddleware(strict)(RequestFactory().get("/"))["Content-Security-Policy"] == "sandbox"


@pytest.mark.django_db
def test_a_refusal_that_no_form_caught_is_a_page_with_its_reasons() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    error = DomainError("refused", "Nothing was posted.", [Problem("few", "<b>Only 2 are left.")], status=409)
    response = DomainErrorMiddleware(answer).process_exception(request, error)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Nothing was posted." in page
    assert "&lt;b&gt;Only 2 are left." in page
    assert DomainErrorMiddleware(answer).process_exception(request, SuspiciousOperation()) is None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "login"])
def test_pages_are_not_framed_sniffed_or_leaked(name, client: Client) -> None:
    response = client.get(reverse(name))
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Content-Security-Policy"]
