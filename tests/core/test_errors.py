"""The one shape of a refusal."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from erp.core.errors import DomainError, NotAllowed, Problem, from_validation


def test_a_refusal_says_where_and_why_and_leaves_out_what_it_does_not_know() -> None:
    problems = [Problem("too_few", "Only 2 are left.", field="quantity", line=3), Problem("odd", "Odd.")]
    error = DomainError("refused", "Not posted.", problems, status=409)
    assert error.as_dict() == {
        "code": "refused",
        "message": "Not posted.",
        "errors": [
            {"field": "quantity", "line": 3, "code": "too_few", "message": "Only 2 are left."},
            {"code": "odd", "message": "Odd."},
        ],
    }
    assert (str(error), error.status) == ("Not posted.", 409)


def test_lazy_messages_become_text() -> None:
    error = DomainError("x", gettext_lazy("Name"), [Problem("x", gettext_lazy("Name"))])  # type: ignore[arg-type]
    assert all(type(text) is str for text in (error.as_dict()["message"], error.as_dict()["errors"][0]["message"]))


def test_a_role_that_does_not_suffice_is_403() -> None:
    assert (NotAllowed().code, NotAllowed().status) == ("not_allowed", 403)


def test_every_message_of_a_validation_becomes_a_problem() -> None:
    error = from_validation(
        ValidationError(
            {
                "sku": [ValidationError("Taken: %(sku)s", "unique", {"sku": "A"}), ValidationError("Too long")],
                "__all__": ValidationError("Together they are wrong.", "together"),
            }
        )
    )
    assert error.code == "invalid"
    assert [(p.field, p.code, p.message) for p in error.problems] == [
        ("sku", "unique", "Taken: A"),
        ("sku", "invalid", "Too long"),
        (None, "together", "Together they are wrong."),
    ]


def test_a_validation_without_fields() -> None:
    assert [(p.field, p.message) for p in from_validation(ValidationError(["One", "Two"])).problems] == [
        (None, "One"),
        (None, "Two"),
    ]
