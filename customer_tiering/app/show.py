"""How values stand on the page: formatted, and text from data always as text, never as markup."""

import html
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pandas
import streamlit as st

from customer_tiering.app.published_copy import Row
from customer_tiering.app.texts import code_in_words, name_of

ABSENT = "–"
CODES = {"lifecycle_stage", "value_class", "direction", "main_cause", "lever"}
SHARES = {"discount_rate", "chance_of_return"}


def number(value: Any, decimals: int | None = None) -> str:
    """Return a number with separators, with the decimals that it has itself unless it is said how many."""
    if value is None:
        return ABSENT
    if decimals is None:
        text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:,.{decimals}f}"


def money(value: Any) -> str:
    return number(value, 2)


def as_label(text: str) -> str:
    """Return text from data for a label, which Streamlit takes for Markdown: every sign stands for itself.

    Signs that are no Markdown stay bare, since a screen reader is given the label with the backslashes.
    """
    return re.sub(r"([!#$&*+.<=>@\[-`{-~-]|:(?!\s)|(?<=\d)\))", r"\\\1", " ".join(text.split()))


def text_block(text: str, style: str = "") -> None:
    """Show text from data: escaped, so that nothing in it is markup; white space and line ends as they are."""
    st.html(f'<div style="overflow-wrap:anywhere;{style}">{html.escape(text)}</div>')


def text_table(rows: Sequence[Sequence[str]]) -> None:
    """Show a few rows whose text is long: each cell wraps, escaped like all text from data."""
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    st.html(
        "<style>.texts td{padding:.3rem 1.2rem .3rem 0;border-bottom:1px solid #e4e8ec;vertical-align:top}"
        ".texts td:first-child{color:#6b7785;white-space:nowrap}</style>"
        f'<table class="texts" style="border-collapse:collapse;width:100%">{lines}</table>'
    )


def table(
    rows: Sequence[Row],
    columns: Sequence[str],
    language: str,
    names: dict[str, str] | None = None,
    key: str | None = None,
    **options: Any,
) -> None:
    """Show rows; numbers sort as numbers and are shown with separators. A cell is drawn as text, whatever it holds."""
    names = names or {}
    frame = pandas.DataFrame(
        [[_plain(column, row[column], language) for column in columns] for row in rows], columns=list(columns)
    )
    formats = {column: _format(column, [row[column] for row in rows]) for column in columns}
    labels = {column: names.get(column) or name_of(column, language) for column in columns}
    st.dataframe(
        frame.style.format(formats, na_rep=ABSENT),
        hide_index=True,
        column_config={column: st.column_config.Column(label) for column, label in labels.items()},
        placeholder=ABSENT,
        key=key,
        **options,
    )


def _plain(column: str, value: Any, language: str) -> Any:
    if column in CODES and isinstance(value, str):
        return code_in_words(value, language)
    return float(value) if isinstance(value, Decimal) else value


def _format(column: str, values: list[Any]) -> Callable[[Any], str]:
    """Return how the values of a column are shown: money to the cent, other decimals without their last zeros."""
    value = next((value for value in values if value is not None), None)
    if column in SHARES:
        return lambda share: f"{share:.1%}"
    if isinstance(value, Decimal):
        is_money = value.as_tuple().exponent == -2
        return money if is_money else lambda figure: f"{figure:,.6f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool):
        return lambda figure: f"{int(figure):,}"  # beside a null, pandas makes whole numbers floats
    return str
