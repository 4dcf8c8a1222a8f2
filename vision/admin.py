"""The admin of photo analysis: its states, people's answers, and which model serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from catalog.access import Right
from catalog.admin.products import picture
from catalog.admin_base import BrandFilter, ReadOnlyAdmin, person, tell
from erp.core.errors import DomainError
from vision.exports import corrections_csv
from vision.messages import error_message
from vision.models import Analysis, Correction, ModelVersion
from vision.selectors import PREFILL
from vision.services import activate_model, pin_model, retry_analysis, roll_back, unpin_model

STATE_LABELS = {"queued": "info", "running": "info", "done": "success", "failed": "danger"}


def percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    brand_path = "image__product__brand"
    list_display = ("photo", "product", "status", "category", "pattern", "model_version", "attempts", "created_at")
    list_display_links = ("photo", "product")
    list_filter = (BrandFilter, "state", "model_version")
    list_select_related = ("image__product__brand", "model_version")
    search_fields = ("image__product__style_number", "image__product__name_ko", "image__product__name_en")
    actions = ("analyse_again",)
    fields = (
        ("photo", "product"),
        ("status", "reason"),
        ("category", "pattern"),
        ("model_version", "attempts", "worker"),
        ("started_at", "finished_at"),
        "result",
    )

    def has_retry_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, Right.WORK, obj)

    @admin.action(description=_("Analyse again"), permissions=["retry"])
    def analyse_again(self, request: HttpRequest, queryset: QuerySet[Analysis]) -> None:
        """Offered to who may work in some brand; done in those brands only."""
        mine = [analysis for analysis in queryset if self.has_retry_permission(request, analysis)]
        for analysis in mine:
            retry_analysis(image=analysis.image)
        text = ngettext("%(count)s photo is analysed again.", "%(count)s photos are analysed again.", len(mine))
        messages.success(request, text % {"count": len(mine)})

    @display(description=_("Photo"))
    def photo(self, analysis: Analysis) -> str:
        return picture(analysis.image, analysis.image.product.brand.slug)

    @display(description=_("Product"))
    def product(self, analysis: Analysis) -> str:
        return str(analysis.image.product)

    @display(description=_("State"), label=STATE_LABELS, ordering="state")
    def status(self, analysis: Analysis) -> tuple[str, str]:
        return analysis.state, analysis.get_state_display()

    @display(description=_("Reason"))
    def reason(self, analysis: Analysis) -> str:
        return error_message(analysis.error_code)

    @display(description=_("Category"))
    def category(self, analysis: Analysis) -> str:
        return answer(analysis, "category")

    @display(description=_("Pattern"))
    def pattern(self, analysis: Analysis) -> str:
        return answer(analysis, "pattern")


def answer(analysis: Analysis, task: str) -> str:
    """What the model said, as the label of the vocabulary."""
    said = analysis.result.get(task)
    return f"{said['label']} {percent(said['confidence'])}" if said else ""


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """What people answered to the suggestions."""

    list_display = (
        "created_at",
        "photo",
        "task",
        "suggested",
        "confident",
        "label",
        "accepted",
        "actor",
        "model_version",
    )
    list_filter = (BrandFilter, "task", "accepted", "decision", "model_version")
    list_select_related = ("brand", "analysis__image__product", "actor", "model_version")
    search_fields = ("label", "suggested", "actor__username", "analysis__image__product__style_number")
    date_hierarchy = "created_at"
    actions = ("export",)

    @admin.action(description=_("Export as CSV"))
    def export(self, request: HttpRequest, queryset: QuerySet[Correction]) -> StreamingHttpResponse:
        return corrections_csv(queryset)

    @display(description=_("Photo"))
    def photo(self, correction: Correction) -> str:
        return picture(correction.analysis.image, correction.brand.slug) if correction.analysis else ""

    @display(description=_("Confidence"), ordering="confidence")
    def confident(self, correction: Correction) -> str:
        return percent(correction.confidence)


@admin.register(ModelVersion)
class ModelVersionAdmin(ModelAdmin):
    """Models are added with `manage.py register_model`; the platform's own people choose the one that serves."""

    list_display = ("name", "is_active", "is_pinned", "activated_at", "filled_in_rightly", "trouble", "created_at")
    actions_list = ("figures", "roll_back")
    actions_row = actions_detail = ("activate", "pin", "unpin")
    fields = (
        "name", "is_active", "activated_at", "pinned_at", "pinned_by", "problem", "folder", "sha256", "card",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        filled_in = Q(corrections__decision=PREFILL)
        return (
            super()
            .get_queryset(request)
            .annotate(
                filled_in=Count("corrections", filter=filled_in),
                confirmed=Count("corrections", filter=filled_in & Q(corrections__accepted=True)),
            )
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.is_active and (user.is_superuser or getattr(user, "is_auditor", False)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_activate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_superuser)

    def has_figures_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    @action(description=_("How often they are right"), permissions=["figures"], icon="monitoring")
    def figures(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("vision:maintainer"))

    @action(
        description=_("Activate"),
        permissions=["activate"],
        icon="published_with_changes",
        dialog={
            "title": _("Let this model answer?"),
            "description": _("Workers take it up at their next photo. To go back, roll back."),
            "form_submit_text": _("Activate"),
        },
    )
    def activate(self, request: HttpRequest, form: Any, object_id: Any) -> HttpResponse:
        return self._told_of(request, object_id, activate_model, _("%(name)s answers from now on."))

    @action(
        description=_("Pin"),
        permissions=["activate"],
        icon="keep",
        dialog={
            "title": _("Keep to this model?"),
            "description": _("It answers until somebody unpins it: no upgrade and no other choice takes its place."),
            "form_submit_text": _("Pin"),
        },
    )
    def pin(self, request: HttpRequest, form: Any, object_id: Any) -> HttpResponse:
        return self._told_of(request, object_id, pin_model, _("%(name)s is pinned."))

    @action(
        description=_("Unpin"),
        permissions=["activate"],
        icon="keep_off",
        dialog={
            "title": _("Let other models take its place again?"),
            "description": _("It goes on answering until another one is activated or comes with an upgrade."),
            "form_submit_text": _("Unpin"),
        },
    )
    def unpin(self, request: HttpRequest, form: Any, object_id: Any) -> HttpResponse:
        return self._told_of(request, object_id, unpin_model, _("%(name)s is no longer pinned."))

    @action(
        description=_("Roll back"),
        permissions=["activate"],
        icon="undo",
        dialog={
            "title": _("Go back to the model before?"),
            "description": _("The one that was active before the present one answers again, from the next photo on."),
            "form_submit_text": _("Roll back"),
        },
    )
    def roll_back(self, request: HttpRequest, form: Any) -> HttpResponse:
        return self._told(request, lambda: roll_back(actor=person(request)), _("%(name)s answers from now on."))

    def _told_of(
        self, request: HttpRequest, object_id: Any, act: Callable[..., ModelVersion], said: Any
    ) -> HttpResponse:
        """What a service does with one version."""
        version = get_object_or_404(ModelVersion, pk=object_id)
        return self._told(request, lambda: act(version=version, actor=person(request)), said)

    def _told(self, request: HttpRequest, act: Callable[[], ModelVersion], said: Any) -> HttpResponse:
        """Back to the list with what was done, or why it was not."""
        try:
            version = act()
        except DomainError as refusal:
            tell(request, refusal)
        else:
            messages.success(request, said % {"name": version.name})
        return HttpResponseRedirect(reverse("admin:vision_modelversion_changelist"))

    @display(description=_("Pinned"), boolean=True, ordering="pinned_at")
    def is_pinned(self, version: ModelVersion) -> bool:
        return version.pinned_at is not None

    @display(description=_("Problem"))
    def trouble(self, version: ModelVersion) -> str:
        return version.problem[:200]

    @display(description=_("Right when filled in"))
    def filled_in_rightly(self, version: Any) -> str:
        """Of the answers that were filled in and that a person then saved, how many stayed as they were."""
        if not version.filled_in:
            return ""
        values = {"share": percent(version.confirmed / version.filled_in), "count": version.filled_in}
        return _("%(share)s of %(count)s") % values
