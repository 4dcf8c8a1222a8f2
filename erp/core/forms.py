"""The log-in form."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Says plainly what to check, without telling which of the two was wrong."""

    error_messages = {
        "invalid_login": _("This name and password do not match. Check both; capitals count."),
        "inactive": _("This account is closed. Ask your brand's owner."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs["autocapitalize"] = "none"
