"""What the report shows: figures of the marts at the latest review, read and not worked out anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
WINBACK_ROWS = 25
AGEING = ("1_30", "31_60", "61_90", "over_90")


@dataclass(frozen=True)
class Figures:
    as_of_date: str
    previous_date: str | None  # of the last final review before
    policy_id: str
    base_currency: str
    tiers: list[Row]  # best first, then the states without a rank
    concentration: list[Row]
    migration: list[Row]
    rfm: list[Row]
    ageing: list[Row]
    winback: list[Row]
    winback_customers: int
    winback_value: float | None
    winback_left_off: int  # lost or silent as well, but not worth what winning back costs
    quality: list[Row]


def read_figures(database: Path, language: str) -> Figures:
    """Return the figures with labels in a language. Raise LookupError when no customer has a tier."""
    if not database.is_file():
        raise FileNotFoundError(f"there is no file {database}: run `dbt build`, or name another with --database")
    with duckdb.connect(str(database), read_only=True) as connection:

        def read(sql: str) -> list[Row]:
            cursor = connection.execute(sql, {"language": language} if "$language" in sql else None)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]

        tiers = read(TIERS)
        if not tiers:
            raise LookupError(f"tier_summary in {database} is empty: no customer has a tier")
        [reviews] = read(REVIEWS)
        winback = read(WINBACK)
        return Figures(
            as_of_date=reviews["as_of_date"],
            previous_date=reviews["previous_date"],
            policy_id=tiers[0]["policy_id"],
            base_currency=tiers[0]["base_currency"],
            tiers=tiers,
            concentration=read(CONCENTRATION),
            migration=read(MIGRATION),
            rfm=read(RFM),
            ageing=read(AGEING_BY_TIER),
            winback=winback[:WINBACK_ROWS],
            winback_customers=len(winback),
            winback_value=total(winback, "value_at_peak"),
            winback_left_off=read("select count(*) as customers from winback_left_off")[0]["customers"],
            quality=read(QUALITY),
        )


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it. A double shows money of up to 15 digits exactly."""
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, date) else value


def total(rows: Iterable[Row], name: str) -> float | None:
    """Return the sum of a column, to the cent, or None where no row knows it."""
    values = [row[name] for row in rows if row[name] is not None]
    return round(sum(values), 2) if values else None


# Of a total that is not above zero nobody has a share: a loss would stand for most of it.
TIERS = """
select
    policy_id,
    base_currency,
    tier_code,
    tier_rank,
    case
        when tier_rank is null then if($language = 'zh', tier_label_zh, tier_label_en)
        else tier_code || ' ' || if($language = 'zh', tier_label_zh, tier_label_en)
    end as tier,
    customers,
    customer_share,
    revenue,
    if(sum(revenue) over () > 0, revenue_share, null) as revenue_share,
    profit,
    if(sum(profit) over () > 0, profit_share, null) as profit_share,
    overdue_amount,
    overdue_share,
    cost_to_serve
from tier_summary
where as_of_date = (select max(as_of_date) from tier_summary)
order by tier_rank nulls last, tier_code
"""

# A provisional review is always the last one, so any review before the latest is final.
REVIEWS = """
select
    max(as_of_date) as as_of_date,
    (
        select max(as_of_date)
        from customer_tier_history
        where as_of_date < (select max(as_of_date) from customer_tier_history)
    ) as previous_date
from customer_tier_history
"""

CONCENTRATION = """
select measure, percentile, cumulative_customer_share, cumulative_share
from value_concentration
where as_of_date = (select max(as_of_date) from value_concentration) and cumulative_share is not null
qualify sum(amount) over (partition by measure) > 0
order by measure desc, percentile
"""

MIGRATION = """
with reviews as (
    select distinct on (as_of_date) as_of_date
    from customer_tier_history
    order by as_of_date desc
    limit 2
),

tiers_now as (
    select customer_id, tier_code, tier_rank
    from customer_tier_history
    where as_of_date = (select max(as_of_date) from reviews)
),

tiers_before as (
    select customer_id, tier_code, tier_rank
    from customer_tier_history
    where as_of_date = (select min(as_of_date) from reviews)
)

select
    coalesce(tiers_before.tier_code, 'new') as from_tier_code,
    tiers_before.tier_rank as from_tier_rank,
    coalesce(tiers_now.tier_code, 'gone') as to_tier_code,
    tiers_now.tier_rank as to_tier_rank,
    count(*) as customers,
    sum(customer_tiers.monetary_12m) as revenue
from tiers_now
full join tiers_before
    on tiers_now.customer_id = tiers_before.customer_id
left join customer_tiers
    on tiers_now.customer_id = customer_tiers.customer_id
where (select count(*) from reviews) = 2
group by all
order by from_tier_rank nulls last, from_tier_code, to_tier_rank nulls last, to_tier_code
"""

RFM = """
with cells as (
    select
        rfm_cell // 100 as recency_class,
        rfm_cell // 10 % 10 as frequency_class,
        if($language = 'zh', rfm_label_zh, rfm_label_en) as rfm_label,
        count(*) as customers,
        sum(monetary_12m) as revenue
    from customer_tiers
    where rfm_cell is not null
    group by all
)

select
    recency_class,
    frequency_class,
    sum(customers) :: bigint as customers,
    sum(revenue) as revenue,
    string_agg(rfm_label || ' ' || customers, ', ' order by customers desc, rfm_label) as classes
from cells
group by recency_class, frequency_class
order by recency_class, frequency_class
"""

AGEING_BY_TIER = """
select
    customer_tiers.tier_code,
    sum(ageing_current) as not_due,
    sum(ageing_1_30) as "1_30",
    sum(ageing_31_60) as "31_60",
    sum(ageing_61_90) as "61_90",
    sum(ageing_over_90) as over_90,
    sum(customer_metrics.overdue_amount) as overdue_amount
from customer_tiers
inner join customer_metrics
    on customer_tiers.as_of_date = customer_metrics.as_of_date
    and customer_tiers.customer_id = customer_metrics.customer_id
group by customer_tiers.tier_code
having sum(customer_metrics.overdue_amount) is not null
order by customer_tiers.tier_code
"""

WINBACK = """
select
    customer_id,
    customer_name,
    peak_tier_code,
    lost_since,
    value_at_peak,
    top_category_at_peak,
    expected_worth,
    if($language = 'zh', reason_zh, reason_en) as reason
from winback_list
order by expected_worth desc nulls last, value_at_peak desc, customer_id
"""

QUALITY = """
select table_name, check_name, rows_seen, rows_found, rows_quarantined, share, severity, example_key, remedy
from data_quality
order by
    check_name <> 'rows_read',
    case severity when 'error' then 1 when 'warn' then 2 else 3 end,
    rows_found desc,
    table_name,
    check_name
"""
