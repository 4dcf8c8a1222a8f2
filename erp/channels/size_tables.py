"""The measured sizes of a product as a channel shows them: in its language, for the sizes that are for sale."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.measuring import cm, measured, points, size_table
from catalog.models import Product
from erp.channels.words import option_names


class Measures(dict[str, str]):
    """Of one size: the code of a point -> centimetres. In JSON an object, in a cell of text a line."""

    def __str__(self) -> str:
        return ", ".join(f"{point} {value}" for point, value in self.items())

    def told(self, language: str) -> str:
        """With the points' names: 총장 68, 가슴단면 52.5."""
        return ", ".join(f"{points()[point].named(language)} {value}" for point, value in self.items())


def measures_of(product: Product, sizes: Collection[str]) -> dict[str, Measures]:
    """By size, of these sizes only."""
    found = measured(product)
    return {
        size: Measures({point: cm(value) for point, value in found[size].items()}) for size in sizes if size in found
    }


def table_text(measures: Mapping[str, Measures], language: str) -> str:
    """A line for each size."""
    return "\n".join(f"{size}: {cells.told(language)}" for size, cells in measures.items())


def table_html(product: Product, sizes: Collection[str], language: str) -> str:
    """A table for descriptions, every text in it escaped; blank where nothing is measured."""
    table = size_table(measured(product), sizes=sizes)
    if not table.rows:
        return ""
    _colour, size_option = option_names(language)
    heads = format_html_join("", "<th>{}</th>", ((point.named(language),) for point in table.points))
    rows = format_html_join("", "<tr><th>{}</th>{}</tr>", ((size, _cells(cells)) for size, cells in table.rows))
    return format_html(
        "<table><thead><tr><th>{}</th>{}</tr></thead><tbody>{}</tbody></table>", size_option, heads, rows
    )


def _cells(cells: Collection[str]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in cells))
