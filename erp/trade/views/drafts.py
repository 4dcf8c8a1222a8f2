"""What an entry page does by itself: it looks up a code, or is drawn again with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.pages import BrandRequest
from erp.inventory.lookup import Found, look_up
from erp.inventory.views.entry import ready


def drafted_form(request: BrandRequest, form_of: Callable[[list[int]], Any]) -> tuple[Any, Found | None]:
    """The form with one more product and a scanned piece counted up, or the products that words fit."""
    found = None
    if request.POST.get("action") == "find" and request.POST.get("code", "").strip():
        found = look_up(request.brand, request.POST["code"])
        if scanned := ready(found):
            form = form_of([scanned.product_id])
            form.sheet.count_up(scanned.pk)
            return form, None
    return form_of([]), found
