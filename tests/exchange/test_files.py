"""What an uploaded file may be, and what is said of one that is none."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook

from erp.core.errors import DomainError
from erp.exchange.products import workbooks
from erp.exchange.products.columns import COLUMNS, LABELS, guess
from erp.exchange.products.tables import Limits, read_table
from erp.exchange.products.text import neutral, restored
from tests.exchange.shop import csv_file, xlsx_file

KOREAN = [["A1", "뷁똠방각하 펲시콜라", "셔츠", "12,000", "블랙", "M", "", 1]]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp949", "cp949")],
)
def test_encodings_are_found_out(encoding: str, found: str) -> None:
    table = read_table(csv_file(KOREAN, encoding=encoding))
    assert (table.encoding, table.delimiter, table.rows) == (found, ",", [(2, [str(cell) for cell in KOREAN[0]])])


def test_euc_kr_is_read_as_the_cp949_it_is_part_of() -> None:
    assert read_table(csv_file([["가나다", "상품"]], ["품번", "상품명"], "euc-kr")).headings == ["품번", "상품명"]


def test_ascii_is_utf_8_and_a_chosen_encoding_wins() -> None:
    assert read_table(b"style,name\nA,b\n").encoding == "utf-8"
    data = csv_file(KOREAN, encoding="utf-8")
    with pytest.raises(DomainError) as refused:
        read_table(data + b"\xff", encoding="utf-8")
    assert refused.value.code == "file_encoding"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found_out(delimiter: str) -> None:
    text = f'품번{delimiter}상품명\r\nA{delimiter}"a, b; c | d"\r\n'
    assert read_table(text.encode()).rows == [(2, ["A", "a, b; c | d"])]


def test_headings_are_found_below_a_title() -> None:
    table = read_table("2026 가을 신상,,\n,,\n품번,상품명,수량\nA,셔츠,1\n\nB,,2\n".encode())
    assert (table.headings, table.rows) == (["품번", "상품명", "수량"], [(4, ["A", "셔츠", "1"]), (6, ["B", "", "2"])])


WRONG = [
    (b"", "file_empty"),
    (b"  \n\x00", "file_empty"),
    (b"\xd0\xcf\x11\xe0rest", "file_old_excel"),
    (b"%PDF-1.7", "file_pdf"),
    (b"\x89PNG\r\n", "file_picture"),
    (b"<html><table><tr><td>1", "file_markup"),
    (b"a,b\n\x001,2\n", "file_not_text"),
    ("품번,상품명\n".encode(), "file_no_rows"),
    (b"PK\x03\x04rubbish", "file_broken"),
    (b'a,b\n1,"' + b"x" * 2_100_000, "file_broken"),
    (b",".join(b"h%d" % n for n in range(101)) + b"\n1\n", "file_too_wide"),
]


@pytest.mark.parametrize(("data", "code"), WRONG)
def test_what_is_no_table_is_refused_with_words(data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_table(data)
    assert (refused.value.code, bool(refused.value.problems)) == (code, True)


def test_limits() -> None:
    few = Limits(size=200, rows=3)
    rows = b"style,name\n" + b"A,b\n" * 3
    assert len(read_table(rows, limits=few).rows) == 3
    assert len(read_table(rows + b"A,b\n", most=3, limits=few).rows) == 3
    for data, code in ((rows + b"A,b\n", "file_too_long"), (rows * 20, "file_too_large")):
        with pytest.raises(DomainError) as refused:
            read_table(data, limits=few)
        assert refused.value.code == code


def archive(**files: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def test_archives_that_are_no_workbook_or_a_bomb() -> None:
    for data, code in (
        (archive(word__document_xml=b"<a/>"), "file_not_workbook"),
        (archive(xl__workbook_xml=b"<a/>", xl__big_xml=b"\0" * (workbooks.MOST_UNPACKED + 1)), "file_too_large"),
        (archive(xl__workbook_xml=b"nonsense"), "file_broken"),
    ):
        with pytest.raises(DomainError) as refused:
            read_table(data)
        assert refused.value.code == code


def test_entities_in_a_workbook_do_not_explode() -> None:
    """The XML parser itself stops an expansion; nothing of it is read."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 50}">' for n in range(1, 9))
    head = f'<!DOCTYPE a [<!ENTITY e0 "0123456789">{bomb}]>'.encode()
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(xlsx_file([["BOMB"]], ["품번"]))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, head + content.replace(b"BOMB", b"&e8;") if b"BOMB" in content else content)
    with pytest.raises(DomainError) as refused:
        read_table(file.getvalue())
    assert refused.value.code == "file_broken"


def test_cells_of_a_workbook_are_read_as_a_person_would_type_them() -> None:
    table = read_table(
        xlsx_file([["=1+1", 8801234567893.0, 12.5, None, True]], ["품번", "바코드", "가격", "색상", "판매"])
    )
    assert table.rows == [(2, ["=1+1", "8801234567893", "12.5", "", "Y"])]


def test_a_cell_far_to_the_right_or_down_costs_nothing() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["품번", "상품명"])
    sheet.append(["A", "셔츠"])
    sheet.cell(row=2, column=16_000, value="x")
    file = BytesIO()
    book.save(file)
    assert read_table(file.getvalue()).rows == [(2, ["A", "셔츠"])]


def test_every_label_and_common_headings_are_guessed(settings) -> None:
    from django.utils import translation

    for language in ("ko", "en"):
        with translation.override(language):
            assert guess([str(LABELS[name]) for name in COLUMNS]) == {name: n for n, name in enumerate(COLUMNS)}
    headings = ["상품코드", "상품명(한글)", "컬러", "Size", "SKU Code", "재고 수량", "판매가(원)", "메모"]
    expected = ["style_number", "name_ko", "colour", "size", "sku", "stock", "price"]
    assert guess(headings) == {name: n for n, name in enumerate(expected)}


@pytest.mark.parametrize("text", ["=1+1", "'=x", "''@y", "-5", "+82", "@a", "plain", "'quoted'", "|x", "%x", ""])
def test_what_is_made_harmless_comes_back(text: str) -> None:
    cell = neutral(text)
    assert restored(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "|", "%"))
