"""A downloaded list opens in a spreadsheet as it was: text stays text, numbers stay numbers, nothing is calculated."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from customer_tiering.app.safe_csv import csv_bytes
from customer_tiering.app.texts import NAMES, TEXTS

FORMULAS = [
    *('=HYPERLINK("http://x","y")', "=1+1", "+861012345678", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1"),
    *("＝1+1", "＋1", "－1", "＠SUM(A1)", "\u3000=1"),
]


def cells(rows: list[dict[str, object]]) -> list[list[str]]:
    """What a spreadsheet reads: the cells after the byte order mark, quotes taken away."""
    content = csv_bytes(list(rows[0]), rows)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text(text: str) -> None:
    assert cells([{"name": text}])[1:] == [["'" + text]]


@pytest.mark.parametrize(
    "text", ["Müller & Co.", "<b>x</b>", '"quoted", and more', "a;=1+1", "💡 客户", "x" * 300, "1e3", "a\nb"]
)
def test_other_text_is_left_alone(text: str) -> None:
    assert cells([{"name": text}])[1:] == [[text]]


def test_text_is_quoted_so_that_no_other_separator_cuts_it() -> None:
    assert csv_bytes(["a"], [{"a": "x;=1+1"}]) == b'\xef\xbb\xbf"a"\r\n"x;=1+1"\r\n'


def test_values_keep_their_types() -> None:
    row = {"n": -5, "m": Decimal("-12345678901234567.89"), "e": Decimal("0E-6"), "d": date(2025, 12, 31)}
    row |= {"yes": True, "nothing": None}
    assert csv_bytes(list(row), [row]).decode("utf-8-sig").splitlines()[1] == (
        "-5,-12345678901234567.89,0.000000,2025-12-31,true,"
    )


def test_a_header_is_text_too() -> None:
    assert cells([{"=a": 1}])[0] == ["'=a"]


def test_both_languages_have_the_same_words() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["zh"])
    english, chinese = ({key.removesuffix("_en").removesuffix("_zh") for key in NAMES[language]} for language in NAMES)
    assert english == chinese
