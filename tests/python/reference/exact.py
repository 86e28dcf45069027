"""Exact numbers and days: text in, exact rational numbers between, one rounding at the end.

Nothing here uses binary floating point. A number read from text is a `Decimal`, every calculation runs in `Fraction`,
and a result is rounded once, half away from zero.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from zoneinfo import ZoneInfo

EARLIEST_DAY = date(1900, 1, 1)

_NUMBER = re.compile(r"[+-]?([0-9]{1,12}(\.[0-9]*)?|\.[0-9]+|[0-9](\.[0-9]*)?[eE](\+?0?[0-9]|-[0-9]{1,3}))")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.0*)?")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"([ T](?P<clock>\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)( *(?P<zone>Z|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?"
)


def parse_number(text: str, digits: int = 12, places: int = 6) -> Decimal | None:
    """The decimal number that the text spells, or None: a thousands separator, NaN, more than 12 whole digits are none.

    An exponent has one digit before it and one digit of its own, or up to three below zero. Places beyond those that
    the warehouse keeps are rounded.
    """
    if _NUMBER.fullmatch(text) is None:
        return None
    number = round_half_away(Decimal(text), places)
    return number if abs(number) < 10**digits else None


def parse_whole_number(text: str) -> Decimal | None:
    """The whole number of up to 9 digits that the text spells, or None."""
    return Decimal(text) if _WHOLE_NUMBER.fullmatch(text) else None


def parse_flag(text: str) -> bool | None:
    """True or False as the text spells it, or None."""
    lower = text.lower()
    if lower in {"true", "t", "yes", "y", "1"}:
        return True
    return False if lower in {"false", "f", "no", "n", "0"} else None


def parse_moment(text: str, business_timezone: str) -> datetime | None:
    """The business-local moment (without a zone) that the text spells, or None when there is no such moment."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    clock = match["clock"] or "00:00"
    if clock.count(":") == 1:
        clock += ":00"
    whole_clock, _, fraction = clock.partition(".")
    zone = match["zone"]
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{whole_clock}.{fraction[:6].ljust(6, '0')}")
        if zone is not None:
            offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[3:].replace(':', '') or '00'}"
            with_zone = datetime.fromisoformat(moment.isoformat() + offset)
            moment = with_zone.astimezone(ZoneInfo(business_timezone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment if moment.date() >= EARLIEST_DAY else None


def round_half_away(value: Fraction | Decimal | int, places: int) -> Decimal:
    """The value rounded to so many decimals, a half going away from zero."""
    scaled = abs(Fraction(value)) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(-whole if value < 0 else whole).scaleb(-places)


def round_square_root(square: Fraction, places: int) -> Decimal:
    """The square root of a value that is not negative, rounded half up without ever leaving the integers."""
    doubled_root = isqrt(int(square * 4 * 100**places))
    return Decimal((doubled_root + 1) // 2).scaleb(-places)


def divide(numerator: Fraction | int | None, denominator: Fraction | int | None, places: int = 6) -> Decimal | None:
    """The rounded quotient; None when either side is unknown or the denominator is 0."""
    if numerator is None or not denominator:
        return None
    return round_half_away(Fraction(numerator) / Fraction(denominator), places)


def median(values: list[int]) -> Fraction | None:
    """The middle value, or the mean of the two in the middle; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return Fraction(ordered[middle]) if len(ordered) % 2 else Fraction(ordered[middle - 1] + ordered[middle], 2)


def byte_order(text: str) -> bytes:
    """The sort key of text: its bytes, whatever the locale."""
    return text.encode("utf-8")
