"""Fibres and care as garments' labels say them, in a channel's language: what the brand wrote once, in its own."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

# A word of its own: digits, signs and spaces part words, letters do not.
_WHOLE = r"(?<![^\W\d_])(?:{})(?![^\W\d_])"


def terms_in(text: str, language: str) -> str:
    """The known terms of a text in another language, such as "면 98%, 폴리우레탄 2%" as "Cotton 98%, polyurethane 2%".
    What is not known stays as it was written."""
    pattern, found = _terms(language)
    told = pattern.sub(lambda match: found[match[0].casefold()], text)
    return told[:1].upper() + told[1:] if language == "en" and told != text else told


@cache
def _terms(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the terms of the other languages, the longest first, and each one's name in this one."""
    rows = json.loads(Path(__file__).with_name("terms.json").read_text(encoding="utf-8"))
    found = {
        form.casefold(): forms[language][0]
        for forms in rows
        for other in forms
        if other != language
        for form in forms[other]
    }
    longest = sorted(found, key=len, reverse=True)
    return re.compile(_WHOLE.format("|".join(map(re.escape, longest))), re.IGNORECASE), found
