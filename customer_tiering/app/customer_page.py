"""One customer: its tier and why, the score as bars that add up, the history, the smallest steps up, the treatment."""

import html

import streamlit as st

from customer_tiering.app import charts
from customer_tiering.app.published_copy import Marts, Row
from customer_tiering.app.show import ABSENT, money, number, table, text_block, text_table
from customer_tiering.app.texts import Texts, code_in_words
from customer_tiering.report.charts import STATE, ink_on, tier_colours

OFFERED = 100
TREATMENT = (
    *("next_contact_due", "last_contact_date", "contact_every_days", "response_target_hours", "owner_role"),
    *("credit_terms_days", "discount_rate", "cost_to_serve_12m", "cost_ceiling"),
)


def show(marts: Marts, texts: Texts, language: str) -> None:
    left, right = st.columns(2)
    text = left.text_input(texts["search"], key="search", help=texts["search_help"])
    wanted = st.query_params.get("customer", "")
    found = find(marts, text, wanted)
    if not found:
        st.info(texts["found_none"])
        return
    names = {row["customer_id"]: row["customer_name"] for row in found}
    if wanted and not text and wanted not in names:
        st.warning(texts["not_there"].format(customer=wanted))
        return
    chosen = right.selectbox(
        texts["found"],
        list(names),
        index=list(names).index(wanted) if wanted in names else 0,
        format_func=lambda key: f"{names[key] or texts['no_name']}  ·  {key}",
        help=texts["found_more"].format(shown=OFFERED) if len(found) == OFFERED else None,
    )
    st.query_params["customer"] = chosen
    [customer] = marts.read("select * from customer_tiers where customer_id = $id", id=chosen)
    tiers = marts.read(
        """
        select tier_code, tier_code as tier, tier_rank
        from tier_summary_current
        order by tier_rank nulls last, tier_code
        """
    )
    colours = tier_colours(tiers)
    _card(customer, colours, texts, language)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _score(marts, customer, tiers, texts, language)
    with right:
        _history(marts, chosen, colours, texts, language)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(texts["steps"])
        _steps(marts, chosen, language)
    with right:
        st.subheader(texts["treatment"])
        _treatment(marts, chosen, texts, language)


def find(marts: Marts, text: str, wanted: str = "") -> list[Row]:
    """Return customers whose name or id has the text in it, the one of that id first, then the best by score.

    The one that the page's address names is among them whenever it has the text in it.
    """
    return marts.read(
        f"""
        select customer_id, customer_name
        from customer_tiers
        where contains(lower(customer_id), lower($text)) or contains(lower(customer_name), lower($text))
        order by
            lower(customer_id) = lower($text) desc, customer_id = $wanted desc, score_rank nulls last, customer_id
        limit {OFFERED}
        """,
        text=text.strip(),
        wanted=wanted,
    )


def _card(customer: Row, colours: dict[str, str], texts: Texts, language: str) -> None:
    tier = customer["tier_code"]
    codes = _joined(tier, customer["sub_tier_code"])
    labels = _joined(customer[f"tier_label_{language}"], customer[f"sub_tier_label_{language}"])
    about = [customer[name] for name in ("customer_id", "region", "industry", "account_owner")]
    colour = colours.get(tier, STATE)
    style = f"background:{colour};color:{ink_on(colour)}"
    st.html(
        '<div style="display:flex;gap:1rem;align-items:center;margin-top:.4rem">'
        f'<div style="{style};border-radius:.6rem;padding:.5rem 1rem;text-align:center;flex:none;max-width:40%">'
        f'<div style="font-size:1.7rem;font-weight:700;line-height:1.2">{_escaped(codes)}</div>'
        f'<div style="font-size:.8rem">{_escaped(labels)}</div></div>'
        '<div style="min-width:0;overflow-wrap:anywhere">'
        '<div style="font-size:1.5rem;font-weight:600;line-height:1.25;max-height:8rem;overflow-y:auto" '
        f'id="customer-name">{_escaped(customer["customer_name"] or texts["no_name"])}</div>'
        f'<div style="color:#6b7785">{_escaped(_joined(*about))}</div></div></div>'
    )
    place = texts["place_of"].format(
        place=number(customer["score_rank"]), customers=number(customer["scored_customers"])
    )
    figures = [
        (texts["score"], number(customer["score"])),
        (texts["place"], place if customer["score_rank"] is not None else ABSENT),
        (texts["to_next"], number(customer["points_to_next_tier"])),
        (texts["tier_since"], str(customer["tier_since"])),
        (texts["revenue"], money(customer["monetary_12m"])),
        (texts["profit"], money(customer["net_profit_12m"])),
        (texts["overdue"], money(customer["overdue_amount"])),
        (texts["stage"], code_in_words(customer["lifecycle_stage"], language) or ABSENT),
    ]
    cells = "".join(
        '<div style="border:1px solid #e4e8ec;border-radius:.5rem;padding:.45rem .7rem">'
        f'<div style="color:#6b7785;font-size:.8rem">{_escaped(name)}</div>'
        f'<div style="font-size:1.1rem;font-weight:600;overflow-wrap:anywhere">{_escaped(value)}</div></div>'
        for name, value in figures
    )
    # four beside each other at most, fewer where they would be too narrow for an amount
    columns = "repeat(auto-fit,minmax(max(9.5rem,22%),1fr))"
    st.html(f'<div style="display:grid;grid-template-columns:{columns};gap:.6rem" id="figures">{cells}</div>')
    text_block(
        f"{texts['why']}: {customer[f'tier_reason_{language}']}",
        "background:#f3f6f9;border-left:4px solid #0b3c6f;padding:.6rem .9rem;border-radius:.3rem",
    )


def _score(marts: Marts, customer: Row, tiers: list[Row], texts: Texts, language: str) -> None:
    st.subheader(texts["waterfall"])
    lines = marts.read(
        """
        select line_no, line_kind, indicator, decision_code, raw_value, scaled_value, weight, points
        from score_ledger_current
        where customer_id = $id and policy_id = $policy
        order by line_no
        """,
        id=customer["customer_id"],
        policy=customer["policy_id"],
    )
    indicators = [line for line in lines if line["line_kind"] == "indicator"]
    decisions = [line for line in lines if line["line_kind"] != "indicator"]
    if customer["score"] is None:
        st.info(texts["not_scored"])
    else:
        next_tier = None
        if customer["points_to_next_tier"] is not None:
            above = {row["tier_rank"]: row["tier_code"] for row in tiers}.get(customer["tier_rank"] - 1)
            next_tier = (above or "", customer["score"] + customer["points_to_next_tier"])
        rows = charts.waterfall_rows(indicators, customer["score"], texts, language)
        st.altair_chart(charts.waterfall(rows, next_tier, texts, language), theme=None)
        st.caption(texts["waterfall_note"])
    if decisions:
        st.markdown(f"**{texts['decisions']}**")
        for line in decisions:
            value = f"  ·  {line['indicator']} = {number(line['raw_value'])}" if line["indicator"] else ""
            text_block(
                f"{texts['line_' + line['line_kind']]}: {line['decision_code']}{value}",
                "background:#fdf3e3;border-left:4px solid #d9822b;padding:.4rem .9rem;border-radius:.3rem",
            )
    if indicators:
        with st.expander(texts["lines"]):
            table(indicators, ["indicator", "raw_value", "scaled_value", "weight", "points"], language, key="ledger")


def _history(marts: Marts, customer_id: str, colours: dict[str, str], texts: Texts, language: str) -> None:
    st.subheader(texts["history"])
    rows = marts.read(
        """
        select as_of_date, tier_code, score, score_rank, cap_code, override_id
        from customer_tier_history
        where customer_id = $id
        order by as_of_date
        """,
        id=customer_id,
    )
    scored = [row for row in rows if row["score"] is not None]
    if scored:
        st.altair_chart(charts.history(scored, colours, language), theme=None)
    else:
        st.info(texts["history_none"])
    with st.expander(texts["history_tiers"]):
        columns = ["as_of_date", "tier_code", "score", "score_rank", "cap_code", "override_id"]
        table(rows[::-1], columns, language, key="history")


def _steps(marts: Marts, customer_id: str, language: str) -> None:
    rows = marts.read(
        f"""
        select lever, status, step_{language}
        from next_tier_steps
        where customer_id = $id
        order by status = 'reachable' desc, status = 'blocked_by_cap' desc, lever
        """,
        id=customer_id,
    )
    if all(row["status"] in ("top_tier", "overridden", "not_scored") for row in rows):
        text_block(rows[0][f"step_{language}"] if rows else ABSENT)  # the same for every lever
        return
    text_table([(code_in_words(row["lever"], language) or "", row[f"step_{language}"]) for row in rows])


def _treatment(marts: Marts, customer_id: str, texts: Texts, language: str) -> None:
    [plan] = marts.read("select * from treatment_plan where customer_id = $id", id=customer_id)
    text_block(plan[f"service_policy_{language}"] or ABSENT, "font-weight:600")
    shown = []
    for name in TREATMENT:
        value = plan[name]
        if name == "discount_rate" and value is not None:
            text = f"{value:.1%}"
        elif name.startswith("cost_"):
            text = money(value)
        else:
            text = ABSENT if value is None else number(value) if isinstance(value, int) else str(value)
        shown.append((texts[name], text))
    text_table(shown)
    if plan["is_above_cost_ceiling"]:
        st.warning(texts["above_ceiling"])


def _joined(*parts: str | None) -> str:
    return "  ·  ".join(filter(None, parts))


def _escaped(text: str) -> str:
    return html.escape(text)
