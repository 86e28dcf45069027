-- The reference cycle weighs as much as three gaps of the customer's own: measured to predict the next gap best.
{%- set reference_gaps = 3 -%}
-- An industry with fewer gaps than this says too little about its members.
{%- set least_industry_gaps = 30 %}

with measured_customers as (
    select
        as_of_date,
        facts_until,
        customer_number,
        industry
    from {{ ref('measured_customers') }}
),

purchase_gaps as (
    select
        customer_number,
        closed_date,
        coalesce(next_closed_date, cast('9999-12-31' as date)) as next_closed_date,
        gap_days
    from {{ ref('purchase_gaps') }}
),

gaps_at_review as (
    select
        measured_customers.as_of_date,
        measured_customers.facts_until,
        measured_customers.customer_number,
        measured_customers.industry,
        purchase_gaps.gap_days,
        purchase_gaps.next_closed_date > measured_customers.facts_until as is_last_gap
    from measured_customers
    inner join purchase_gaps
        on measured_customers.customer_number = purchase_gaps.customer_number
        and measured_customers.facts_until >= purchase_gaps.closed_date
),

-- one row per measured date
company_cycles as (
    select
        as_of_date,
        facts_until,
        {{ median('gap_days') }} as median_days
    from gaps_at_review
    group by as_of_date, facts_until
),

-- one row per measured date and industry
industry_cycles as (
    select
        as_of_date,
        facts_until,
        industry,
        {{ median('gap_days') }} as median_days
    from gaps_at_review
    where industry is not null
    group by as_of_date, facts_until, industry
    having count(*) >= {{ least_industry_gaps }}
),

-- one row per measured date and customer with a gap
own_cycles as (
    select
        as_of_date,
        facts_until,
        customer_number,
        count(*) as gap_count,
        sum(gap_days) as total_days,
        sum(gap_days * gap_days) as total_squares,
        {{ median('gap_days') }} as median_days,
        {{ median('gap_days', where='not is_last_gap') }} as median_days_before_last_gap,
        max(case when is_last_gap then gap_days end) as last_gap_days
    from gaps_at_review
    group by as_of_date, facts_until, customer_number
),

customer_cycles as (
    select
        measured_customers.as_of_date,
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
    inner join company_cycles
        on measured_customers.as_of_date = company_cycles.as_of_date
        and measured_customers.facts_until = company_cycles.facts_until
    left join industry_cycles
        on measured_customers.as_of_date = industry_cycles.as_of_date
        and measured_customers.facts_until = industry_cycles.facts_until
        and measured_customers.industry = industry_cycles.industry
    left join own_cycles
        on measured_customers.as_of_date = own_cycles.as_of_date
        and measured_customers.facts_until = own_cycles.facts_until
        and measured_customers.customer_number = own_cycles.customer_number
)

select
    as_of_date,
    facts_until,
    customer_number,
    median_days as purchase_cycle_days,
    -- the expected cycle as a fraction, for what must be computed from it unrounded
    gap_count * coalesce(median_days, 0) + {{ reference_gaps }} * reference_days as expected_cycle_numerator,
    gap_count + {{ reference_gaps }} as expected_cycle_denominator,
    -- squared coefficient of variation, sample variance / mean^2 = n (n q - t^2) / ((n - 1) t^2)
    cast(sqrt(
        cast(gap_count * (gap_count * total_squares - total_days * total_days) as double precision)
        / nullif(cast((gap_count - 1) * total_days * total_days as double precision), 0)
    ) as decimal(18, 6)) as cycle_variation,
    gap_count,
    last_gap_days,
    (gap_count - 1) * coalesce(median_days_before_last_gap, 0) + {{ reference_gaps }} * reference_days as earlier_cycle_numerator,
    gap_count + {{ reference_gaps }} - 1 as earlier_cycle_denominator
from customer_cycles
