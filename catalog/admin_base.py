"""The admin of everything that belongs to a brand: who sees which rows, and writes that pass through the services.

The admin opens with `is_staff`, which `sync_admin_access` keeps for owners, auditors and superusers. What it then
allows follows from `catalog.access`, not from Django's permission tables: VIEW to look, MANAGE to change.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from catalog.access import Right, rights_in, rights_of_role
from catalog.models import Brand, Membership, Role, Size, SizeRun
from catalog.querysets import scoped
from catalog.services.saving import save_clean
from erp.core.errors import DomainError
from erp.core.models import User


def rights_anywhere(request: HttpRequest) -> frozenset[Right]:
    """What the person may do in at least one brand. Asked once a request."""
    if not hasattr(request, "admin_rights_anywhere"):
        user: Any = request.user
        roles: list[str | None] = [None]
        if user.is_authenticated and not user.is_superuser:
            roles += Membership.objects.filter(user=user).values_list("role", flat=True).distinct()
        request.admin_rights_anywhere = frozenset().union(*(rights_of_role(user, role) for role in roles))  # type: ignore[attr-defined]
    return request.admin_rights_anywhere  # type: ignore[attr-defined]


def person(request: HttpRequest) -> User:
    """Whoever is logged in; the admin lets nobody else through."""
    return cast(User, request.user)


def managed_brands(user: Any) -> QuerySet[Brand]:
    """The brands that a person may change things in."""
    if user.is_superuser:
        return Brand.objects.all()
    return Brand.objects.filter(memberships__user=user, memberships__role=Role.OWNER)


def choices_of(model: type[Model], user: Any) -> QuerySet[Any]:
    """What a person may choose from in a form: their brands' rows and the platform's."""
    manager = model._default_manager
    if model is Brand:
        return managed_brands(user)
    if model is Size:
        return Size.objects.filter(run__in=SizeRun.objects.visible_to(user))
    if hasattr(manager, "visible_to"):
        return manager.visible_to(user)
    # Tables of the platform, such as categories, are for everybody; people are not a list to choose from.
    return manager.all() if user.is_superuser or model._meta.app_label == "catalog" else manager.none()


class ScopedChoices:
    """Choice fields offer, and take, only what the person may see."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", choices_of(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class BrandFilter(admin.SimpleListFilter):
    """The brands of the person, not everybody's; hidden while there is one."""

    title = _("brand")
    parameter_name = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.path = f"{model_admin.brand_path}__slug"
        return [(brand.slug, brand.name) for brand in Brand.objects.visible_to(request.user)[:200]]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class BrandScopedAdmin(ScopedChoices, ModelAdmin):
    """Rows of the person's brands. `brand_path` is the lookup from a row to its brand; "" where the row is a brand."""

    brand_path = "brand"
    list_per_page = 50
    show_full_result_count = False
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return scoped(super().get_queryset(request), request.user, self.brand_path or "pk")

    def brand_of(self, row: Any) -> Brand | None:
        """None: a row of the platform."""
        for name in filter(None, self.brand_path.split("__")):
            row = getattr(row, name)
        return row

    def allows(self, request: HttpRequest, right: Right, row: Any = None) -> bool:
        """Whether the person has the right in the row's brand, or without a row in any brand."""
        if row is None:
            return right in rights_anywhere(request)
        brand = self.brand_of(row)
        if brand is None:
            return bool(getattr(request.user, "is_superuser", False)) or right is Right.VIEW
        known = request.__dict__.setdefault("admin_rights", {})
        if brand.pk not in known:
            known[brand.pk] = rights_in(request.user, brand)
        return right in known[brand.pk]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, Right.VIEW, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, Right.MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, Right.MANAGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, Right.MANAGE, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays in its brand."""
        fixed = ("brand",) if obj is not None and self.brand_path == "brand" else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who works for one brand need not choose it."""
        brands = list(managed_brands(request.user)[:2])
        only = {"brand": str(brands[0].pk)} if len(brands) == 1 else {}
        return only | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saves what a form holds. Models with a service override this; a DomainError goes back into the form."""
        # All constraints once more: a form leaves out those that name a field it does not show, such as the brand.
        save_clean(obj)

    def remove(self, request: HttpRequest, obj: Any) -> None:
        """Deletes one row, through its service where there is one."""
        obj.delete()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        self.write(request, obj, form, change)
        for action in self.get_actions_submit_line(request, obj.pk):
            if action.action_name in request.POST:
                action.method(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.remove(request, row)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal: DomainError | None = getattr(request, "admin_refusal", None)
        return form if refusal is None else refused_form(form, refusal)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            # Everything was rolled back. The same form is shown again: what was typed, and why it was refused.
            request.admin_refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except DomainError as refusal:
            return tell(request, refusal)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except DomainError as refusal:
            return tell(request, refusal)


def tell(request: HttpRequest, refusal: DomainError) -> HttpResponseRedirect:
    """Back to the same page with the reasons on top of it."""
    for message in [problem.message for problem in refusal.problems] or [refusal.message]:
        messages.error(request, message)
    return HttpResponseRedirect(request.get_full_path())


def refused_form(form: Any, refusal: DomainError) -> Any:
    """The form's class with the reasons of a refusal as errors of its fields."""

    class RefusedForm(form):
        def clean(self) -> Any:
            cleaned = super().clean()
            for problem in refusal.problems:
                self.add_error(problem.field if problem.field in self.fields else None, problem.message)
            if not refusal.problems:
                self.add_error(None, refusal.message)
            return cleaned

    return RefusedForm


class ReadOnlyAdmin(BrandScopedAdmin):
    """To look at only, for superusers too."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BrandScopedInline(ScopedChoices, TabularInline):
    """Rows inside the page of their parent, with the rights that the person has on the parent."""

    extra = 0
    can_add = True

    def _parent(self) -> BrandScopedAdmin:
        return self.admin_site._registry[self.parent_model]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_add and self._parent().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and self._parent().has_change_permission(request, obj)
