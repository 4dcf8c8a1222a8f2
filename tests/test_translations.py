"""Every text a person reads has its Korean, and every text is found by those who collect them."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
import pytest
import rest_framework
import unfold
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale/ko/LC_MESSAGES/django.po"
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ 0#]*[\d.]*[a-zA-Z]|%[sd]|%%|\{\w*\}|#(?= photos)|#(?=장)")
# A particle right after a placeholder: whether it fits depends on the word that comes.
PARTICLE = re.compile(r"(?:%\(\w+\)[sd]|\{\w+\})[”’\"']?(?:을|를|이|가|은|는|와|과|으로|로)(?=[\s.,]|$)")
HANGUL = re.compile("[가-힣]")


class Key(NamedTuple):
    context: str | None
    text: str


class Text(NamedTuple):
    plural: str | None
    place: str


def python_files() -> Iterator[Path]:
    for folder in ("erp", "catalog", "vision"):
        yield from (ROOT / folder).rglob("*.py")


def sources() -> Iterator[tuple[Path, str]]:
    for path in python_files():
        yield path, path.read_text()
    for path in (ROOT / "templates").rglob("*.*"):
        yield path, templatize(path.read_text(), str(path))


def used_texts() -> dict[Key, Text]:
    """Every msgid in the code and the templates, with a place it is used."""
    found: dict[Key, Text] = {}
    for path, source in sources():
        for line, message, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
            texts = message if isinstance(message, tuple) else (message,)
            if texts[0]:
                plural = texts[1] if len(texts) > 1 else None
                found[Key(context, texts[0])] = Text(plural, f"{path.relative_to(ROOT)}:{line}")
    return found


@pytest.fixture(scope="module")
def used() -> dict[Key, Text]:
    return used_texts()


@pytest.fixture(scope="module")
def messages() -> list:
    with PO.open("rb") as file:
        return [message for message in read_po(file, locale="ko") if message.id]


@pytest.fixture(scope="module")
def korean(messages) -> dict[Key, str]:
    """The Korean of each text that is translated for certain."""
    found = {}
    for message in messages:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if not message.fuzzy:
            found[Key(message.context, ids[0])] = strings[0]
    return found


def test_every_text_has_its_korean(used, korean) -> None:
    missing = {key: text.place for key, text in used.items() if not korean.get(key)}
    assert missing == {}


def test_no_text_is_left_over_from_something_removed(used, korean) -> None:
    assert sorted(key.text for key in korean if key not in used) == []


def test_counted_texts_have_the_one_form_that_korean_has(used, messages) -> None:
    """A text counted in one place and not in another would clash, and Korean has no plural."""
    counted = {Key(m.context, m.id[0]): (m.id[1], len(m.string)) for m in messages if isinstance(m.id, tuple)}
    assert counted == {key: (text.plural, 1) for key, text in used.items() if text.plural}


def test_translations_keep_their_placeholders(korean) -> None:
    wrong = {
        key.text: text
        for key, text in korean.items()
        if text and sorted(set(PLACEHOLDER.findall(key.text))) != sorted(set(PLACEHOLDER.findall(text)))
    }
    assert wrong == {}


def test_no_particle_follows_a_placeholder(korean) -> None:
    assert [text for text in korean.values() if PARTICLE.search(text)] == []


def test_translations_are_in_the_polite_plain_style(korean) -> None:
    """해요체: no 합쇼체 endings, and none of the words that only systems say."""
    stiff = re.compile("(니다|시오)(?=[.\\s]|$)|유효하지|올바르지|엔티티|객체|인스턴스|필드|오류가 발생")
    assert [text for text in korean.values() if stiff.search(text)] == []


def test_the_po_carries_no_dates() -> None:
    """They would change with every run of makemessages."""
    header = PO.read_text().split("\n\n", 1)[0]
    assert "Date" not in header
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"' in header


def calls_of_gettext(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Calls of a translating function with a literal text, under whatever name it was imported."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in KEYWORDS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield node, node.func.id


def test_every_call_is_one_that_makemessages_collects() -> None:
    """xgettext knows the usual names only, does not look into f-strings, and cannot run an expression."""
    wrong = []
    for path in python_files():
        tree = ast.parse(path.read_text())
        hidden = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Call)
        }
        for call, name in calls_of_gettext(tree):
            if name not in KEYWORDS or call in hidden or isinstance(call.args[0], ast.JoinedStr):
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert wrong == []


def test_scripts_take_their_words_from_the_page() -> None:
    """Only the page knows the language: a script holds no Korean and shows no sentence of its own."""
    spoken = re.compile(r"(?:textContent|innerText|innerHTML|ariaLabel|placeholder)\s*=\s*[\"'`][^\"'`]*[A-Za-z]{3,}")
    asked = re.compile(r"\b(?:alert|confirm|prompt)\(\s*[\"'`]")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "static/js").rglob("*.js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if HANGUL.search(line) or spoken.search(line) or asked.search(line)
    ]
    assert wrong == []


WORDS_IN_MARKUP = re.compile(
    r"(?:>|\b(?:aria-label|placeholder|title|alt)=\")\s*([A-Za-z][A-Za-z',.!?-]*(?: [\w',.!?-]+)*)\s*(?:<|\")"
)
NAMES = {"English", "Jangbu", "CSV"}


def test_templates_hold_no_words_outside_of_translate() -> None:
    wrong = {}
    for path in (ROOT / "templates").rglob("*.html"):
        plain = re.sub(
            r"\{%\s*(comment|blocktranslate).*?%\}.*?\{%\s*end\1\s*%\}", "", path.read_text(), flags=re.DOTALL
        )
        plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", plain, flags=re.DOTALL)
        plain = re.sub(r"<(script|style)\b.*?</\1>", "", plain, flags=re.DOTALL)
        words = [text for text in WORDS_IN_MARKUP.findall(plain) if text not in NAMES]
        if words or HANGUL.search(plain.replace("한국어", "").replace("장부", "")):
            wrong[str(path.relative_to(ROOT))] = words
    assert wrong == {}


def test_what_is_borrowed_is_still_said_by_its_package() -> None:
    """erp.core.borrowed translates sentences of others anew; after an upgrade they may be gone or worded otherwise."""
    packages = [Path(package.__file__).parent for package in (django, rest_framework, unfold)]
    places = [path for package in packages for path in package.rglob("*") if path.suffix in (".py", ".html")]
    said = "\n".join(path.read_text() for path in places if "locale" not in path.parts)
    said = re.sub(r"[\"']\s*\n\s*[\"']", "", said)
    calls = extract("python", io.BytesIO((ROOT / "erp/core/borrowed.py").read_bytes()), keywords=KEYWORDS)
    texts = [text for _line, message, *_ in calls for text in (message if isinstance(message, tuple) else (message,))]
    assert [text for text in texts if text not in said] == []
