"""Lists to work from: filtered on the page, downloaded whole, as they stand in the marts."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from customer_tiering.app.published_copy import Marts, Row, Version
from customer_tiering.app.safe_csv import csv_bytes
from customer_tiering.app.show import money, number, table
from customer_tiering.app.texts import Texts, code_in_words, name_of

SHOWN = 1000
# Who a customer is, which the filters ask for; a list that lacks a column of these gets it for the download.
ABOUT = ("customer_name", "region", "industry", "account_owner", "tier_code")
FILTERS = {"region": "region", "industry": "industry", "account_owner": "account_owner", "tier_code": "tier_now"}


@dataclass(frozen=True)
class List:
    columns: tuple[str, ...]  # on the page; {language} stands for it
    order: str
    totals: tuple[str, ...]


LISTS = {
    "customer_tiers": List(
        (
            *("customer_id", "customer_name", "tier_code", "sub_tier_code", "score", "monetary_12m", "net_profit_12m"),
            *("overdue_amount", "lifecycle_stage", "region", "industry", "account_owner", "previous_tier_code"),
            *("tier_since", "points_to_next_tier", "next_contact_due", "tier_reason_{language}"),
        ),
        "score_rank nulls last, customer_id",
        ("monetary_12m", "net_profit_12m", "overdue_amount"),
    ),
    "winback_list": List(
        (
            *("customer_id", "customer_name", "peak_tier_code", "lifecycle_stage", "expected_worth", "value_at_peak"),
            *("chance_of_return", "lost_since", "last_purchase_date", "top_category_at_peak", "last_complaint_at"),
            *("region", "industry", "account_owner", "reason_{language}"),
        ),
        "expected_worth desc nulls last, customer_id",
        ("expected_worth", "value_at_peak"),
    ),
    "tier_changes": List(
        (
            *("customer_id", "customer_name", "from_tier_code", "to_tier_code", "direction", "score_difference"),
            *("main_cause", "region", "industry", "account_owner", "reason_{language}"),
        ),
        "as_of_date desc, abs(score_difference) desc, customer_id",
        (),
    ),
}


def show(marts: Marts, texts: Texts, language: str) -> None:
    name = st.radio(
        texts["list"], list(LISTS), format_func=lambda key: texts[f"list_{key}"], key="list", horizontal=True
    )
    chosen: dict[str, Any] = {}
    places = st.columns(len(FILTERS) + (name == "tier_changes"))
    if name == "tier_changes":
        reviews = [row["as_of_date"] for row in marts.read(REVIEWS)]
        chosen["as_of_date"] = places[-1].selectbox(texts["review_date"], reviews, key="review")
    for place, (column, text) in zip(places, FILTERS.items(), strict=False):
        values = [row["value"] for row in marts.read(VALUES.format(column=column))]
        chosen[column] = place.multiselect(
            texts[text],
            values,
            format_func=lambda value: texts["unknown"] if value is None else code_in_tier(value, language),
            placeholder=texts["any"],
            key=f"filter_{column}",
        )
    shown = LISTS[name]
    rows = list_rows(marts, name, chosen, SHOWN)
    [totals] = marts.read(f"select count(*) as rows, {_sums(shown)} from ({_sql(name, chosen)})", **_parameters(chosen))
    count = texts["rows_shown" if totals["rows"] > SHOWN else "rows"].format(rows=number(totals["rows"]), shown=SHOWN)
    left, right = st.columns([3, 1], vertical_alignment="center")
    sums = [
        texts["sum"].format(measure=name_of(measure, language), amount=money(totals[measure]))
        for measure in shown.totals
    ]
    left.markdown("  ·  ".join([f"**{count}**", *sums]))
    right.download_button(
        texts["download"],
        partial(download, marts.version, name, chosen),  # made when it is asked for
        file_name=f"{name}_{marts.version.as_of_date}.csv",
        mime="text/csv; charset=utf-8",
        help=texts["download_note"],
        on_click="ignore",
        disabled=not rows,
        width="stretch",
    )
    if not rows:
        st.info(texts["rows_none"])
        return
    columns = [column.format(language=language) for column in shown.columns]
    if "sub_tier_code" in columns and not any(row["sub_tier_code"] for row in rows):  # the policy divides no tier
        columns.remove("sub_tier_code")
    table(rows, columns, language, key=f"table_{name}", height=620 if len(rows) > 15 else "auto")


REVIEWS = "select distinct as_of_date from tier_changes order by as_of_date desc"  # a review is offered once
VALUES = "select {column} as value from customer_tiers group by {column} order by {column} nulls last"


def list_rows(marts: Marts, name: str, chosen: dict[str, Any], limit: int | None = None) -> list[Row]:
    """Return the rows of a list that fit: they have one of the values chosen in each filter in which any is."""
    sql = f"{_sql(name, chosen)} order by {LISTS[name].order}"
    return marts.read(f"{sql} limit {limit}" if limit else sql, **_parameters(chosen))


def download(version: Version, name: str, chosen: dict[str, Any]) -> bytes:
    """Return all rows of a list that fit, with all columns of the mart, exact as they are there."""
    with Marts(version) as marts:
        columns = [row["column_name"] for row in marts.read(f"describe {_sql(name, {})}")]
        return csv_bytes(columns, list_rows(marts, name, chosen))


def _sql(name: str, chosen: dict[str, Any]) -> str:
    conditions = [
        f"(list_contains(cast(${column} as varchar[]), about.{column})"
        f" or (${column}_unknown and about.{column} is null))"
        for column in FILTERS
        if chosen.get(column)
    ]
    if "as_of_date" in chosen:
        conditions.append("listed.as_of_date = $as_of_date")
    about = ", ".join(f"about.{column}" for column in ABOUT)
    # where the list has the column itself, its own
    return f"""
        select listed.*, about.* exclude (about_customer_id, {", ".join(_own_columns(name))})
        from {name} as listed
        left join (select customer_id as about_customer_id, {about} from customer_tiers as about) as about
            on listed.customer_id = about.about_customer_id
        where {" and ".join(conditions) or "true"}
    """


def _own_columns(name: str) -> list[str]:
    return {
        "customer_tiers": list(ABOUT),
        "winback_list": ["customer_name", "account_owner"],
        "tier_changes": [],
    }[name]


def _parameters(chosen: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for column, values in chosen.items():
        if isinstance(values, date):
            parameters[column] = values
        elif values:
            parameters[column] = [value for value in values if value is not None]
            parameters[f"{column}_unknown"] = None in values
    return parameters


def _sums(shown: List) -> str:
    return ", ".join(f"sum({measure}) as {measure}" for measure in shown.totals) or "null as nothing"


def code_in_tier(value: str, language: str) -> str:
    return code_in_words(value, language) if value in ("prospect", "not_enough_history") else value
