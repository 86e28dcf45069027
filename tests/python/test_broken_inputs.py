"""Broken rows are set aside with their reason and nothing is lost; companies at the edge of what is legal still build.

One company carries every kind of broken row at once: each row stands beside what has to become of it.
"""

import csv
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import MARTS, ROOT, UNTESTED, BuildResult, build, exact_rows, project_with, query, read_mart

AS_OF_DATE = "2025-06-30"
# What becomes of a row that is not set aside. A superseded version and a later row leave no trace.
USED, SUPERSEDED, LATER = "used", "superseded", "later"

# Table -> its columns, and per row: what makes it special, what becomes of it, its values.
Row = tuple[str, str, str | tuple[str, ...]]
DIRTY: dict[str, tuple[str, list[Row]]] = {
    "customers": (
        "customer_id,customer_name,parent_customer_id,registered_at,credit_limit,payment_terms_days,is_internal,loaded_at",
        [
            ("a plain customer", USED, "K1,Plain,,2025-01-01,1000,30,false,"),
            ("a second one", USED, "K2,Second,K1,2025-01-01,,,,"),
            ("a formula for a name", USED, ("F1", '=HYPERLINK("http://x.example";"y")', "", "", "", "", "", "")),
            ("quotes and a comma in the name", USED, ("F2", 'The "Best", Ltd.', "", "", "", "", "", "")),
            ("a line break in the name", USED, ("F3", "Upper\nLower", "", "", "", "", "", "")),
            ("another script in the name", USED, ("F4", "🌸 花店 – Ñandú", "", "", "", "", "", "")),
            ("an apostrophe in the id", USED, ("O'Hara", "O'Hara & Sons; --", "", "", "", "", "", "")),
            ("an id like a number with an exponent", USED, "1e3,Thousand,,,,,,"),
            ("an id with leading zeros", USED, "007,Agent,,,,,,"),
            ("the same id without them", USED, "7,Seven,,,,,,"),
            ("an id like a missing value", USED, "NULL,Null,,,,,,"),
            ("an id like a comment", USED, "#1,Number One,,,,,,"),
            ("blanks around the values", USED, " K8 , Blanks ,, 2025-01-01 , 500 , 14 , TRUE ,"),
            ("a parent that nobody knows", USED, "K9,Orphan,K999,,,,no,"),
            ("no key", "missing_key", ",Nameless,,,,,,"),
            ("blanks for a key", "missing_key", "  ,Blank,,,,,,"),
            ("no flag", "not_a_flag", "K20,Maybe,,,,,maybe,"),
            ("29 February of another year", "impossible_date", "K21,Leap,,2025-02-29,,,,"),
            ("registered before 1900", "impossible_date", "K22,Old,,1899-12-31,,,,"),
            ("a limit with a thousands separator", "not_a_number", ("K23", "Rich", "", "", "1,000", "", "", "")),
            ("half a day", "not_a_number", "K24,Half,,,,30.5,,"),
            ("one of two copies", USED, "K25,Copy,,,,,,"),
            ("its copy", "duplicate", "K25,Copy,,,,,,"),
            ("one of two that differ", "conflicting_duplicate", "K26,One,,,,,,"),
            ("the other", "conflicting_duplicate", "K26,Two,,,,,,"),
            ("a name that looks like a column", "conflicting_duplicate", "K33,x; parent_customer_id=K1,,,,,,"),
            ("the name and the column", "conflicting_duplicate", "K33,x,K1,,,,,"),
            ("an old version", SUPERSEDED, "K27,Before,,,,,,2025-01-01"),
            ("the last version", USED, "K27,After,,,,,, 2025-02-01 08:00 "),
            ("an unreadable loaded_at", "impossible_date", "K28,When,,,,,,yesterday"),
            ("one beside a version", USED, "K30,Known,,,,,,2025-01-01"),
            ("the version beside it", "impossible_date", "K30,Unknown,,,,,,02/01/2025"),
            ("terms of a thousand years", "out_of_range", "K31,Patient,,,,365000,,"),
            ("internal, with an unreadable limit", "not_a_number", "K32,Ourselves,,,unlimited,,yes,"),
            ("registered later", LATER, "K29,Tomorrow,,2025-07-01,,,,"),
        ],
    ),
    "products": (
        "product_id,category",
        [
            ("a product", USED, "P1,cable"),
            ("no key", "missing_key", ",cable"),
            ("one of two that differ", "conflicting_duplicate", "P2,cable"),
            ("the other", "conflicting_duplicate", "P2,plug"),
        ],
    ),
    "exchange_rates": (
        "currency,rate_date,rate_to_base",
        [
            ("a rate", USED, "USD,2025-02-01,7.2"),
            ("a currency in small letters", USED, "eur,2025-01-01,7.8"),
            ("the same day in other words", "duplicate", "eur,2025-01-01 00:00,7.8"),
            ("a small rate with many decimals", USED, "VND,2025-01-01,0.000282345678912"),
            ("a rate of later", LATER, "USD,2025-07-01,9.9"),
            ("a rate of nothing", "not_above_zero", "USD,2025-03-01,0"),
            ("a negative rate", "not_above_zero", "USD,2025-04-01,-7"),
            ("a decimal comma", "not_a_number", ("USD", "2025-05-01", "7,2")),
            ("no rate", "missing_number", "USD,2025-06-01,"),
            ("no currency", "missing_key", ",2025-06-01,7"),
            ("one of two rates of a day", "conflicting_duplicate", "GBP,2025-01-01,9.1"),
            ("the other", "conflicting_duplicate", "GBP,2025-01-01,9.2"),
        ],
    ),
    "orders": (
        "ORDER_ID,customer_id,Ordered_At,status,currency",
        [
            ("a plain order", USED, "O1,K1,2025-05-01,completed,CNY"),
            ("the last second of the day", USED, "O2,K1,2025-06-30T15:59:59Z,,"),
            ("the first second of the next", LATER, "O3,K1,2025-06-30T16:00:00Z,,"),
            ("the first second of the day", USED, "O4,K2,2025-06-29 16:00:00+00,,"),
            ("a zone to the west", USED, "O5,K2,2025-06-29T12:30:00-05:00,,"),
            ("a blank before the zone", USED, "O29,K2,2025-06-29 10:00:00 +0800,,"),
            ("a blank before another zone", USED, "O30,K2,2025-06-30 15:59:59  Z,,"),
            ("a zone without a time", "impossible_date", "O6,K2,2025-06-29Z,,"),
            ("a formula customer", USED, "OF1,F1,2025-05-01,,"),
            ("quotes", USED, "OF2,F2,2025-05-01,,"),
            ("line break", USED, "OF3,F3,2025-05-01,,"),
            ("another script", USED, "OF4,F4,2025-05-01,,"),
            ("an apostrophe", USED, "O'1,O'Hara,2025-05-01,,"),
            ("a customer like a number", USED, "1e3,1e3,2025-05-01,,"),
            ("leading zeros", USED, "007,007,2025-05-02,,"),
            ("the same id without them", USED, "7,7,2025-05-03,,"),
            ("a customer like a missing value", USED, "null,NULL,2025-05-01,,"),
            ("a comment", USED, "#1,#1,2025-05-01,,"),
            ("blanks around the values", USED, " O8 , K1 , 2025-05-04 10:00 , Cancelled , cny "),
            ("a currency of the day", USED, "O9,K2,2025-05-05,, usd "),
            ("an unknown status", USED, "O10,K2,2025-05-06,pending,"),
            ("a currency of small money", USED, "O31,1e3,2025-05-06,,VND"),
            ("an order of ours", USED, "O32,K32,2025-05-06,,"),
            ("a customer whose own row is broken", USED, "O11,K20,2025-05-07,,"),
            ("no order key", "missing_key", ",K1,2025-05-01,,"),
            ("no customer", "missing_customer", "O12,,2025-05-01,,"),
            ("blanks for a customer", "missing_customer", "O13,  ,2025-05-01,,"),
            ("30 February", "impossible_date", "O14,K1,2025-02-30,,"),
            ("no date", "impossible_date", "O15,K1,,,"),
            ("a date in another form", "impossible_date", "O16,K1,01/05/2025,,"),
            ("before 1900", "impossible_date", "O17,K1,1899-12-31 23:59,,"),
            ("hour 25", "impossible_date", "O18,K1,2025-05-01 25:00,,"),
            ("an unknown currency", "unknown_currency", "O19,K1,2025-05-01,,XYZ"),
            ("a currency before its first rate", "unknown_currency", "O20,K1,2025-01-31,,USD"),
            ("a currency with two rates for a day", "unknown_currency", "O21,K1,2025-05-01,,GBP"),
            ("one of three copies", USED, "O22,K2,2025-05-08,,"),
            ("its copy", "duplicate", "O22,K2,2025-05-08,,"),
            ("its other copy, with blanks", "duplicate", "O22,K2, 2025-05-08,,"),
            ("one of two that differ", "conflicting_duplicate", "O23,K2,2025-05-09,,"),
            ("the other", "conflicting_duplicate", "O23,K2,2025-05-10,,"),
            ("one of a key that another takes later", USED, "O33,K2,2025-05-11,,"),
            ("the other, later", SUPERSEDED, "O33,K1,2025-07-11,,"),
            ("tomorrow", LATER, "O24,K1,2025-07-01,,"),
            ("tomorrow and broken", LATER, "O25,,2025-07-01,,XYZ"),
            ("tomorrow, by a customer of tomorrow", LATER, "O26,K29,2025-07-02,,"),
        ],
    ),
    "order_lines": (
        "order_line_id,order_id,product_id,quantity,unit_price,discount_amount,unit_cost",
        [
            ("a plain line", USED, "L1,O1,P1,10,19.99,0.05,12.345"),
            ("an unknown product", USED, "L2,O2,P9,1,0.05,,"),
            ("blanks around the values", USED, "L4, O4 ,, 2 , 3.50 ,,"),
            ("half cents", USED, "L5,O5,,1,0.005,,"),
            ("formula customer", USED, "LF1,OF1,,1,1.00,,"),
            ("quotes customer", USED, "LF2,OF2,,1,1.00,,"),
            ("line break customer", USED, "LF3,OF3,,1,1.00,,"),
            ("script customer", USED, "LF4,OF4,,1,1.00,,"),
            ("apostrophe", USED, "L'1,O'1,,1,1.00,,"),
            ("an exponent", USED, "L6,1e3,,1e3,1.00,,"),
            ("a plus sign", USED, "L7,007,,+5,.5,,"),
            ("seven", USED, "L8,7,,7,7,,"),
            ("null", USED, "L9,null,,1,1.00,,"),
            ("a comment", USED, "#L,#1,,1,1.00,,"),
            ("a cancelled order", USED, "L10,O8,,1,99.00,,"),
            ("dollars", USED, "L11,O9,,3,12.34,0.01,"),
            ("a billion dongs", USED, "L50,O31,,1,1000000000,,"),
            ("ours", USED, "L51,O32,,1,5.00,,"),
            ("a cost of nearly nothing", USED, "L52,O2,,1,0,,7.105427357601002e-15"),
            ("a return", USED, "L12,O10,,-2,5.00,,"),
            ("the largest price", USED, "L13,O11,,1,999999999999.99,,"),
            ("letters", "not_a_number", "L20,O1,,ten,1.00,,"),
            ("a thousands separator", "not_a_number", ("L21", "O1", "", "1", "1,234.50", "", "")),
            ("not a number", "not_a_number", "L22,O1,,NaN,1.00,,"),
            ("infinity", "not_a_number", "L23,O1,,1,inf,,"),
            ("minus infinity", "not_a_number", "L24,O1,,1,1.00,-Infinity,"),
            ("a far exponent", "not_a_number", "L25,O1,,1e400,1.00,,"),
            ("thirteen digits", "not_a_number", "L26,O1,,1,1000000000000,,"),
            ("a currency sign", "not_a_number", "L27,O1,,1,¥12.00,,"),
            ("digits of another script", "not_a_number", "L28,O1,,１２,1.00,,"),
            ("a hexadecimal number", "not_a_number", "L29,O1,,0x10,1.00,,"),
            ("an underscore", "not_a_number", "L30,O1,,1_000,1.00,,"),
            ("an unreadable cost", "not_a_number", "L31,O1,,1,1.00,,n/a"),
            ("no price", "missing_number", "L32,O1,,1,,,"),
            ("no quantity", "missing_number", "L33,O1,,,1.00,,"),
            ("a negative price", "negative_price", "L34,O1,,1,-1.00,,"),
            ("a bar code for a quantity", "too_large", "L35,O1,,690123456789,200.00,,"),
            ("a bar code for the quantity of a gift", "too_large", "L53,O1,,690123456789,0,,"),
            ("a bar code for a cost", "too_large", "L54,O1,,2,1.00,,690123456789"),
            ("an order that is nowhere", "orphan_order", "L36,O999,,1,1.00,,"),
            ("no order", "orphan_order", "L37,,,1,1.00,,"),
            ("an order that is set aside", "order_quarantined", "L38,O14,,1,1.00,,"),
            ("an order in two forms", "order_quarantined", "L39,O23,,1,1.00,,"),
            ("an order in three copies", USED, "L40,O22,,1,8.00,,"),
            ("one of two copies", USED, "L41,O22,,1,9.00,,"),
            ("its copy", "duplicate", "L41,O22,,1,9.00,,"),
            ("one of two that differ", "conflicting_duplicate", "L42,O22,,1,9.00,,"),
            ("the other", "conflicting_duplicate", "L42,O22,,2,9.00,,"),
            ("no key", "missing_key", ",O1,,1,1.00,,"),
            ("an order of tomorrow", LATER, "L43,O24,,1,1.00,,"),
            ("an order of tomorrow, broken", LATER, "L44,O24,,abc,-1.00,,"),
        ],
    ),
    "invoices": (
        "invoice_id,customer_id,invoiced_at,due_at,amount,currency,is_disputed",
        [
            ("a plain invoice", USED, "I1,K1,2025-05-01,2025-05-31,199.85,,false"),
            ("a disputed one", USED, "I2,K1,2025-05-02,2025-05-31,100.00,,Y"),
            ("a credit note", USED, "C1,K1,2025-05-03,,-20.00,,"),
            ("dollars", USED, "I3,K2,2025-05-05,2025-06-05,37.01,USD,0"),
            ("the largest amount", USED, "I4,K20,2025-05-07,,999999999999.99,,"),
            ("a customer known only from here", USED, "I5,K40,2025-05-07,,1.00,,"),
            ("due before it was written", USED, "I6,K2,2025-05-07,2025-05-01,1.00,,"),
            ("one that is paid in parts", USED, "I20,K2,2025-05-07,2025-06-07,1000.00,,"),
            ("no key", "missing_key", ",K1,2025-05-01,,10.00,,"),
            ("no customer", "missing_customer", "I10,,2025-05-01,,10.00,,"),
            ("31 June", "impossible_date", "I11,K1,2025-05-01,2025-06-31,10.00,,"),
            ("no date", "impossible_date", "I12,K1,,,10.00,,"),
            ("no amount", "missing_number", "I13,K1,2025-05-01,,,,"),
            ("a decimal comma", "not_a_number", ("I14", "K1", "2025-05-01", "", "10,00", "", "")),
            ("no flag", "not_a_flag", "I15,K1,2025-05-01,,10.00,,perhaps"),
            ("an unknown currency", "unknown_currency", "I16,K1,2025-05-01,,10.00,XYZ,"),
            ("one of two copies", USED, "I17,K1,2025-05-01,,10.00,,"),
            ("its copy", "duplicate", "I17,K1,2025-05-01,,10.00,,"),
            ("one of two that differ", "conflicting_duplicate", "I18,K1,2025-05-01,,10.00,,"),
            ("the other", "conflicting_duplicate", "I18,K1,2025-05-01,,11.00,,"),
            ("tomorrow", LATER, "I19,K1,2025-07-01,,10.00,,"),
        ],
    ),
    "payments": (
        "payment_id,customer_id,paid_at,amount,currency",
        [
            ("a plain payment", USED, "P1,K1,2025-05-10,100.00,"),
            ("dollars", USED, "P2,K2,2025-05-10,37.01,USD"),
            ("a payment that bounced", USED, "P3,K1,2025-05-11,-5.00,"),
            ("a payment of tomorrow", LATER, "P4,K1,2025-07-01,50.00,"),
            ("a payment that is not needed", USED, "P5,K2,2025-05-11,5.00,USD"),
            ("a payment that is allocated too often", USED, "P6,K2,2025-05-11,100.00,"),
            ("no key", "missing_key", ",K1,2025-05-10,1.00,"),
            ("no customer", "missing_customer", "P10,,2025-05-10,1.00,"),
            ("an unknown customer", "unknown_customer", "P11,K999,2025-05-10,1.00,"),
            ("a customer of tomorrow", "unknown_customer", "P12,K29,2025-05-10,1.00,"),
            ("no amount", "missing_number", "P13,K1,2025-05-10,,"),
            ("letters", "not_a_number", "P14,K1,2025-05-10,1.00 CNY,"),
            ("an unknown currency", "unknown_currency", "P15,K1,2025-05-10,1.00,XYZ"),
            ("no date", "impossible_date", "P16,K1,0000-00-00,1.00,"),
        ],
    ),
    "payment_allocations": (
        "payment_id,invoice_id,allocated_at,amount",
        [
            ("a part of an invoice", USED, "P1,I1,2025-05-10,60.00"),
            ("the same in other words", "duplicate", "P1,I1,2025-05-10 00:00:00,60.00"),
            ("a credit note", USED, "C1,I1,2025-05-04,20.00"),
            ("exactly what is left", USED, "P1,I2,2025-05-11,40.00"),
            ("a cent more than was paid", "over_allocated", "P1,I2,2025-05-12,0.01"),
            ("far more than was paid", "over_allocated", "P6,I20,2025-05-12,500.00"),
            ("what fits nevertheless", USED, "P6,I20,2025-05-13,60.00"),
            ("what does no more", "over_allocated", "P6,I20,2025-05-14,45.00"),
            ("what is left after it", USED, "P6,I20,2025-05-15,40.00"),
            ("more back than was allocated", "over_allocated", "P6,I20,2025-05-16,-100.01"),
            ("dollars", USED, "P2,I3,2025-05-10,37.01"),
            ("a cent more than the invoice", "over_settled", "P5,I3,2025-05-12,0.01"),
            ("no such payment", "orphan_payment", "P999,I1,2025-05-10,1.00"),
            ("a payment that is set aside", "orphan_payment", "P15,I1,2025-05-10,1.00"),
            ("no such invoice", "orphan_invoice", "P1,I999,2025-05-10,1.00"),
            ("an invoice that is set aside", "orphan_invoice", "P1,I16,2025-05-10,1.00"),
            ("another customer", "customer_differs", "P1,I6,2025-05-10,1.00"),
            ("another currency", "currency_differs", "P2,I6,2025-05-10,1.00"),
            ("no amount", "missing_number", "P1,I1,2025-05-13,"),
            ("no date", "missing_key", "P1,I1,,1.00"),
            ("an unreadable date", "impossible_date", "P1,I1,soon,1.00"),
            ("tomorrow", LATER, "P1,I1,2025-07-01,1.00"),
            ("a payment of tomorrow", LATER, "P4,I1,2025-06-01,1.00"),
            ("an invoice of tomorrow", LATER, "P1,I19,2025-06-01,1.00"),
        ],
    ),
    "interactions": (
        "interaction_id,customer_id,occurred_at,kind,minutes,resolved_at",
        [
            ("a call", USED, "N1,K1,2025-05-01, CALL ,12.5,"),
            ("an unknown kind", "unknown_kind", "N2,K1,2025-05-01,dinner,,"),
            ("no kind", "unknown_kind", "N3,K1,2025-05-01,,,"),
            ("an unknown customer", "unknown_customer", "N4,K999,2025-05-01,call,,"),
            ("a long time", "not_a_number", "N5,K1,2025-05-01,call,long,"),
            ("solved on no day", "impossible_date", "N6,K1,2025-05-01,call,,2025-04-31"),
            ("tomorrow", LATER, "N7,K1,2025-07-01,call,,"),
        ],
    ),
    "surveys": (
        "survey_id,customer_id,answered_at,recommend_score",
        [
            ("an answer", USED, "S1,K1,2025-05-01,10"),
            ("eleven of ten", "out_of_range", "S2,K1,2025-05-01,11"),
            ("below nothing", "out_of_range", "S3,K1,2025-05-01,-1"),
            ("an unknown customer", "unknown_customer", "S4,K999,2025-05-01,5"),
        ],
    ),
    "referrals": (
        "referrer_customer_id,referred_customer_id,referred_at",
        [
            ("a referral", USED, "K1,K2,2025-05-01"),
            ("of oneself", "refers_itself", "K1,K1,2025-05-01"),
            ("by nobody", "missing_key", ",K2,2025-05-01"),
            ("one of two that differ", "conflicting_duplicate", "K2,F1,2025-05-01"),
            ("the other", "conflicting_duplicate", "K2,F1,2025-05-02"),
        ],
    ),
    "wallet_estimates": (
        "customer_id,period_start,period_end,category_spend,source",
        [
            ("an estimate", USED, "K1,2025-01-01,2025-12-31,5000.00,visit"),
            ("an end before the start", "impossible_date", "K2,2025-01-01,2024-12-31,5000.00,visit"),
            ("a negative spend", "negative_price", "F1,2025-01-01,2025-12-31,-1.00,visit"),
            ("no customer", "missing_customer", ",2025-01-01,2025-12-31,5000.00,visit"),
        ],
    ),
    "point_redemptions": (
        "redemption_id,customer_id,redeemed_at,points",
        [
            ("points", USED, "R1,K1,2025-05-01,100"),
            ("an unknown customer", "unknown_customer", "R2,K999,2025-05-01,100"),
            ("many points", "not_a_number", "R3,K1,2025-05-01,many"),
        ],
    ),
}
KEYS = {
    "payment_allocations": 3,
    "referrals": 2,
    "exchange_rates": 2,
    "wallet_estimates": 2,
}
# The money of a row, by table: columns multiplied, and one taken off.
MONEY: dict[str, tuple[tuple[str, ...], str | None]] = {
    "order_lines": (("quantity", "unit_price"), "discount_amount"),
    "invoices": (("amount",), None),
    "payments": (("amount",), None),
    "payment_allocations": (("amount",), None),
    "wallet_estimates": (("category_spend",), None),
    "point_redemptions": (("points",), None),
}


def values_of(row: Row) -> list[str]:
    return row[2].split(",") if isinstance(row[2], str) else list(row[2])


def write_company(folder: Path, tables: Mapping[str, tuple[str, Iterable[Iterable[str]]]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, (columns, rows) in tables.items():
        # Files come from many programs: one has a byte order mark, one the line ends of Windows.
        encoding = "utf-8-sig" if name == "payments" else "utf-8"
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as handle:
            writer = csv.writer(handle, lineterminator="\r\n" if name == "invoices" else "\n")
            writer.writerows([columns.split(","), *rows])


def row_key(table: str, values: list[str]) -> str | None:
    return " / ".join(part.strip() for part in values[: KEYS.get(table, 1)] if part.strip()) or None


@pytest.fixture(scope="module")
def dirty_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dirty")


def build_dirty(place: Path, leave_out: str | None = None, exclude: str | None = None) -> Path:
    """Build the dirty company, all of it or without the rows of one fate, and return a copy of the database."""
    write_company(
        place / "raw",
        {
            name: (columns, [values_of(row) for row in rows if row[1] != leave_out])
            for name, (columns, rows) in DIRTY.items()
        },
    )
    database = place / "company.duckdb"
    database.unlink(missing_ok=True)
    own = {
        "raw_location": str(place / "raw"),
        "inputs": list(DIRTY),
        "as_of_date": AS_OF_DATE,
        "max_quarantined_share": 1,
    }
    build(database, vars=own, exclude=exclude).require_success()
    return database.rename(place / f"without_{leave_out}.duckdb")


@pytest.fixture(scope="module")
def dirty_database(dirty_place: Path) -> Path:
    return build_dirty(dirty_place)


@pytest.fixture(scope="module")
def fates(dirty_database: Path) -> dict[str, Counter[tuple[str | None, str]]]:
    """What became of the rows of each table: how often each key ended in each reason, or was used."""
    found: dict[str, Counter[tuple[str | None, str]]] = {name: Counter() for name in DIRTY}
    for row in read_mart(dirty_database, "quarantined_rows"):
        found[row["table_name"]][row["row_key"], row["reason"]] += 1
    for table, (columns, _) in DIRTY.items():
        # Staging names its dates by days; the columns that follow the first are not needed to find the used rows.
        key = columns.split(",")[: KEYS.get(table, 1)]
        staged = {"allocated_at": None, "rate_date": "valid_from", "period_start": "period_start_date"}
        parts = [staged.get(column, column) for column in key]
        for row in query(
            dirty_database,
            f"select {', '.join(filter(None, parts))} from main_staging.stg_{table} where row_state = 'used'",
        ):
            found[table][" / ".join(str(value) for value in row.values()), USED] += 1
    return found


CASES = [(table, number) for table, (_, rows) in DIRTY.items() for number in range(len(rows))]


@pytest.mark.parametrize(
    ("table", "number"), CASES, ids=[f"{table}: {DIRTY[table][1][number][0]}" for table, number in CASES]
)
def test_every_row_ends_where_it_should(
    table: str, number: int, fates: dict[str, Counter[tuple[str | None, str]]]
) -> None:
    _, fate, _ = DIRTY[table][1][number]
    values = values_of(DIRTY[table][1][number])
    key = row_key(table, values)
    if fate == USED:
        if table == "payment_allocations":
            key = " / ".join(values[:2])
        if table == "exchange_rates":
            key = " / ".join([values[0].upper(), *values[1:2]])
        assert fates[table][key, USED] >= 1
    elif fate in (LATER, SUPERSEDED):
        assert not any(found[0] == key and found[1] != USED for found in fates[table])
        assert fate == SUPERSEDED or fates[table][key, USED] == 0
    else:
        expected = sum(row_key(table, values_of(row)) == key and row[1] == fate for row in DIRTY[table][1])
        assert fates[table][key, fate] == expected


@pytest.mark.parametrize("table", DIRTY)
def test_no_row_is_lost(table: str, dirty_database: Path) -> None:
    expected = Counter(row[1] for row in DIRTY[table][1])
    quarantined = sum(count for fate, count in expected.items() if fate not in (USED, LATER, SUPERSEDED))
    staged = query(
        dirty_database, f"select row_state, count(*) as rows from main_staging.stg_{table} group by row_state"
    )
    assert {row["row_state"]: row["rows"] for row in staged} == {
        state: count
        for state, count in ((USED, expected[USED]), (LATER, expected[LATER]), ("quarantined", quarantined))
        if count
    }
    (seen,) = query(
        dirty_database, f"select rows_seen from data_quality where table_name = '{table}' and check_name = 'rows_read'"
    )
    assert seen["rows_seen"] == expected[USED] + quarantined
    found = query(
        dirty_database,
        f"select reason, count(*) as rows from quarantined_rows where table_name = '{table}' group by reason",
    )
    assert {row["reason"]: row["rows"] for row in found} == {
        fate: count for fate, count in expected.items() if fate not in (USED, LATER, SUPERSEDED)
    }


@pytest.mark.parametrize("table", MONEY)
def test_no_money_is_lost(table: str, dirty_database: Path) -> None:
    factors, discount = MONEY[table]
    columns = DIRTY[table][0].split(",")
    expected: Counter[str] = Counter()
    for row in DIRTY[table][1]:
        values = dict(zip(columns, values_of(row), strict=True))
        state = row[1] if row[1] in (USED, LATER) else "quarantined"
        amounts = [number(values[column]) for column in factors]
        if None not in amounts:
            product = amounts[0] * (amounts[1] if len(amounts) > 1 else 1)
            expected[state] += product - ((number(values[discount]) or 0) if discount else 0)
    taken_off = f" - {discount}" if discount else ""
    product = " * ".join(f"cast({column} as decimal(20, 6))" for column in factors)
    found = query(
        dirty_database,
        f"select row_state, sum({product}{taken_off}) as money from main_staging.stg_{table} group by row_state",
    )
    assert {row["row_state"]: row["money"] for row in found if row["money"] is not None} == dict(expected)


def number(text: str) -> Decimal | None:
    """Return what the interface takes for a number: plain decimals below 10^12."""
    try:
        value = Decimal(text.strip()) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() and abs(value) < 10**12 else None


def test_the_money_of_the_marts_is_the_money_that_was_used(dirty_database: Path) -> None:
    # Per customer, to the cent: the largest price keeps its cents, half a cent is rounded once, dollars at 7.2.
    rows = {row["customer_id"]: row["monetary_12m"] for row in read_mart(dirty_database, "customer_tiers")}
    assert rows["K1"] == Decimal("199.90")  # 10 x 19.99 - 0.05, and 0.05; the cancelled order does not count
    assert rows["K2"] == Decimal("280.48")  # 7.00 + 0.005 + (37.02 - 0.01) x 7.2 - 10.00 + 8.00 + 9.00 = 280.477
    assert rows["K20"] == Decimal("999999999999.99")
    assert rows["1e3"] == Decimal("283345.68")  # 1000.00 + 10^9 x 0.000282345678912 = 283,345.678912
    assert "K32" not in rows  # internal, although its own row is set aside
    assert rows["007"] == Decimal("2.50")
    assert rows["7"] == Decimal("49.00")


def test_names_and_ids_stay_as_they_were(dirty_database: Path) -> None:
    names = {row["customer_id"]: row["customer_name"] for row in read_mart(dirty_database, "customer_tiers")}
    columns = DIRTY["customers"][0].split(",")
    given = [dict(zip(columns, values_of(row), strict=True)) for row in DIRTY["customers"][1] if row[1] == USED]
    described = {row["customer_id"].strip(): row["customer_name"].strip() for row in given}
    del described["K8"]  # internal
    # K20's own row is set aside and K40 has none: they are known from an order and an invoice.
    assert names == described | {"K20": None, "K40": None}


def test_set_aside_rows_show_what_was_supplied(dirty_database: Path) -> None:
    shown = {
        (row["table_name"], row["row_key"]): row["raw_values"] for row in read_mart(dirty_database, "quarantined_rows")
    }
    assert shown["order_lines", "L21"] == "order_line_id=L21; order_id=O1; quantity=1; unit_price=1,234.50"
    assert shown["customers", "K28"] == "customer_id=K28; customer_name=When; loaded_at=yesterday"
    assert shown["payments", "P14"] == "payment_id=P14; customer_id=K1; paid_at=2025-05-10; amount=1.00 CNY"


def test_findings_are_reported_with_an_example_and_a_remedy(dirty_database: Path) -> None:
    found = {(row["table_name"], row["check_name"]): row for row in read_mart(dirty_database, "data_quality")}
    examples = {
        ("customers", "unknown_parent"): "K9",
        ("customers", "internal_customer"): "K32",
        ("orders", "unknown_status"): "O10",
        ("invoices", "due_before_invoiced"): "I6",
        ("order_lines", "too_large"): "L35",
        ("customers", "out_of_range"): "K31",
        ("payments", "unknown_customer"): "P11",
    }
    assert {key: found[key]["example_key"] for key in examples} == examples
    assert all(row["remedy"] for row in found.values())
    reasons = {fate for _, rows in DIRTY.values() for _, fate, _ in rows} - {USED, LATER, SUPERSEDED}
    assert reasons <= {check for _, check in found}


def test_what_is_later_leaves_no_trace(dirty_place: Path, dirty_database: Path) -> None:
    database = build_dirty(dirty_place, leave_out=LATER, exclude=UNTESTED)
    changed = [mart for mart in MARTS if exact_rows(database, mart) != exact_rows(dirty_database, mart)]
    assert changed == []


# --- the gate ---


def gate_company(missing: int) -> dict[str, tuple[str, list[list[str]]]]:
    orders = [[f"O{n}", f"K{n % 4}", f"2025-0{n % 6 + 1}-10", "" if n < missing else "100.00"] for n in range(10)]
    return {"orders": ("order_id,customer_id,ordered_at,amount", orders + orders)}  # every row twice


def latest_metrics(database: Path) -> list[dict[str, Any]]:
    return query(database, f"select * from customer_metrics where as_of_date = date '{AS_OF_DATE}'")


@pytest.fixture(scope="module")
def gate_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gate")
    write_company(place / "raw", gate_company(missing=3))
    return place


def build_gate(place: Path, share: float) -> tuple[BuildResult, Path]:
    database = place / f"share_{share}" / "company.duckdb"
    database.parent.mkdir()
    own = {"raw_location": str(place / "raw"), "inputs": ["orders"], "as_of_date": AS_OF_DATE}
    own |= {"max_quarantined_share": share}
    return build(database, vars=own, select="+customer_metrics", target_path=place / "target"), database


def test_too_much_in_quarantine_stops_the_build_before_any_tier(gate_place: Path) -> None:
    result, database = build_gate(gate_place, 0.29)
    assert not result.success
    (failed,) = result.failed()
    # 20 rows, of which 10 are copies: they count neither as quarantined nor as rows; loading twice opens no gate.
    for words in (
        "orders: 3 of 10 rows (30.0 %) are quarantined",
        "most of them missing_number (3 rows, for example O0)",
        "max_quarantined_share (0.29)",
        "Fill the quantity, price, amount or rate in the source",
        "See every row in quarantined_rows",
        "raise max_quarantined_share",
    ):
        assert words in failed.message
    assert len(read_mart(database, "quarantined_rows")) == 13
    severities = {row["check_name"]: row["severity"] for row in read_mart(database, "data_quality")}
    assert severities["missing_number"] == "error"
    # Everything that measures or decides stands below review_dates.
    assert failed.name == "review_dates"
    assert result.nodes["customer_metrics"].status == "skipped"
    built = {row["name"] for row in query(database, "select table_name as name from duckdb_tables()")}
    assert not built & {"review_dates", "customer_metrics", "customer_tiers"}


def test_a_known_loss_can_be_accepted(gate_place: Path) -> None:
    result, database = build_gate(gate_place, 0.3)  # the share itself is not above the bound
    result.require_success()
    assert sum(row["monetary_12m"] for row in latest_metrics(database)) == 700


# --- internal customers and groups ---


def test_internal_by_a_later_row_is_counted_and_unknown_profit_makes_a_group_unknown(tmp_path: Path) -> None:
    """X sold before its row begins. P's child has no cost of goods; Q's has: 10 - 4 - 17 and 100 - 60 - 17."""
    customers = [("P", "", "", ""), ("K", "P", "", ""), ("Q", "", "", ""), ("R", "Q", "", "")]
    lines = [("P", "100", "60"), ("K", "50", ""), ("Q", "100", "60"), ("R", "10", "4"), ("X", "1000", "1")]
    write_company(
        tmp_path / "raw",
        {
            "customers": (
                "customer_id,parent_customer_id,registered_at,is_internal",
                [*customers, ("X", "", "2026-02-01", "true"), ("Y", "", "2026-02-01", "true")],
            ),
            "orders": ("order_id,customer_id,ordered_at", [(f"O{name}", name, "2025-05-30") for name, *_ in lines]),
            "order_lines": (
                "order_line_id,order_id,quantity,unit_price,unit_cost",
                [(f"L{name}", f"O{name}", "1", price, cost) for name, price, cost in lines],
            ),
            "interactions": ("interaction_id,customer_id,occurred_at,kind", []),
        },
    )
    own = {"raw_location": str(tmp_path / "raw"), "as_of_date": AS_OF_DATE}
    own |= {"inputs": ["customers", "orders", "order_lines", "interactions"]}
    database = tmp_path / "company.duckdb"
    build(database, vars=own, select="+customer_metrics").require_success()
    found = {row["check_name"]: (row["rows_found"], row["example_key"]) for row in read_mart(database, "data_quality")}
    assert found["internal_customer"] == (1, "X")
    assert "customer_not_in_customers" not in found
    assert "no_recent_rows" not in found  # the latest order is of 31 days before
    profits = {row["customer_id"]: row["group_net_profit_12m"] for row in latest_metrics(database)}
    assert profits == {"P": None, "K": None, "Q": Decimal("12.00"), "R": Decimal("-11.00")}


# --- versions ---


def test_what_is_not_known_yet_is_no_orphan(tmp_path: Path) -> None:
    """Two orders of three are known by then; their lines and payments do not say since when they are known."""
    orders = [f"O{n},K{n},2025-05-01,2025-0{n + 4}-02".split(",") for n in (1, 2, 3)]
    tables = {
        "orders": ("order_id,customer_id,ordered_at,loaded_at", orders),
        "order_lines": (
            "order_line_id,order_id,quantity,unit_price",
            [f"L{n},O{n},1,{n}00".split(",") for n in (1, 2, 3)],
        ),
        "invoices": (
            "invoice_id,customer_id,invoiced_at,amount,loaded_at",
            [f"I{n},K{n},2025-05-01,{n}00,2025-0{n + 4}-02".split(",") for n in (1, 2, 3)],
        ),
        "payments": (
            "payment_id,customer_id,paid_at,amount",
            [f"P{n},K{n},2025-05-03,50".split(",") for n in (1, 2, 3)],
        ),
        "payment_allocations": (
            "payment_id,invoice_id,allocated_at,amount",
            [f"P{n},I{n},2025-05-03,50".split(",") for n in (1, 2, 3)],
        ),
    }
    write_company(tmp_path / "raw", tables)
    database = tmp_path / "company.duckdb"
    own = {"raw_location": str(tmp_path / "raw"), "inputs": list(tables), "as_of_date": AS_OF_DATE}
    own |= {"known_at": "2025-06-30", "history_start": AS_OF_DATE, "max_quarantined_share": 0}
    build(database, vars=own, select="+customer_metrics +quarantined_rows").require_success()
    assert read_mart(database, "quarantined_rows") == []
    found = {row["customer_id"]: row for row in latest_metrics(database)}
    assert {name: (row["monetary_12m"], row["open_amount"]) for name, row in found.items()} == {
        "K1": (100, 50),
        "K2": (200, 150),
    }


@pytest.mark.long
def test_only_versions_known_by_then_count(tmp_path: Path) -> None:
    columns = "order_id,customer_id,ordered_at,amount,loaded_at"
    rows = [
        "O1,K1,2025-05-01,10.00,2025-05-01 08:00",
        "O1,K1,2025-05-01,20.00,2025-06-01T00:00:00Z",  # eight in the morning in Shanghai: the last one known
        "O1,K1,2025-05-01,40.00,2025-06-01 08:00:01",
        "O2,K1,2025-05-02,1.00,",  # known since always
        "O3,K2,2025-05-03,5.00,2025-06-02",
    ]
    write_company(tmp_path / "raw", {"orders": (columns, [row.split(",") for row in rows])})
    database = tmp_path / "company.duckdb"
    own = {"raw_location": str(tmp_path / "raw"), "inputs": ["orders"], "as_of_date": AS_OF_DATE}
    build(database, vars=own | {"known_at": "2025-06-01 08:00:00"}, select="+customer_metrics").require_success()
    money = {row["customer_id"]: row["monetary_12m"] for row in latest_metrics(database)}
    assert money == {"K1": Decimal("21.00")}
    assert read_mart(database, "quarantined_rows") == []


# --- typed files ---


def test_typed_columns_are_judged_like_text(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select * from (values
                    (1, 'K1', timestamptz '2025-06-30 15:59:59Z', 10.5::double),
                    (2, 'K1', timestamptz '2025-06-30 16:00:00Z', 10.5::double),
                    (3, 'K1', timestamptz '2025-06-29 16:00:00Z', 'nan'::double),
                    (4, 'K1', timestamptz '2025-06-29 16:00:00Z', 'infinity'::double),
                    (5, 'K1', timestamptz 'infinity', 1.0::double),
                    (6, 'K1', timestamptz '1899-12-31 12:00:00Z', 1.0::double),
                    (7, 'K1', null, 1.0::double)
                ) as orders (order_id, customer_id, ordered_at, amount)
            ) to '{tmp_path / "raw" / "orders.parquet"}' (format parquet)
            """
        )
    database = tmp_path / "company.duckdb"
    own = {"raw_location": str(tmp_path / "raw"), "raw_format": "parquet", "inputs": ["orders"]}
    own |= {"as_of_date": AS_OF_DATE, "max_quarantined_share": 1}
    build(database, vars=own, select="+quarantined_rows").require_success()
    rows = {row["row_key"]: row for row in read_mart(database, "quarantined_rows")}
    assert {key: row["reason"] for key, row in rows.items()} == {
        "3": "not_a_number",
        "4": "not_a_number",
        "5": "impossible_date",
        "6": "impossible_date",
        "7": "impossible_date",
    }
    # In business time, whatever the zone of the machine.
    assert rows["3"]["raw_values"] == "order_id=3; customer_id=K1; ordered_at=2025-06-30 00:00:00; amount=nan"
    used = query(database, "select order_id, order_date from main_staging.stg_orders where row_state = 'used'")
    assert [(row["order_id"], row["order_date"].isoformat()) for row in used] == [("1", "2025-06-30")]


def test_binary_fractions_are_read_as_they_were_written(tmp_path: Path) -> None:
    """What pandas leaves of a column of numbers in which one is missing: an id is 12.0, 17.401752 a little less."""
    raw = tmp_path / "raw"
    raw.mkdir()
    orders = """(values
        (12::double, 7::double, date '2025-06-01', 'USD', 625::float),
        (13::double, 7::double, date '2025-06-02', 'CNY', 71234.56::float),
        (null, 8::double, date '2025-06-02', 'CNY', 1::float),
        (15::double, 9::double, date '2025-06-03', 'CNY', 1e-5::float)
    ) as orders (order_id, customer_id, ordered_at, currency, amount)"""
    customers = "(values (7::integer, null::double), (9::integer, 7::double)) as c (customer_id, parent_customer_id)"
    rates = "(values ('USD', date '2025-01-01', 17.401752::double)) as rates (currency, rate_date, rate_to_base)"
    with duckdb.connect() as connection:
        for table, rows in {"orders": orders, "customers": customers, "exchange_rates": rates}.items():
            connection.execute(f"copy (from {rows}) to '{raw / table}.parquet' (format parquet)")
    database = tmp_path / "company.duckdb"
    own = {"raw_location": str(raw), "raw_format": "parquet", "inputs": ["orders", "customers", "exchange_rates"]}
    own |= {"as_of_date": AS_OF_DATE, "history_start": AS_OF_DATE, "max_quarantined_share": 1}
    build(database, vars=own, select="+customer_metrics +quarantined_rows").require_success()
    (row,) = read_mart(database, "quarantined_rows")
    assert (row["reason"], row["raw_values"]) == (
        "missing_key",
        "customer_id=8; ordered_at=2025-06-02; amount=1.0; currency=CNY",
    )
    # 625 x 17.401752 = 10876.095, half up, and 71234.56 beside it
    money = {row["customer_id"]: row["monetary_12m"] for row in latest_metrics(database)}
    assert money == {"7": Decimal("82110.66"), "9": Decimal("0.00")}
    parents = query(database, "select customer_id from main_staging.stg_customers where parent_customer_id = '7'")
    assert [row["customer_id"] for row in parents] == ["9"]


def test_figures_of_a_currency_of_small_units_have_room(tmp_path: Path) -> None:
    """Each cell is below 10^12; an average, and a ratio to something tiny, are not."""
    tables = {
        "orders": (
            "order_id,customer_id,ordered_at,currency,amount",
            [
                row.split(",")
                for row in ("O1,K1,2025-05-01,USD,50000000", "O2,K2,2025-05-01,,0.01", "O3,K2,2025-05-02,,-20000000000")
            ],
        ),
        "invoices": ("invoice_id,customer_id,invoiced_at,amount", [["I1", "K3", "2025-05-01", "20000000000"]]),
        "payments": ("payment_id,customer_id,paid_at,amount", []),
        "customers": ("customer_id,credit_limit", [["K3", "0.01"]]),
        "exchange_rates": ("currency,rate_date,rate_to_base", [["USD", "2025-01-01", "25000"]]),
    }
    write_company(tmp_path / "raw", tables)
    database = tmp_path / "company.duckdb"
    own = {"raw_location": str(tmp_path / "raw"), "inputs": list(tables), "base_currency": "VND"}
    build(database, vars=own | {"as_of_date": AS_OF_DATE, "history_start": AS_OF_DATE}).require_success()
    found = {row["customer_id"]: row for row in latest_metrics(database)}
    assert found["K1"]["average_order_value_12m"] == 1_250_000_000_000
    assert found["K2"]["return_rate_12m"] == 2_000_000_000_000  # 20,000,000,000 returned of 0.01
    assert found["K3"]["credit_used_ratio"] == 2_000_000_000_000


# --- companies at the edge; all tables are supplied, most of them with a header alone ---

HEADERS = {
    "orders": "order_id,customer_id,ordered_at",
    "order_lines": "order_line_id,order_id,quantity,unit_price,unit_cost",
    "customers": "customer_id,customer_name,registered_at",
    "products": "product_id",
    "invoices": "invoice_id,customer_id,invoiced_at,due_at,amount",
    "payments": "payment_id,customer_id,paid_at,amount",
    "payment_allocations": "payment_id,invoice_id,allocated_at,amount",
    "interactions": "interaction_id,customer_id,occurred_at,kind",
    "surveys": "survey_id,customer_id,answered_at",
    "referrals": "referrer_customer_id,referred_customer_id,referred_at",
    "wallet_estimates": "customer_id,period_start,period_end,category_spend,source",
    "point_redemptions": "redemption_id,customer_id,redeemed_at,points",
    "exchange_rates": "currency,rate_date,rate_to_base",
}


def buyers(*totals: int) -> dict[str, list[str]]:
    """Customers with one order of one line each, all on one day: their scores follow from their totals alone."""
    return {
        "orders": [f"O{n},K{n},2025-05-29" for n in range(len(totals))],
        "order_lines": [f"L{n},O{n},1,{total},1" for n, total in enumerate(totals)],
    }


# Name -> the rows of the tables that have any, and the number of customers by tier.
SMALL: dict[str, tuple[dict[str, list[str]], dict[str, int]]] = {
    "no order and no customer": ({}, {}),
    "prospects alone": (
        {
            "customers": ["K1,Described,", "K2,Registered today,2025-06-30"],
            # K3 only returned something, K4's order has no lines, K5 has an invoice and a payment larger than it.
            "orders": ["O3,K3,2025-05-01", "O4,K4,2025-05-01"],
            "order_lines": ["L3,O3,-1,50,20"],
            "invoices": ["C3,K3,2025-05-01,,-50", "I5,K5,2025-01-01,,10"],
            "payments": ["P5,K5,2025-02-01,15"],
        },
        {"prospect": 5},
    ),
    "one customer with one order": (buyers(100), {"B": 1}),  # (1 - 1 + 1/2) / 1 is above 0.2, not above 0.5
    "two customers alike, who never paid": (
        buyers(100, 100) | {"invoices": ["I0,K0,2025-01-01,2025-01-31,100", "I1,K1,2025-01-01,2025-01-31,100"]},
        {"B": 2},
    ),
}
LONG_SMALL = tuple(SMALL)[1:]
EMPTY_SEEDS = ("policy_caps", "policy_judgements", "tier_overrides", "cost_rates")


@pytest.fixture(scope="module")
def small_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("small")


def build_small(place: Path, rows: Mapping[str, list[str]], project: Path = ROOT) -> Path:
    tables = {name: (columns, [row.split(",") for row in rows.get(name, [])]) for name, columns in HEADERS.items()}
    write_company(place / "raw", tables)
    database = place / "company.duckdb"
    database.unlink(missing_ok=True)
    own = {"raw_location": str(place / "raw"), "inputs": list(HEADERS), "as_of_date": AS_OF_DATE}
    build(database, vars=own | {"history_start": "2025-05-31"}, project_dir=project).require_success()
    return database


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.long) if case in LONG_SMALL else case for case in SMALL]
)
def test_a_small_company_is_a_company(case: str, small_place: Path) -> None:
    rows, expected = SMALL[case]
    database = build_small(small_place, rows)
    assert Counter(row["tier_code"] for row in read_mart(database, "customer_tiers")) == expected


@pytest.mark.long
def test_optional_seeds_may_be_empty(tmp_path: Path) -> None:
    seeds = {name: (ROOT / "seeds" / "policy" / f"{name}.csv").read_text(encoding="utf-8") for name in EMPTY_SEEDS}
    headers = {f"seeds/policy/{name}.csv": content.splitlines()[0] + "\n" for name, content in seeds.items()}
    database = build_small(tmp_path, buyers(900, 900, 300, 200, 100), project_with(tmp_path, headers))
    # The two best share the place (1 - 1 + 2/2) / 5, which is not above 0.2.
    assert Counter(row["tier_code"] for row in read_mart(database, "customer_tiers")) == {"A": 2, "B": 1, "C": 2}
    costs: dict[str, Any] = {
        row["customer_id"]: row["cost_to_serve_12m"] for row in read_mart(database, "customer_metrics")
    }
    assert set(costs.values()) == {Decimal("0.00")}


@pytest.mark.long
def test_an_override_of_nobody_is_reported(tmp_path: Path) -> None:
    seed = """override_id,customer_id,tier_code,valid_from,expires_on,decided_by,reason
D1,K4,A,2025-01-01,2025-12-31,Board,New and large
D2,K44,A,2025-01-01,2025-12-31,Board,Misspelt
"""
    project = project_with(tmp_path, {"seeds/policy/tier_overrides.csv": seed})
    database = build_small(tmp_path, buyers(900, 800, 300, 200, 100), project)
    (found,) = query(database, "select * from data_quality where table_name = 'tier_overrides'")
    assert (found["check_name"], found["example_key"], found["severity"]) == ("unknown_customer", "K44", "warn")
    assert (found["rows_seen"], found["rows_found"], found["rows_quarantined"]) == (2, 1, 0)
    assert "correct the customer_id" in found["remedy"]
    (found,) = query(database, "select * from data_quality where check_name = 'no_recent_rows'")  # 32 days before
    assert (found["table_name"], found["example_key"], found["severity"]) == ("orders", "O0", "warn")
    assert (found["rows_seen"], found["rows_found"], found["rows_quarantined"]) == (5, 5, 0)
    tiers = {row["customer_id"]: row["tier_code"] for row in read_mart(database, "customer_tiers")}
    # The third stands at (3 - 1 + 1/2) / 5, which is not above 0.5.
    assert tiers == {"K0": "A", "K1": "B", "K2": "B", "K3": "C", "K4": "A"}
