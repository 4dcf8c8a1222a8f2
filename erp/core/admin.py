"""People of the platform: superusers change them, auditors look."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from erp.core.models import User

# Rights come from memberships of brands and the two flags of a person; groups would promise what nothing asks.
admin.site.unregister(Group)


class PlatformAdmin(ModelAdmin):
    """Superusers change it, auditors look at it, brand owners do not see it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return user.is_active and (user.is_superuser or getattr(user, "is_auditor", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)


@admin.register(User)
class UserAdmin(PlatformAdmin, DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "is_active", "is_staff", "is_auditor", "is_superuser", "last_login")
    list_filter = ("is_active", "is_auditor", "is_superuser")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("last_name", "first_name"), "email", "language")}),
        (_("Rights on the platform"), {"fields": ("is_active", "is_auditor", "is_superuser", "is_staff")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Auditors and superusers need the admin; owners of brands get into it by their membership."""
        obj.is_staff = obj.is_staff or obj.is_auditor or obj.is_superuser
        super().save_model(request, obj, form, change)
