"""Papers: Korean that fits its box, and an answer that every browser can save."""

from __future__ import annotations

import unicodedata

import pytest
from reportlab.pdfbase import pdfmetrics

from erp.core.pdf import BOLD, MM, REGULAR, PdfFile, draw_text, fitted, pdf_response, roll, text_width, wrapped
from erp.core.pdf.text import register_fonts

LONG = "오버핏 코튼 후드 티셔츠 아주 긴 이름의 상품"


@pytest.mark.parametrize("font", [REGULAR, BOLD])
@pytest.mark.parametrize("width", [5, 20, 60, 200])
def test_text_fits_its_width(font: str, width: float) -> None:
    text, size = fitted(LONG, font=font, size=9, width=width, smallest=6)
    assert text_width(text, font, size) <= width
    assert 6 <= size <= 9


def test_text_shrinks_before_it_is_shortened() -> None:
    natural = text_width(LONG, REGULAR, 9)
    assert fitted(LONG, size=9, width=natural) == (LONG, 9)
    assert fitted(LONG, size=9, width=natural * 0.8, smallest=6)[0] == LONG
    shortened = fitted(LONG, size=9, width=natural * 0.3, smallest=6)
    assert shortened.text.endswith("…") and LONG.startswith(shortened.text[:-1])


def test_decomposed_korean_is_composed_and_never_cut_within_a_syllable() -> None:
    decomposed = unicodedata.normalize("NFD", LONG)
    assert fitted(decomposed, size=9, width=60, smallest=6) == fitted(LONG, size=9, width=60, smallest=6)
    kept = fitted("q\u0323\u0307" * 20, size=9, width=40).text[:-1]
    assert kept and len(kept) % 3 == 0  # no mark lost from its letter


def test_lines_break_at_spaces_and_end_in_an_ellipsis() -> None:
    lines = wrapped(LONG, size=9, width=60, lines=2)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert all(text_width(line, REGULAR, 9) <= 60 for line in lines)
    assert wrapped("짧아요", size=9, width=60, lines=3) == ["짧아요"]
    assert wrapped("", size=9, width=60, lines=3) == []
    assert "".join(wrapped("가" * 20, size=9, width=60, lines=9)) == "가" * 20


def test_every_hangul_syllable_has_a_glyph() -> None:
    register_fonts()
    for font in (REGULAR, BOLD):
        glyphs = pdfmetrics.getFont(font).face.charToGlyph
        assert all(code in glyphs for code in [*range(0xAC00, 0xD7A4), *map(ord, "₩€¥£…─│")])


def test_a_file_of_pages() -> None:
    pdf = PdfFile(roll(120 * MM), title="장끼 12")
    draw_text(pdf.canvas, 70 * MM, 100 * MM, "합계 ₩12,000\x00", size=9, width=30 * MM, align="right")
    pdf.next_page()
    content = pdf.finish()
    assert content.startswith(b"%PDF-") and b"/Count 1" in content


def test_the_answer_names_its_file_for_old_and_new_browsers() -> None:
    response = pdf_response(b"%PDF-", '라벨 "하루"\r\n/7.pdf')
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith('inline; filename="') and disposition.isascii() and "\n" not in disposition
    assert "filename*=UTF-8''%EB%9D%BC%EB%B2%A8" in disposition
    assert 'filename="slip-20261120-3.pdf"' in pdf_response(b"", "slip-20261120-3.pdf")["Content-Disposition"]
