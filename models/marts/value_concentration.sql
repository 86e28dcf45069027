{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

with reviews as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

-- one row per review date, measure and customer with a purchase
measured_customers as (
    select
        customer_metrics.as_of_date,
        'revenue' as measure,
        customer_metrics.monetary_12m as amount
    from reviews
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on reviews.as_of_date = customer_metrics.as_of_date
    where customer_metrics.purchase_count > 0
    union all
    select
        customer_metrics.as_of_date,
        'profit' as measure,
        customer_metrics.net_profit_12m as amount
    from reviews
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on reviews.as_of_date = customer_metrics.as_of_date
    where customer_metrics.purchase_count > 0
),

-- which of two equal customers comes first changes no sum, so the amount alone orders them
ordered_customers as (
    select
        as_of_date,
        measure,
        amount,
        row_number() over (partition by as_of_date, measure order by amount desc nulls last) as place,
        count(*) over (partition by as_of_date, measure) as customer_count
    from measured_customers
),

-- one row per review date, measure and percentile with a customer, the first whose customers reach the place: sums of 100 groups are
-- added up below, instead of those of all customers
filled_percentiles as (
    select
        as_of_date,
        measure,
        {{ whole_quotient('200 * place - 101 + 2 * customer_count', '2 * customer_count') }} as percentile,
        count(*) as customers,
        sum(amount) as amount
    from ordered_customers
    group by 1, 2, 3
),

digits as (
    select all_digits.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as all_digits (digit)
),

-- 1 to 100
numbers as (
    select 10 * tens.digit + ones.digit + 1 as percentile
    from digits as tens
    cross join digits as ones
),

-- one row per review date and measure
totals as (
    select
        as_of_date,
        measure,
        sum(customers) as customer_count,
        sum(amount) as total_amount
    from filled_percentiles
    group by as_of_date, measure
),

percentiles as (
    select
        totals.as_of_date,
        totals.measure,
        numbers.percentile,
        totals.customer_count,
        totals.total_amount,
        {{ whole_quotient('2 * numbers.percentile * totals.customer_count + 100', 200) }} as customers
    from totals
    cross join numbers
),

-- the best p percent together
cumulated_percentiles as (
    select
        percentiles.as_of_date,
        percentiles.measure,
        percentiles.percentile,
        percentiles.customers,
        percentiles.customer_count,
        percentiles.total_amount,
        sum(filled_percentiles.amount) over (
            partition by percentiles.as_of_date, percentiles.measure order by percentiles.percentile
        ) as cumulative_amount
    from percentiles
    left join filled_percentiles
        on percentiles.as_of_date = filled_percentiles.as_of_date
        and percentiles.measure = filled_percentiles.measure
        and percentiles.percentile = filled_percentiles.percentile
),

-- too few customers for one: their amount is 0, where it is known at all
best_customers as (
    select
        as_of_date,
        measure,
        percentile,
        customers as cumulative_customers,
        customer_count,
        total_amount,
        case
            when customers > 0 then cumulative_amount
            when total_amount is not null then 0
        end as cumulative_amount
    from cumulated_percentiles
),

-- a percentile is what the best p percent have and the best p - 1 percent have not
single_percentiles as (
    select
        as_of_date,
        measure,
        percentile,
        cumulative_customers,
        customer_count,
        cumulative_amount,
        total_amount,
        lag(cumulative_customers, 1, 0) over (partition by as_of_date, measure order by percentile) as earlier_customers,
        coalesce(lag(cumulative_amount) over (partition by as_of_date, measure order by percentile), 0) as earlier_amount
    from best_customers
)

select
    as_of_date,
    cast(measure as {{ dbt.type_string() }}) as measure,
    cast(percentile as integer) as percentile,
    cast(cumulative_customers - earlier_customers as bigint) as customers,
    cast(cumulative_amount - earlier_amount as decimal(18, 2)) as amount,
    cast({{ rounded_ratio('cumulative_customers', 'customer_count', 6) }} as decimal(9, 6)) as cumulative_customer_share,
    cast({{ rounded_ratio('cumulative_amount', 'total_amount', 6) }} as decimal(18, 6)) as cumulative_share
from single_percentiles
