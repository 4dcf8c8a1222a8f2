"""The form that makes a personal token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import AccessToken, Brand
from catalog.services import create_token
from erp.core.api.scopes import SCOPES
from erp.core.errors import DomainError
from erp.core.models import User

LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("For ever"))]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"), max_length=60,
        help_text=_("You will recognise it by this later, e.g. “Stock sync of the web shop”."),
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("How long may it be used?"), choices=LIVES, initial="90", required=False, coerce=int, empty_value=None,
        help_text=_("After that it opens nothing any more, and you make a new one."),
    )  # fmt: skip
    brand = forms.ModelChoiceField(
        label=_("Only one brand?"), queryset=Brand.objects.none(), required=False, to_field_name="slug",
        empty_label=_("All my brands"), help_text=_("Limited to one brand, it sees nothing of any other."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(scope.name, scope.opens) for scope in SCOPES.values()],
        error_messages={"required": _("Choose at least one thing that the token may do.")},
        help_text=_("Choose as little as it needs. It never opens more than you may do yourself."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        brands: Any = self.fields["brand"]
        brands.queryset = Brand.objects.visible_to(user)

    def save(self) -> tuple[AccessToken, str] | None:
        """The token and its secret; None: refused, and the form says why."""
        try:
            return create_token(actor=self.user, **self.cleaned_data)
        except DomainError as error:
            for problem in error.problems:
                self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
            return None
