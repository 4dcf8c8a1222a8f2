"""What is printed reads back, and says what it should within its edges."""

from __future__ import annotations

import pytest

from erp.core.pdf import MM, text_width
from erp.labels.drawing.codes import code128, codes_for, ean13, is_ean13, qr
from erp.labels.drawing.layout import Label, LabelText, lay_out, linear_module
from erp.labels.drawing.sheets import pages_of, pdf_of, picture_of
from erp.labels.models import CodeKind
from erp.labels.templates import Template, templates
from tests.labels.pictures import codes_in, pages

EAN = "2000000000015"
SHORT = LabelText("하루", "오버핏 후드", "HR-12", "네이비", "M", "HR-12-NV-M", "₩39,000")
LONG = LabelText(
    "아주 긴 이름을 가진 동대문의 어느 브랜드",
    "아주 길고 긴 이름을 가진 겨울 오버핏 캐시미어 울 블렌드 후드 롱 코트",
    "STYLE-2026-WINTER-000123",
    "네이비 멜란지 체크 믹스",
    "XXXL-TALL",
    "STYLE-2026-WINTER-000123-NAVYMELANGE-XXXL",
    "₩12,345,678",
)
TEXTS = {"short": SHORT, "long": LONG}
EVERY = list(templates().values())
NAMES = [template.slug for template in EVERY]


def label_of(template: Template, text: LabelText, kind: str, barcode: str = EAN) -> Label:
    return lay_out(template, text, codes_for(kind, sku=text.sku, barcode=barcode))


@pytest.mark.parametrize("kind", CodeKind.values)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("template", EVERY, ids=NAMES)
def test_a_printed_label_reads_back(template: Template, text: str, kind: str, tmp_path) -> None:
    label = label_of(template, TEXTS[text], kind)
    content = pdf_of(template, [(label, 1)], start=template.per_page, title="labels")
    [page] = pages(content, tmp_path)
    left, top = (value * 203 / 25.4 for value in template.corner(template.per_page - 1))
    width, height = (value * 203 / 25.4 for value in template.label)
    found = codes_in(page.crop((int(left), int(top), int(left + width), int(top + height))))
    assert [code for code, _format in found] == [label.code.text]


@pytest.mark.parametrize("barcode", [EAN, ""], ids=["ean", "none"])
@pytest.mark.parametrize("kind", CodeKind.values)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("template", EVERY, ids=NAMES)
def test_everything_stays_within_the_label(template: Template, text: str, kind: str, barcode: str) -> None:
    label = label_of(template, TEXTS[text], kind, barcode)
    width, height = (value * MM for value in template.label)
    left, foot = (value * MM for value in template.inset)
    for word in label.words:
        assert left - 0.01 <= word.x and word.x + text_width(word.text, word.font, word.size) <= width - left + 0.01, (
            word
        )
        assert word.y >= foot * 0.5 and word.y + 0.9 * word.size <= height - foot + 0.01, word
        assert word.size >= 4
    for x, y, w, h in label.bars:
        assert x >= 0 and x + w <= width and y >= 0 and y + h <= height


@pytest.mark.parametrize("kind", CodeKind.values)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("template", EVERY, ids=NAMES)
def test_words_do_not_run_into_each_other_or_the_bars(template: Template, text: str, kind: str) -> None:
    label = label_of(template, TEXTS[text], kind)
    words = [(w.x, w.y, text_width(w.text, w.font, w.size), 0.72 * w.size) for w in label.words]
    boxes = words + [_hull(label)]
    for number, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[number + 1 :]:
            apart = (
                x + width <= other_x + 0.01
                or other_x + other_width <= x + 0.01
                or y + height <= other_y + 0.01
                or other_y + other_height <= y + 0.01
            )
            assert apart, (label.words, template.slug)


def _hull(label: Label) -> tuple[float, float, float, float]:
    left, foot = min(bar[0] for bar in label.bars), min(bar[1] for bar in label.bars)
    right, top = max(bar[0] + bar[2] for bar in label.bars), max(bar[1] + bar[3] for bar in label.bars)
    return left, foot, right - left, top - foot


def test_every_part_stands_on_the_label() -> None:
    for template in EVERY:
        for kind in CodeKind.values:
            said = " ".join(word.text for word in label_of(template, SHORT, kind).words)
            assert all(part in said for part in SHORT), (template.slug, kind, said)


def test_which_code_is_printed() -> None:
    def kinds(kind: str, sku: str, barcode: str) -> list[tuple[str, str]]:
        return [(code.kind, code.text) for code in codes_for(kind, sku=sku, barcode=barcode)]

    assert kinds("ean13", "SKU-1", EAN)[0] == ("ean13", EAN)
    assert kinds("ean13", "SKU-1", "2000000000016")[0] == ("code128", "2000000000016")  # a wrong check digit
    assert kinds("ean13", "SKU-1", "")[0] == ("code128", "SKU-1")
    assert kinds("code128", "SKU-1", EAN)[0] == ("code128", EAN)
    assert kinds("qr", "SKU-1", EAN) == [("qr", "SKU-1")]
    assert kinds("code128", "하루-1", "") == [("qr", "하루-1")]
    assert is_ean13(EAN) and not is_ean13("200000000001") and not is_ean13("２000000000015")


def test_a_code_that_would_be_too_fine_becomes_a_qr_code() -> None:
    small, large = templates()["a4-5x13"], templates()["a4-2x7"]
    assert label_of(small, LONG, "code128", barcode="").code.kind == CodeKind.QR
    assert label_of(large, SHORT, "code128", barcode="").code.kind == CodeKind.CODE128


@pytest.mark.parametrize("template", EVERY, ids=NAMES)
def test_bars_are_wide_enough_and_whole_dots_on_thermal_printers(template: Template) -> None:
    for code in (ean13(EAN), code128(EAN)):
        module = linear_module(template, code) / MM
        assert 0.19 <= module <= 0.376
        assert module * code.width <= template.label[0] + 0.001  # the quiet zones are on the label
        if template.dots_per_mm:
            assert module * template.dots_per_mm == pytest.approx(round(module * template.dots_per_mm))


def test_a_second_reader_agrees() -> None:
    """What ZXing drew is read by OpenCV as well."""
    cv2 = pytest.importorskip("cv2")
    import numpy as np

    code = qr("HR-12-NV-M")
    canvas = np.full((code.modules + 8, code.modules + 8), 255, np.uint8)
    for x, y, width, _height in code.runs:
        canvas[int(y) + 4, int(x) + 4 : int(x + width) + 4] = 0
    assert cv2.QRCodeDetector().detectAndDecode(np.kron(canvas, np.ones((8, 8), np.uint8)))[0] == "HR-12-NV-M"


def test_sheets_fill_from_the_start_position_and_go_on(tmp_path) -> None:
    template = templates()["a4-2x7"]
    label = label_of(template, SHORT, "qr")
    content = pdf_of(template, [(label, 3), (label, 14)], start=13, title="labels")
    assert pages_of(template, 17, start=13) == 3
    found = [len(codes_in(page)) for page in pages(content, tmp_path, 150)]
    assert found == [2, 14, 1]
    assert content.count(b"/Subtype /Form") == 2  # a label is drawn once however often it is printed


def test_the_picture_shows_the_first_page() -> None:
    import io

    from PIL import Image

    template = templates()["roll-50x30"]
    picture = Image.open(io.BytesIO(picture_of(template, [(label_of(template, SHORT, "ean13"), 2)], dots=12)))
    assert picture.size == (600, 360)
    assert codes_in(picture) == [(EAN, "EAN-13")]


def test_labels_lie_on_their_page() -> None:
    for template in EVERY:
        corners = [template.corner(place) for place in range(template.per_page)]
        assert max(x for x, _y in corners) + template.label[0] <= template.page[0] + 0.001
        assert max(y for _x, y in corners) + template.label[1] <= template.page[1] + 0.001
