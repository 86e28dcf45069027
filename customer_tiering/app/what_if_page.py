"""What if: weights, tiers and caps to move, and who would move by it, with their money."""

from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path

import streamlit as st

from customer_tiering.app import what_if
from customer_tiering.app.published_copy import Marts, Row
from customer_tiering.app.safe_csv import csv_bytes
from customer_tiering.app.show import ABSENT, as_label, money, number, table, text_block, text_table
from customer_tiering.app.texts import Texts, code_in_words, name_of

# How far one click goes, by what the cut of the policy names.
STEPS = {"share": 0.01, "score": 10_000.0, "cumulative_value": 0.01}
SUMMARY = ("customers", "revenue", "profit", "overdue_amount", "planned_contacts", "cost_ceiling")
MOVED = (
    *("customer_id", "customer_name", "from_tier_code", "to_tier_code", "direction", "from_score", "to_score"),
    *("lifecycle_stage", "monetary_12m", "net_profit_12m", "overdue_amount"),
)


def show(marts: Marts, texts: Texts, language: str) -> None:
    version = marts.version.folder
    if not what_if.is_possible(version):
        st.info(texts["what_if_absent"])
        return
    st.markdown(texts["what_if_note"])
    champion = _champion(version)
    policy = _ask(champion, marts.version.name, texts, language)
    if policy is None:
        return
    try:
        with st.spinner(""):
            comparison = _compare(version, policy)
    except what_if.WrongPolicy as error:
        st.error(texts["wrong_policy"])
        for row in error.rows:
            names = {"found": texts["found_text"]}
            text_table([(names.get(name) or texts.get(name, name), str(value)) for name, value in row.items()])
        return
    if policy == champion.policy:
        st.info(texts["same_policy"])
    elif not comparison.moved:
        st.info(texts["nobody_moves"])
    _result(comparison, marts, texts, language)


@st.cache_data(max_entries=8, show_spinner=False)
def _champion(version: Path) -> what_if.Champion:
    return what_if.read_champion(version)


@st.cache_data(max_entries=32, show_spinner=False)
def _compare(version: Path, policy: what_if.Policy) -> what_if.Comparison:
    return what_if.compare(version, policy)


def _ask(champion: what_if.Champion, version: str, texts: Texts, language: str) -> what_if.Policy | None:
    """Show the policy in force to be moved; return it as it was last sent to be compared."""
    # Another version or a reset is another form, which starts from the policy in force.
    resets = st.session_state.setdefault("resets", 0)
    form = f"{version}_{resets}"
    with st.form(f"policy_{form}"):
        left, middle, right = st.columns([2, 1, 1], gap="medium")
        with left:
            weights = _weights(champion, form, texts, language)
        with middle:
            st.markdown(f"**{texts['bounds_' + champion.cut]}**")
            labels = {(row.get("industry") or "any", row["tier_rank"]): row for row in champion.tiers}
            bounds = []
            for industry, tier_rank, value in champion.policy.bounds:
                row = labels[industry, tier_rank]
                label = f"{row['tier_code']}  {row[f'label_{language}']}" + _of(industry)
                key = f"bound_{industry}_{tier_rank}_{form}"
                bounds.append((industry, tier_rank, _moved(label, value, STEPS[champion.cut], key)))
        with right:
            st.markdown(f"**{texts['caps']}**")
            if not champion.policy.caps:
                st.caption(texts["caps_none"])
            codes = {row["tier_rank"]: row["tier_code"] for row in champion.tiers}
            rows = {row["cap_code"]: row for row in champion.caps}
            caps = []
            for code, value in champion.policy.caps:
                row = rows[code]
                best = texts["best_tier"].format(tier=codes.get(row["max_tier_rank"], row["max_tier_rank"]))
                label = f"{name_of(row['indicator'], language)}: {best}"
                caps.append((code, _moved(label, value, 1.0, f"cap_{code}_{form}", row[f"reason_{language}"])))
        compare, reset = st.columns([1, 3])
        sent = compare.form_submit_button(texts["compare"], type="primary", width="stretch")
        if reset.form_submit_button(texts["reset"]):
            st.session_state["resets"] += 1
            st.session_state.pop("policy", None)
            st.rerun()
    if sent:
        st.session_state["policy"] = (form, what_if.Policy(tuple(weights), tuple(bounds), tuple(caps)))
    sent_from, policy = st.session_state.get("policy", (None, None))
    return policy if sent_from == form else None


def _weights(
    champion: what_if.Champion, form: str, texts: Texts, language: str
) -> tuple[tuple[str, str, Decimal], ...]:
    st.markdown(f"**{texts['weights']}**")
    if champion.weighting not in ("fixed", "blend"):
        st.caption(texts["weights_fixed_only"].format(weighting=champion.weighting))
        return champion.policy.weights
    if champion.weighting == "blend":
        st.caption(texts["weights_blend"])
    weights = []
    places = st.columns(2)
    for place, (industry, indicator, weight) in enumerate(champion.policy.weights):
        label = name_of(indicator, language) + _of(industry)
        with places[place % 2]:
            asked = _moved(label, weight, 0.01, f"weight_{industry}_{indicator}_{form}")
        weights.append((industry, indicator, asked))
    return tuple(weights)


def _of(industry: str) -> str:
    return "" if industry == "any" else f" ({industry})"


def _moved(label: str, value: Decimal, step: float, key: str, about: str | None = None) -> Decimal:
    """Ask for a number; return the policy's own, to the last decimal, where it was not moved."""
    start = float(value)
    asked = st.number_input(
        as_label(label),
        value=start,
        step=step,
        format="%.0f" if step >= 1 and start.is_integer() else "%.4g",
        key=key,
        help=as_label(about) if about else None,
    )
    return value if asked == start else Decimal(f"{asked:.6f}")


def _result(comparison: what_if.Comparison, marts: Marts, texts: Texts, language: str) -> None:
    moved, tiers = comparison.moved, comparison.tiers
    ways = Counter(row["direction"] for row in moved)
    figures = st.columns(4)
    said = "  ·  ".join(f"{code_in_words(way, language)} {number(count)}" for way, count in sorted(ways.items()))
    plain = {"delta_color": "off", "delta_arrow": "off", "border": True}
    figures[0].metric(texts["moved"], number(len(moved)), said or ABSENT, **plain)
    revenue = sum((row["monetary_12m"] for row in moved if row["monetary_12m"] is not None), Decimal(0))
    every = _total(tiers, "revenue_before")
    share = texts["of_all"].format(share=f"{revenue / every:z.1%}") if every else ABSENT
    figures[1].metric(texts["moved_revenue"], money(revenue), share, **plain)
    for place, text, column, shown in (
        (2, "contacts", "planned_contacts", number),
        (3, "ceilings", "cost_ceiling", money),
    ):
        before, after = (_total(tiers, f"{column}_{moment}") for moment in ("before", "after"))
        difference = None if before is None or after is None else after - before
        figures[place].metric(
            texts[text],
            ABSENT if after is None else shown(round(after, 2)),
            None if difference is None else f"{difference:+z,.2f}",
            delta_color="off" if not difference else "inverse",
            border=True,
        )
    st.subheader(texts["summary"])
    columns = [f"{column}_{moment}" for column in SUMMARY for moment in ("before", "after")]
    names = {
        f"{column}_{moment}": f"{texts.get(column) or name_of(column, language)}, {texts[moment]}"
        for column in SUMMARY
        for moment in ("before", "after")
    }
    ranked = sorted(tiers, key=lambda row: (row["from_tier_rank"] is None, row["from_tier_rank"], row["tier_code"]))
    table(ranked, ["tier_code", f"tier_label_{language}", *columns], language, names=names, key="summary")
    if moved:
        st.subheader(texts["who_moves"])
        left, right = st.columns([3, 1], vertical_alignment="center")
        moves = Counter((row["from_tier_code"], row["to_tier_code"]) for row in moved)
        with left:
            text_block("  ·  ".join(f"{of} → {to}: {number(count)}" for (of, to), count in sorted(moves.items())))
        right.download_button(
            texts["download"],
            partial(csv_bytes, list(moved[0]), moved),
            file_name=f"what_if_{marts.version.as_of_date}.csv",
            mime="text/csv; charset=utf-8",
            help=texts["download_note"],
            on_click="ignore",
            width="stretch",
        )
        shown = sorted(moved, key=lambda row: (-(row["monetary_12m"] or 0), row["customer_id"]))[:1000]
        table(shown, MOVED, language, key="moved", height=460 if len(shown) > 12 else "auto")
    st.caption(texts["seconds"].format(seconds=number(comparison.seconds, 1)))


def _total(rows: list[Row], column: str) -> Decimal | None:
    """Return the sum, or None where it is not known of every tier."""
    values = [row[column] for row in rows]
    return None if None in values else sum(values, Decimal(0))
