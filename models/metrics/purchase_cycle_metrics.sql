{{ config(post_hook='{{ insert_other_blocks() }}') }}

{%- set double = engine_type('double precision') %}

-- The reference cycle weighs as much as three gaps of the customer's own: measured to predict the next gap best.
{%- set reference_gaps = 3 -%}
-- An industry with fewer gaps than this says too little about its members.
{%- set least_industry_gaps = 30 %}

-- What a cycle is depends on the facts alone, not on the day from which they are looked at: one row per last day of facts and
-- customer, where measured_customers has one for each day that is measured on them.
with measured_customers as (
    select
        facts_until,
        customer_number,
        industry
    from {{ ref('measured_customers') }}
    where as_of_date = facts_until and block_no = 1
),

fact_days as (
    select facts_until
    from {{ ref('measured_dates') }}
    where as_of_date = facts_until and block_no = 1
),

purchase_gaps as (
    select
        customer_number,
        closed_date,
        coalesce(next_closed_date, cast('9999-12-31' as date)) as next_closed_date,
        gap_days
    from {{ ref('purchase_gaps') }}
),

-- one row per last day of facts, industry and length of a gap
length_counts as (
    select
        measured_customers.facts_until,
        measured_customers.industry,
        purchase_gaps.gap_days,
        count(*) as gap_count
    from measured_customers
    inner join purchase_gaps
        on measured_customers.customer_number = purchase_gaps.customer_number
        and measured_customers.facts_until >= purchase_gaps.closed_date
    group by measured_customers.facts_until, measured_customers.industry, purchase_gaps.gap_days
),

-- no industry: the whole company
reference_counts as (
    select
        facts_until,
        industry,
        gap_days,
        gap_count
    from length_counts
    where industry is not null
    union all
    select
        facts_until,
        cast(null as {{ dbt.type_string() }}) as industry,
        gap_days,
        gap_count
    from length_counts
),

ordered_counts as (
    select
        facts_until,
        industry,
        gap_days,
        sum(sum(gap_count)) over (partition by facts_until, industry order by gap_days) as count_up_to_length,
        sum(sum(gap_count)) over (partition by facts_until, industry) as gap_count
    from reference_counts
    group by facts_until, industry, gap_days
),

-- The median by counting: a list of all gaps of all days would have to fit into memory. It is the mean of the first length that
-- takes in half of the gaps and the first one that takes in more.
reference_cycles as (
    select
        facts_until,
        industry,
        max(gap_count) as gap_count,
        cast(
            (
                min(case when 2 * count_up_to_length >= gap_count then gap_days end)
                + min(case when 2 * count_up_to_length > gap_count then gap_days end)
            ) * 0.5 as decimal(18, 1)
        ) as median_days
    from ordered_counts
    group by facts_until, industry
),

-- one row per gap that is its customer's last one on any of the days: until the next one is closed nothing changes
last_gaps as (
    select
        purchase_gaps.customer_number,
        purchase_gaps.closed_date,
        purchase_gaps.next_closed_date,
        purchase_gaps.gap_days
    from fact_days
    inner join purchase_gaps
        on fact_days.facts_until >= purchase_gaps.closed_date
        and fact_days.facts_until < purchase_gaps.next_closed_date
    group by
        purchase_gaps.customer_number, purchase_gaps.closed_date, purchase_gaps.next_closed_date, purchase_gaps.gap_days
),

own_cycles as (
    select
        last_gaps.customer_number,
        last_gaps.closed_date,
        max(last_gaps.next_closed_date) as next_closed_date,
        max(last_gaps.gap_days) as last_gap_days,
        count(*) as gap_count,
        sum(purchase_gaps.gap_days) as total_days,
        sum(purchase_gaps.gap_days * purchase_gaps.gap_days) as total_squares,
        {{ median('purchase_gaps.gap_days') }} as median_days,
        {{ median('purchase_gaps.gap_days', where='purchase_gaps.closed_date < last_gaps.closed_date') }} as median_days_before_last_gap
    from last_gaps
    inner join purchase_gaps
        on last_gaps.customer_number = purchase_gaps.customer_number
        and last_gaps.closed_date >= purchase_gaps.closed_date
    group by last_gaps.customer_number, last_gaps.closed_date
),

customer_cycles as (
    select
        measured_customers.facts_until,
        measured_customers.customer_number,
        coalesce(industry_cycles.median_days, company_cycles.median_days) as reference_days,
        coalesce(own_cycles.gap_count, 0) as gap_count,
        own_cycles.total_days,
        own_cycles.total_squares,
        own_cycles.median_days,
        own_cycles.median_days_before_last_gap,
        own_cycles.last_gap_days
    from measured_customers
    inner join reference_cycles as company_cycles
        on measured_customers.facts_until = company_cycles.facts_until
        and company_cycles.industry is null
    left join reference_cycles as industry_cycles
        on measured_customers.facts_until = industry_cycles.facts_until
        and measured_customers.industry = industry_cycles.industry
        and industry_cycles.gap_count >= {{ least_industry_gaps }}
    left join own_cycles
        on measured_customers.customer_number = own_cycles.customer_number
        and measured_customers.facts_until >= own_cycles.closed_date
        and measured_customers.facts_until < own_cycles.next_closed_date
)

select
    facts_until,
    customer_number,
    median_days as purchase_cycle_days,
    -- the expected cycle as a fraction, for what must be computed from it unrounded
    gap_count * coalesce(median_days, 0) + {{ reference_gaps }} * reference_days as expected_cycle_numerator,
    gap_count + {{ reference_gaps }} as expected_cycle_denominator,
    -- squared coefficient of variation, sample variance / mean^2 = n (n q - t^2) / ((n - 1) t^2)
    cast(sqrt(
        cast(gap_count * (gap_count * total_squares - total_days * total_days) as {{ double }})
        / nullif(cast((gap_count - 1) * total_days * total_days as {{ double }}), 0)
    ) as decimal(18, 6)) as cycle_variation,
    gap_count,
    last_gap_days,
    (gap_count - 1) * coalesce(median_days_before_last_gap, 0) + {{ reference_gaps }} * reference_days as earlier_cycle_numerator,
    gap_count + {{ reference_gaps }} - 1 as earlier_cycle_denominator
from customer_cycles
