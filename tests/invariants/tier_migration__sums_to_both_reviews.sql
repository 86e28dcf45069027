-- What: at each review the rows from a tier or state sum to the customers and revenue it had at the last final review before, the rows
-- to it to those it has now; new comes from nowhere and gone goes nowhere.
-- Why: a table of moves that loses a customer shows a tier as steadier than it is.
-- How to mend: look at the join of tier_migration.
with reviews as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('review_policies') }}
    where is_champion and previous_as_of_date is not null
),

summary as (
    select
        as_of_date,
        tier_code,
        customers,
        revenue
    from {{ ref('tier_summary') }}
    where customers > 0
),

expected_sums as (
    select
        reviews.as_of_date,
        'from' as side,
        summary.tier_code,
        summary.customers,
        summary.revenue
    from reviews
    inner join summary
        on reviews.previous_as_of_date = summary.as_of_date
    union all
    select
        reviews.as_of_date,
        'to' as side,
        summary.tier_code,
        summary.customers,
        summary.revenue
    from reviews
    inner join summary
        on reviews.as_of_date = summary.as_of_date
),

found_sums as (
    select
        as_of_date,
        'from' as side,
        from_tier_code as tier_code,
        sum(customers) as customers,
        sum(previous_monetary_12m) as revenue
    from {{ ref('tier_migration') }}
    where from_tier_code <> 'new'
    group by as_of_date, from_tier_code
    union all
    select
        as_of_date,
        'to' as side,
        to_tier_code as tier_code,
        sum(customers) as customers,
        sum(monetary_12m) as revenue
    from {{ ref('tier_migration') }}
    where to_tier_code <> 'gone'
    group by as_of_date, to_tier_code
)

select
    coalesce(expected_sums.as_of_date, found_sums.as_of_date) as as_of_date,
    coalesce(expected_sums.side, found_sums.side) as side,
    coalesce(expected_sums.tier_code, found_sums.tier_code) as tier_code,
    found_sums.customers as found,
    expected_sums.customers as bound,
    found_sums.revenue,
    expected_sums.revenue as expected_revenue
from expected_sums
full outer join found_sums
    on expected_sums.as_of_date = found_sums.as_of_date
    and expected_sums.side = found_sums.side
    and expected_sums.tier_code = found_sums.tier_code
where
    found_sums.customers is distinct from expected_sums.customers
    or found_sums.revenue is distinct from expected_sums.revenue
