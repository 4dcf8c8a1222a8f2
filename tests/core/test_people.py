"""Names of people."""

import pytest

from erp.core.models import User


@pytest.mark.parametrize(
    ("family", "given", "shown"),
    [("한", "지우", "한지우"), ("Yoon", "Sena", "Sena Yoon"), ("", "지우", "지우"), ("", "", "")],
)
def test_a_korean_name_begins_with_the_family_name(family: str, given: str, shown: str) -> None:
    assert User(last_name=family, first_name=given).get_full_name() == shown
