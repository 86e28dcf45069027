"""Rows as a CSV file in which a spreadsheet finds text where there is text, never a formula."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

# What a spreadsheet may take for the beginning of a formula, full-width signs included.
FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")


def csv_bytes(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    """Return the rows in UTF-8 with a byte order mark, which Excel needs, and the line ends of RFC 4180.

    A number stays a number, a negative one too: its type decides, not its first sign.
    """
    lines = [",".join(map(_cell, columns)), *(",".join(_cell(row[column]) for column in columns) for row in rows)]
    return b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def safe_text(text: str) -> str:
    """Return the text, after an apostrophe where a spreadsheet would calculate it: the spreadsheets' mark for text."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS) else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):  # in quotes always: a reader set to another separator finds no cell of its own in it
        return '"' + safe_text(value).replace('"', '""') + '"'
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
