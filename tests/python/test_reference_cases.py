"""Tests of the reference itself, against published and hand-computed cases, so that it can be relied on."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hand_company import (
    AS_OF_DATE,
    EXPECTED,
    EXPECTED_FIRST_IN_FIRST_OUT,
    EXPECTED_QUARANTINE,
    write_hand_company,
    write_hand_policy,
)
from random_company import write_random_company, write_random_policy
from reference import (
    METRIC_COLUMNS,
    Credit,
    Invoice,
    compare,
    customer_metrics,
    expected_cycle,
    history_start_of,
    load_company,
    load_policies,
    midranks,
    normalised_weights,
    review_dates,
    score_reviews,
    settle_first_in_first_out,
    tier_summary,
    tiers_by_cumulative_value,
    tiers_by_score,
    tiers_by_share,
    value_concentration,
)
from reference.exact import parse_moment, round_half_away, round_square_root


def write_table(folder: Path, name: str, text: str) -> None:
    """Write a table from text with one line for each row."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(line.split() for line in text.replace(",", " ").strip().splitlines())


def metrics_of_one(folder: Path, as_of_date: date, **settings: str) -> dict[str, object]:
    """The metrics of the only customer of a company."""
    company = load_company(folder, as_of_date, **settings)
    (row,) = customer_metrics(company, [], [as_of_date])
    return row


# --- ten customers by hand ---


@pytest.mark.parametrize("with_allocations", [True, False])
def test_ten_customers_agree_to_the_cent_and_the_day(tmp_path: Path, with_allocations: bool) -> None:
    write_hand_company(tmp_path / "raw", with_allocations)
    write_hand_policy(tmp_path / "policy")
    policies = load_policies(tmp_path / "policy")
    metrics = customer_metrics(load_company(tmp_path / "raw", AS_OF_DATE), policies.cost_rates, [AS_OF_DATE])
    for row, decision in zip(metrics, score_reviews(metrics, policies, [AS_OF_DATE]).history, strict=True):
        row["lifecycle_stage"] = decision["lifecycle_stage"]
    expected = [
        {"customer_id": customer_id}
        | row
        | ({} if with_allocations else EXPECTED_FIRST_IN_FIRST_OUT.get(customer_id, {}))
        for customer_id, row in EXPECTED.items()
    ]
    assert len(expected) == 10
    assert [
        str(line) for line in compare(expected, metrics, ["customer_id"], [*METRIC_COLUMNS, "lifecycle_stage"])
    ] == []


def test_broken_rows_of_the_ten_customers_are_in_quarantine(tmp_path: Path) -> None:
    write_hand_company(tmp_path)
    found = [
        (row["table_name"], row["row_key"], row["reason"]) for row in load_company(tmp_path, AS_OF_DATE).quarantined
    ]
    assert Counter(found) == Counter(EXPECTED_QUARANTINE)


def test_tiers_of_the_ten_customers(tmp_path: Path) -> None:
    # Nine are scored. Places from the worst, less a half:
    # monetary_12m H02 0.5, H09 1.5, H06 2.5, H08 3.5, H10 4.5, H03 5.5, H05 6.5, H04 7.5, H01 8.5;
    # overdue_amount H04 0.5, H01 1.5, H05 2.5, H08 3.5, H10 4.5, H09 5.5, and H02, H03, H06, who owe nothing, 7.5.
    # Over 9, times half a million points, each line rounded:
    # 0.5: 27778, 1.5: 83333, 2.5: 138889, 3.5: 194444, 4.5: 250000, 5.5: 305556, 6.5: 361111, 7.5: 416667, 8.5: 472222.
    expected = {
        "H01": (555555, "B"),  # 472222 + 83333; third, 2.5 / 9 is above 0.2
        "H02": (444445, "C"),  # 27778 + 416667; sixth with H04, 6 / 9
        "H03": (722223, "A"),  # 305556 + 416667; 0.5 / 9
        "H04": (444445, "C"),  # 416667 + 27778
        "H05": (500000, "B"),  # 361111 + 138889; fourth with H10, 4 / 9
        "H06": (555556, "A"),  # 138889 + 416667; 1.5 / 9
        "H07": (None, "prospect"),
        "H08": (388888, "C"),  # 194444 + 194444
        "H09": (388889, "C"),  # 83333 + 305556
        "H10": (500000, "B"),  # 250000 + 250000
    }
    write_hand_company(tmp_path / "raw")
    write_hand_policy(tmp_path / "policy")
    policies = load_policies(tmp_path / "policy")
    metrics = customer_metrics(load_company(tmp_path / "raw", AS_OF_DATE), policies.cost_rates, [AS_OF_DATE])
    review = score_reviews(metrics, policies, [AS_OF_DATE])
    assert {row["customer_id"]: (row["score"], row["tier_code"]) for row in review.history} == expected
    assert not any(
        row["is_tie_at_cut"] for row in review.history
    )  # the fourth and fifth of nine: the cut is after them
    summary = {row["tier_code"]: row for row in tier_summary(metrics, review.history, policies)}
    assert summary["A"]["revenue"] == Decimal("720.00")  # 540 + 180
    assert summary["prospect"]["profit"] == Decimal("-17.00")
    assert summary["B"]["overdue_amount"] == Decimal("1465.33")  # 1000 + 405.33 + 60
    revenue = [row for row in value_concentration(metrics) if row["measure"] == "revenue"]
    best = [row for row in revenue if row["percentile"] <= 20]
    # H07 has no purchase; 0.2 x 9 is 1.8: H01 with 4000 and H04 with 2000.
    assert (sum(row["customers"] for row in best), sum(row["amount"] for row in best)) == (2, Decimal("6000.00"))
    assert best[-1]["cumulative_customer_share"] == Decimal("0.222222")
    assert revenue[-1]["cumulative_share"] == 1


# --- published cases ---


def test_purchase_cycle_of_the_published_case(tmp_path: Path) -> None:
    write_table(
        tmp_path,
        "orders",
        """
        order_id customer_id ordered_at amount
        1 X 2024-01-01 10
        2 X 2024-01-01 10
        3 X 2024-01-31 10
        4 X 2024-03-01 10
        5 X 2024-03-31 10
        6 X 2024-06-29 10
        """,
    )
    row = metrics_of_one(tmp_path, date(2024, 8, 28))
    assert row["purchase_days"] == 5
    assert row["purchase_gaps"] == [30, 30, 30, 90]
    assert row["purchase_cycle_days"] == 30
    assert row["cycle_variation"] == Decimal("0.666667")
    assert row["recency_days"] == 60
    assert row["expected_next_purchase_date"] == date(2024, 7, 29)
    assert row["cycle_overdue_ratio"] == 2


def test_expected_cycle_is_drawn_to_the_reference() -> None:
    # (4 x 30 + 3 x 21) / 7 = 183 / 7
    assert expected_cycle([30, 30, 30, 30], Fraction(21)) == Fraction(183, 7)
    assert expected_cycle([], Fraction(21)) == 21
    assert expected_cycle([], None) is None


def _in_time_order(rows: list[tuple[str, str, int]], kind: type, **more: object) -> list:
    return [
        kind(identifier, "CNY", date.fromisoformat(day), amount=Fraction(amount), rate=Fraction(1), **more)
        for identifier, day, amount in rows
    ]


def test_first_in_first_out_of_the_published_case() -> None:
    invoices = _in_time_order(
        [
            ("100000000", "2016-01-01", 30),
            ("100000001", "2016-02-01", 25),
            ("100000002", "2016-03-01", 13),
            ("100000003", "2016-04-01", 18),
            ("100000004", "2016-05-01", 12),
        ],
        Invoice,
        due_date=date(2016, 1, 1),
        terms=0,
        terms_since=None,
        is_disputed=False,
    )
    credits = _in_time_order(
        [
            ("1", "2016-01-12", 12),
            ("2", "2016-01-13", 28),
            ("3", "2016-02-08", 2),
            ("4", "2016-02-23", 30),
            ("5", "2016-05-12", 15),
        ],
        Credit,
    )
    settlements = settle_first_in_first_out(invoices, credits, date(2016, 12, 31))
    assert [(part.invoice_id[-1], part.credit_id, part.amount) for part in settlements] == [
        ("0", "1", 12),
        ("0", "2", 18),
        ("1", "2", 10),
        ("1", "3", 2),
        ("1", "4", 13),
        ("2", "4", 13),
        ("3", "4", 4),
        ("3", "5", 14),
        ("4", "5", 1),
    ]
    # A payment ahead of its invoice settles it on the invoice's own day.
    assert settlements[6].day == date(2016, 4, 1)
    assert settle_first_in_first_out(invoices, credits, date(2016, 1, 12))[0].amount == 12


def test_negative_payment_reopens_what_was_settled_last() -> None:
    invoices = _in_time_order(
        [("a", "2025-01-01", 100), ("b", "2025-01-02", 100)],
        Invoice,
        due_date=date(2025, 1, 1),
        terms=0,
        terms_since=None,
        is_disputed=False,
    )
    credits = _in_time_order([("p", "2025-02-01", 150), ("q", "2025-03-01", -80), ("r", "2025-04-01", 40)], Credit)
    settlements = settle_first_in_first_out(invoices, credits, date(2025, 12, 31))
    # The level: 150, 70, 110. Of a 70 are paid by p and 30 by r; of b 10 by r.
    assert [(part.invoice_id, part.credit_id, part.amount) for part in settlements] == [
        ("a", "p", 70),
        ("a", "r", 30),
        ("b", "r", 10),
    ]


@pytest.mark.parametrize(
    ("as_of_date", "expected"),
    [
        (
            date(2024, 3, 25),
            {
                "open_amount": 800,
                "overdue_amount": 400,
                "unapplied_amount": 0,
                "max_days_overdue": 50,
                "ageing_31_60": 400,
                "ageing_current": 400,
            },
        ),
        (
            date(2024, 6, 30),
            {
                "open_amount": 1400,
                "overdue_amount": 1000,
                "unapplied_amount": 100,
                "max_days_overdue": 91,
                "ageing_over_90": 200,
                "ageing_1_30": 800,
                "ageing_current": 400,
            },
        ),
    ],
)
def test_arrears_of_the_published_ledger(tmp_path: Path, as_of_date: date, expected: dict[str, int]) -> None:
    write_table(tmp_path, "orders", "order_id customer_id ordered_at amount")
    write_table(
        tmp_path,
        "invoices",
        """
        customer_id invoice_id invoiced_at due_at amount is_disputed
        A I1 2024-01-05 2024-02-04 1000 false
        A I2 2024-03-01 2024-03-31 500 false
        A I3 2024-05-10 2024-06-09 800 false
        A CN1 2024-03-20 2024-03-20 -100 false
        A I4 2024-06-25 2024-07-25 400 false
        A I5 2024-07-02 2024-08-01 900 false
        """,
    )
    write_table(
        tmp_path,
        "payments",
        """
        customer_id payment_id paid_at amount
        A R1 2024-02-20 600
        A R2 2024-04-15 700
        A R3 2024-07-10 300
        """,
    )
    write_table(
        tmp_path,
        "payment_allocations",
        """
        payment_id invoice_id allocated_at amount
        R1 I1 2024-02-20 600
        R2 I1 2024-04-15 400
        R2 I2 2024-04-16 200
        CN1 I2 2024-03-20 100
        R3 I2 2024-07-10 200
        """,
    )
    row = metrics_of_one(tmp_path, as_of_date)
    assert {column: row[column] for column in expected} == expected
    assert row["net_profit_12m"] is None  # no lines, no costs: unknown, not 0
    # The same as seen later: what was allocated afterwards leaves no trace on an earlier review.
    later = load_company(tmp_path, date(2024, 12, 31))
    (row_seen_later,) = customer_metrics(later, [], [as_of_date])
    assert {column: row_seen_later[column] for column in expected} == expected


def test_midranks_of_the_published_case() -> None:
    values = dict(enumerate([1, 1, 1, 2, 5, 5, 9, 10, 10, 20]))
    places = midranks(values)
    assert [float(place) for place in places.values()] == [0.15, 0.15, 0.15, 0.35, 0.5, 0.5, 0.65, 0.8, 0.8, 0.95]
    assert sum(midranks(values, best_is_high=False).values()) / 10 == Fraction(1, 2)


@pytest.mark.parametrize(
    ("known_at", "expected"), [("2024-01-31", 100), ("2024-02-10", 70), ("2024-02-29", 90), ("2024-03-31", 140)]
)
def test_only_what_was_known_counts(tmp_path: Path, known_at: str, expected: int) -> None:
    write_table(
        tmp_path,
        "orders",
        """
        order_id customer_id ordered_at amount loaded_at
        o1 A 2024-01-10 100 2024-01-10
        o2 A 2024-02-20 50 2024-03-05
        o3 A 2024-01-15 -30 2024-02-01
        o1 A 2024-01-10 120 2024-02-15
        """,
    )
    assert metrics_of_one(tmp_path, date(2024, 2, 29), known_at=known_at)["monetary_lifetime"] == expected


# --- cuts ---

SHARES = [(1, Decimal("0.2")), (2, Decimal("0.3")), (3, Decimal("0.5"))]


def test_share_cut_has_exact_sizes_without_ties() -> None:
    for count in range(1, 1001):
        tiers, flagged = tiers_by_share({f"{number}": number for number in range(count)}, SHARES)
        assert list(tiers.values()).count(1) == (2 * count + 5) // 10, count  # 0.2 x count, a half going up
        assert not flagged


def test_share_cut_never_divides_a_tie() -> None:
    scores = {f"{number}": 900 if number < 41 else 800 - number for number in range(100)}
    tiers, flagged = tiers_by_share(scores, SHARES)
    # (1 - 1 + 41 / 2) / 100 = 0.205: none of them in the best tier
    assert 1 not in tiers.values()
    assert flagged == {f"{number}" for number in range(41)}
    assert tiers_by_share({"only": 5}, SHARES) == ({"only": 2}, set())  # 0.5 is above 0.2, and not above 0.5


def test_score_cut_takes_the_border_into_the_better_tier() -> None:
    cuts = [(1, Decimal(700)), (2, Decimal(400)), (3, Decimal(0))]
    assert tiers_by_score({"a": 700, "b": 699, "c": 400, "d": 0}, cuts) == {"a": 1, "b": 2, "c": 2, "d": 3}


def test_cumulative_cut_looks_at_the_share_before_a_customer() -> None:
    cuts = [(1, Decimal("0.8")), (2, Decimal("0.95")), (3, Decimal(1))]
    values = {"a": 80, "b": 10, "c": 5, "d": 5, "e": 0, "f": -9, "g": None}
    # before a 0, before b 0.80, before c and d 0.90 (d alone would have 0.95), the rest brings nothing
    tiers, flagged = tiers_by_cumulative_value(values, cuts)
    assert tiers == {"a": 1, "b": 2, "c": 2, "d": 2, "e": 3, "f": 3, "g": 3}
    assert flagged == {"c", "d"}


def test_remainder_of_the_weights_goes_to_the_largest_then_the_first() -> None:
    third = normalised_weights(dict.fromkeys(("b", "a", "c"), Decimal(1)))
    assert third == {"a": Decimal("0.333334"), "b": Decimal("0.333333"), "c": Decimal("0.333333")}
    sixths = normalised_weights({"a": Decimal(1), "b": Decimal(4), "c": Decimal(1)})
    # 166667 + 666667 + 166667 is one millionth too much
    assert sixths == {"a": Decimal("0.166667"), "b": Decimal("0.666666"), "c": Decimal("0.166667")}


# --- exact numbers and days ---


def test_a_half_rounds_away_from_zero() -> None:
    assert [round_half_away(Fraction(text), 2) for text in ("0.285", "-0.285", "2.675", "0.2849")] == [
        Decimal("0.29"),
        Decimal("-0.29"),
        Decimal("2.68"),
        Decimal("0.28"),
    ]
    assert round_square_root(Fraction(2), 6) == Decimal("1.414214")
    assert round_square_root(Fraction(1, 16), 1) == Decimal("0.3")  # 0.25


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-06-30", "2025-06-30"),
        ("2025-06-30T16:00:00Z", "2025-07-01"),
        ("2025-06-30 15:59:59.999Z", "2025-06-30"),
        ("2025-07-01 00:30+0900", "2025-06-30"),
        ("2025-06-30T23:00-05", "2025-07-01"),
        ("2025-06-30 23:59", "2025-06-30"),
        ("2025-02-29", None),
        ("2025-06-30 24:00", None),
        ("30.06.2025", None),
        ("1899-12-31", None),
    ],
)
def test_days_are_business_days(text: str, day: str | None) -> None:
    moment = parse_moment(text, "Asia/Shanghai")
    assert (moment and moment.date().isoformat()) == day


def test_review_dates_are_period_ends_and_the_last_day() -> None:
    assert review_dates(date(2025, 1, 31), date(2025, 3, 17)) == [
        date(2025, 1, 31),
        date(2025, 2, 28),
        date(2025, 3, 17),
    ]
    assert review_dates(date(2025, 6, 1), date(2025, 6, 15), "week") == [
        date(2025, 6, 1),
        date(2025, 6, 8),
        date(2025, 6, 15),
    ]
    assert history_start_of(date(2024, 2, 29)) == date(2023, 2, 28)


def test_comparison_names_key_column_and_both_values() -> None:
    expected = [{"k": "a", "v": Decimal("1.00")}, {"k": "b", "v": None}, {"k": "c", "v": 1}]
    actual = [{"k": "a", "v": 1}, {"k": "b", "v": Decimal(0)}, {"k": "d", "v": 1}]
    assert [str(line) for line in compare(expected, actual, ["k"], ["v"])] == [
        "[b] v: expected None, found 0",
        "[c] (row): expected one row, found none",
        "[d] (row): expected none, found one row",
    ]


# --- random companies ---


@pytest.mark.parametrize("seed", range(4))
def test_random_companies_keep_the_invariants(tmp_path: Path, seed: int) -> None:
    drawn = write_random_company(tmp_path / "raw", seed)
    write_random_policy(tmp_path / "policy", seed)
    company, policies = load_company(tmp_path / "raw", drawn.as_of_date), load_policies(tmp_path / "policy")
    dates = review_dates(history_start_of(drawn.as_of_date), drawn.as_of_date)
    metrics = customer_metrics(company, policies.cost_rates, dates)
    review = score_reviews(metrics, policies, dates)

    points: dict[tuple, int] = {}
    weights: dict[tuple, Decimal] = {}
    for line in review.ledger:
        key = line["as_of_date"], line["customer_id"]
        points[key] = points.get(key, 0) + line["points"]
        weights[key] = weights.get(key, Decimal(0)) + line["weight"]
    assert points
    assert set(weights.values()) <= {Decimal(1), Decimal(0)}
    scores = {
        (row["as_of_date"], row["customer_id"]): row["score"] for row in review.history if row["score"] is not None
    }
    assert scores == points
    for row in metrics:
        if (
            row["open_amount"] is not None
            and row["overdue_amount"] is not None
            and company.has_column("invoices", "is_disputed")
        ):
            bands = sum(row[column] for column in METRIC_COLUMNS if column.startswith("ageing_"))
            # Each amount is rounded on its own: up to half a cent for each of the seven.
            assert abs(row["open_amount"] - row["disputed_amount"] - bands) <= Decimal("0.035")
    assert {row["reason"] for row in company.quarantined} >= {"duplicate", "missing_key", "impossible_date"}


def test_a_seed_always_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_random_company(tmp_path / name, 7)
        write_random_policy(tmp_path / name / "policy", 7)
    ones = sorted(path for path in (tmp_path / "one").rglob("*.csv"))
    assert len(ones) > 12
    for path in ones:
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_a_clean_company_has_nothing_broken(tmp_path: Path) -> None:
    drawn = write_random_company(tmp_path, 3, dirt=False, tables=["order_lines", "customers", "exchange_rates"])
    assert drawn.inputs == ("orders", "order_lines", "customers", "exchange_rates")
    assert load_company(tmp_path, drawn.as_of_date).quarantined == []
