"""The maintainer's pages: superusers act, auditors read, to everybody else they do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from erp.core.errors import DomainError, NotAllowed
from erp.core.flash import done
from erp.core.models import User
from vision import services
from vision.maintainer import versions
from vision.maintainer.counting import answers_in
from vision.maintainer.periods import PARTS, Period, days_of
from vision.maintainer.shown import TASK_NAMES, names_of, overview, task_of
from vision.models import ModelVersion

PHOTOS_A_PAGE = 48


class MaintainerRequest(HttpRequest):
    """A request of someone who may look after the models."""

    user: User


def maintainer_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For superusers and auditors; what changes something is for superusers alone."""

    @login_required
    @wraps(view)
    def page(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_superuser or request.user.is_auditor):
            raise Http404
        return view(request, *args, **kwargs)

    return page


def acting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST of a superuser; a refusal is told on the page."""

    @maintainer_page
    @require_POST
    @wraps(view)
    def page(request: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise NotAllowed
        try:
            return view(request)
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        return redirect("vision:maintainer")

    return page


@require_safe
@maintainer_page
def maintainer(request: MaintainerRequest) -> HttpResponse:
    days, task = days_of(request.GET.get("days")), task_of(request.GET.get("task"))
    trainings = versions.training_rows()
    context = {
        "view": overview(request.user, days, task),
        "days": days,
        "periods": list(PARTS),
        "tasks": TASK_NAMES.items(),
        "task": task,
        "versions": versions.version_rows(),
        "before": versions.before(),
        "trainings": trainings,
        "is_training": any(row.retraining.state == "running" for row in trainings),
        "can_act": request.user.is_superuser,
    }
    return render(request, "vision/maintainer/page.html", context)


@require_safe
@maintainer_page
def answers(request: MaintainerRequest) -> HttpResponse:
    """The photos behind a cell of the matrix: `label` people said, `suggested` the model had."""
    days, task = days_of(request.GET.get("days")), task_of(request.GET.get("task"))
    names = names_of(task)
    label, suggested = request.GET.get("label", ""), request.GET.get("suggested", "")
    # The same moments as the counts that led here, but for the few minutes that those are kept.
    found = answers_in(request.user, Period.ending_now(days)).filter(task=task)
    if label:
        found = found.filter(label=label)
    if suggested:
        found = found.filter(suggested=suggested)
    rows = found.select_related("brand", "analysis__image__product", "model_version").order_by("-pk")
    context = {
        "page_obj": Paginator(rows, PHOTOS_A_PAGE).get_page(request.GET.get("page")),
        "days": days,
        "task": task,
        "task_name": TASK_NAMES[task],
        "label": names.get(label, label),
        "suggested": names.get(suggested, suggested),
        "names": names,
    }
    return render(request, "vision/maintainer/answers.html", context)


@acting
def activate(request: MaintainerRequest) -> HttpResponse:
    version = services.activate_model(version=_chosen(request), actor=request.user)
    done(request, _("%(name)s answers from now on.") % {"name": version.name})
    return redirect("vision:maintainer")


@acting
def roll_back(request: MaintainerRequest) -> HttpResponse:
    version = services.roll_back(actor=request.user)
    done(request, _("%(name)s answers from now on.") % {"name": version.name})
    return redirect("vision:maintainer")


@acting
def retrain(request: MaintainerRequest) -> HttpResponse:
    services.ask_for_retraining(actor=request.user)
    done(request, _("A worker takes the training up. The candidate will stand here when it is done."))
    return redirect("vision:maintainer")


def _chosen(request: HttpRequest) -> ModelVersion:
    pk = request.POST.get("version", "")
    return get_object_or_404(ModelVersion, pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0)
