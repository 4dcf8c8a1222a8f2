"""API access: the pages of a person's own tokens."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from catalog.models import AccessToken
from catalog.services import revoke_token
from catalog.token_forms import TokenForm
from erp.core.api.scopes import SCOPES
from erp.core.flash import done
from erp.core.models import User


@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """A person keeps fifty at most: one page."""
    own = AccessToken.objects.visible_to(request.user).select_related("brand")
    return render(request, "catalog/tokens.html", {"tokens": own, "scopes": SCOPES.values()})


@never_cache
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The answer to the form shows the secret, this once: it is neither kept nor sent on to another page."""
    form = TokenForm(request.POST if request.method == "POST" else None, user=cast(User, request.user))
    if request.method == "POST" and form.is_valid() and (made := form.save()):
        token, secret = made
        return render(request, "catalog/token_made.html", {"token": token, "secret": secret})
    return render(request, "catalog/token_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest) -> HttpResponse:
    pk = request.POST.get("token", "")
    token = get_object_or_404(
        AccessToken.objects.visible_to(request.user), pk=pk if pk.isdecimal() and len(pk) < 18 else None
    )
    revoke_token(token=token, actor=cast(User, request.user))
    done(request, _("“%(name)s” is revoked. Nothing can use it any more.") % {"name": token.name})
    return redirect("catalog:tokens")
