"""Comparison of two sets of rows, value by value."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Difference(NamedTuple):
    """One value that differs; `column` is `(row)` when a whole row is missing, unexpected or repeated."""

    key: tuple
    column: str
    expected: object
    actual: object

    def __str__(self) -> str:
        names = ", ".join(str(part) for part in self.key)
        return f"[{names}] {self.column}: expected {self.expected}, found {self.actual}"


def _comparable(value: object) -> object:
    """A number as an exact Decimal, a midnight as its day; anything else as it is."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, datetime) and value == datetime.combine(value.date(), datetime.min.time()):
        return value.date()
    return value


def _by_key(rows: Iterable[Mapping[str, object]], key: Sequence[str]) -> tuple[dict[tuple, Mapping], list[tuple]]:
    found: dict[tuple, Mapping] = {}
    repeated = []
    for row in rows:
        row_key = tuple(_comparable(row[column]) for column in key)
        if row_key in found:
            repeated.append(row_key)
        found[row_key] = row
    return found, repeated


def compare(
    rows_expected: Iterable[Mapping[str, object]],
    rows_actual: Iterable[Mapping[str, object]],
    key: Sequence[str],
    columns: Sequence[str],
) -> list[Difference]:
    """All differences, in the order of the key. Values are compared exactly: 1.00 equals 1, None equals None only."""
    expected, repeated_expected = _by_key(rows_expected, key)
    actual, repeated_actual = _by_key(rows_actual, key)
    differences = [Difference(row_key, "(row)", "one row", "several expected") for row_key in repeated_expected]
    differences += [Difference(row_key, "(row)", "one row", "several rows") for row_key in repeated_actual]
    for row_key in sorted(expected.keys() | actual.keys(), key=lambda parts: tuple(_sortable(part) for part in parts)):
        if row_key not in actual:
            differences.append(Difference(row_key, "(row)", "one row", "none"))
        elif row_key not in expected:
            differences.append(Difference(row_key, "(row)", "none", "one row"))
        else:
            for column in columns:
                wanted, found = _comparable(expected[row_key][column]), _comparable(actual[row_key][column])
                if type(wanted) is not type(found) or wanted != found:
                    differences.append(Difference(row_key, column, expected[row_key][column], actual[row_key][column]))
    return differences


def _sortable(part: object) -> tuple[str, object]:
    return (type(part).__name__, part.isoformat() if isinstance(part, date) else part if part is not None else "")
