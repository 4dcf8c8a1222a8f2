"""Who changed what, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from catalog.admin_base import BrandFilter, ReadOnlyAdmin
from catalog.audit.words import in_words, who
from catalog.models import Change

# The library registers the model for whoever has Django's permission on it.
admin.site.unregister(Change)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("timestamp", "object_repr", "content_type", "action", "by", "brand")
    list_filter = (BrandFilter, "action")
    list_select_related = ("brand", "content_type")
    paginator = InfinitePaginator
    search_fields = ("pk",)
    search_help_text = _("A whole user name")
    fields = (("brand", "action"), ("content_type", "object_repr", "object_pk"), ("by", "timestamp"), "told")
    readonly_fields = ("by", "told")

    def get_queryset(self, request: HttpRequest) -> Any:
        seen: Any = super().get_queryset(request)
        return seen.visible_to(request.user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        return (queryset.filter(actor__username=term) if term else queryset), False

    @display(description=_("By"))
    def by(self, change: Change) -> str:
        return who(change)

    @display(description=_("Changes"))
    def told(self, change: Change) -> str:
        lines = [(field.label, field.before, field.after) for field in in_words([change])[0].fields]
        return format_html_join("", "<p><b>{}</b>: {} → {}</p>", lines)
