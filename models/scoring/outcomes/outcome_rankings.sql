{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions(reviews='backtest_reviews') }}") }}

{%- set text = dbt.type_string() -%}
{%- set by_review = 'judged_customers.as_of_date' -%}
{%- set measures = outcome_measures() -%}
{%- set fixed_rankings = [
    ('baseline', 'baseline_revenue', 'monetary_12m'),
    ('baseline', 'baseline_recency', 'freshness'),
    ('baseline', 'baseline_frequency', 'frequency_12m'),
    ('baseline', 'baseline_rfm', quintile('freshness', by_review) ~ ' + ' ~ quintile('frequency_12m', by_review)
        ~ ' + ' ~ quintile('monetary_12m', by_review)),
    ('best', 'later_revenue', 'later_revenue'),
    ('best', 'later_gross_margin', 'later_gross_margin'),
] -%}

-- one row per review date and customer that the champion scored, with all that a ranking may go by
with judged_customers as (
    select
        later_outcomes.as_of_date,
        later_outcomes.customer_id,
        later_outcomes.later_revenue,
        later_outcomes.later_gross_margin,
        {{ hash_number("'customer ' || later_outcomes.customer_id") }} % 200 as customer_block,
        customer_metrics.monetary_12m,
        customer_metrics.frequency_12m,
        -coalesce(customer_metrics.recency_days, 1000000) as freshness
    from {{ ref('backtest_reviews') }} as backtest_reviews
    inner join {{ ref('later_outcomes') }} as later_outcomes
        on backtest_reviews.as_of_date = later_outcomes.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on later_outcomes.as_of_date = customer_metrics.as_of_date
        and later_outcomes.customer_id = customer_metrics.customer_id
    where backtest_reviews.is_due
),

-- one row per review date and ranking, by a number: sorting a million customers by it takes half the time that texts take
numbered_rankings as (
    select
        review_policies.as_of_date,
        'policy' as ranking_kind,
        review_policies.policy_id as ranking_id,
        row_number() over (partition by review_policies.as_of_date order by {{ bytewise('review_policies.policy_id') }}) as ranking_no
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('backtest_reviews') }} as backtest_reviews
        on review_policies.as_of_date = backtest_reviews.as_of_date
    where not review_policies.is_succession
    {% for kind, ranking, _ in fixed_rankings %}
    union all
    select
        as_of_date,
        '{{ kind }}' as ranking_kind,
        '{{ ranking }}' as ranking_id,
        -{{ loop.index }} as ranking_no
    from {{ ref('backtest_reviews') }}
    {% endfor %}
),

-- of the reviews that are ranked now: those of all reviews are many times as many
customer_scores as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        customer_scores.score
    from {{ ref('backtest_reviews') }} as backtest_reviews
    inner join {{ ref('customer_scores') }} as customer_scores
        on backtest_reviews.as_of_date = customer_scores.as_of_date
    where backtest_reviews.is_due
),

-- one row per review date, ranking and customer: more of the key is better
ranked_customers as (
    -- whom a challenger does not score stands behind all whom it scores
    select
        judged_customers.as_of_date,
        numbered_rankings.ranking_no,
        judged_customers.customer_block,
        judged_customers.later_revenue,
        judged_customers.later_gross_margin,
        cast(coalesce(customer_scores.score, -1) as decimal(18, 2)) as ranking_key
    from judged_customers
    inner join numbered_rankings
        on judged_customers.as_of_date = numbered_rankings.as_of_date
        and numbered_rankings.ranking_kind = 'policy'
    left join customer_scores
        on judged_customers.as_of_date = customer_scores.as_of_date
        and numbered_rankings.ranking_id = customer_scores.policy_id
        and judged_customers.customer_id = customer_scores.customer_id
    {% for _, _, key in fixed_rankings %}
    union all
    select
        judged_customers.as_of_date,
        -{{ loop.index }} as ranking_no,
        judged_customers.customer_block,
        judged_customers.later_revenue,
        judged_customers.later_gross_margin,
        cast({{ key }} as decimal(18, 2)) as ranking_key
    from judged_customers
    {% endfor %}
),

-- the first and the last place of those who are tied
placed_customers as (
    select
        as_of_date,
        ranking_no,
        customer_block,
        later_revenue,
        later_gross_margin,
        rank() over (partition by as_of_date, ranking_no order by ranking_key desc) as first_place,
        count(*) over (partition by as_of_date, ranking_no order by ranking_key desc) as last_place,
        count(*) over (partition by as_of_date, ranking_no) as ranked_customers
    from ranked_customers
),

-- places above the cut, in millionths of a customer: of ties above it all, of the one tie that it crosses a part
cut_customers as (
    select
        placed_customers.as_of_date,
        placed_customers.ranking_no,
        placed_customers.customer_block,
        {{ whole_quotient(
            '100 * (placed_customers.first_place + placed_customers.last_place - 1)', 'placed_customers.ranked_customers'
        ) }} as place_class,
        placed_customers.ranked_customers,
        placed_customers.last_place - placed_customers.first_place + 1 as tied_customers,
        placed_customers.ranked_customers + 1 - placed_customers.first_place - placed_customers.last_place as behind_less_ahead,
        least(
            greatest(
                coalesce(backtest_reviews.top_customer_millionths, 200000 * placed_customers.ranked_customers)
                - 1000000 * (placed_customers.first_place - 1),
                0
            ),
            1000000 * (placed_customers.last_place - placed_customers.first_place + 1)
        ) as top_millionths,
        cast(placed_customers.later_revenue as decimal(19, 0)) as later_revenue,
        cast(placed_customers.later_gross_margin as decimal(19, 0)) as later_gross_margin
    from placed_customers
    inner join {{ ref('backtest_reviews') }} as backtest_reviews
        on placed_customers.as_of_date = backtest_reviews.as_of_date
),

-- one row per review date, ranking, two-hundredth of the places and block of customers
cells as (
    select
        as_of_date,
        ranking_no,
        place_class,
        customer_block,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        sum(case when top_millionths = 1000000 * tied_customers then {{ measure }} else 0 end) as {{ measure }}_above_cut,
        sum(
            case
                when top_millionths > 0 and top_millionths < 1000000 * tied_customers
                    then {{ measure }} * cast(top_millionths as decimal(19, 0))
                else 0
            end
        ) as {{ measure }}_at_cut,
        sum({{ measure }} * cast(behind_less_ahead as decimal(19, 0))) as {{ measure }}_area,
        {% endfor %}
        max(case when top_millionths > 0 and top_millionths < 1000000 * tied_customers then tied_customers end) as tied_at_cut,
        max(ranked_customers) as ranked_customers,
        count(*) as customers
    from cut_customers
    group by as_of_date, ranking_no, place_class, customer_block
)

select
    cells.as_of_date,
    cast(numbered_rankings.ranking_kind as {{ text }}) as ranking_kind,
    cast(numbered_rankings.ranking_id as {{ text }}) as ranking_id,
    cast(cells.ranking_no as integer) as ranking_no,
    cast(cells.place_class as integer) as place_class,
    cast(cells.customer_block as integer) as customer_block,
    {% for measure in measures %}
    cast(cells.{{ measure }} as bigint) as {{ measure }},
    cast(cells.{{ measure }}_above_cut as bigint) as {{ measure }}_above_cut,
    cast(cells.{{ measure }}_at_cut as decimal(38, 0)) as {{ measure }}_at_cut,
    cast(cells.{{ measure }}_area as decimal(38, 0)) as {{ measure }}_area,
    {% endfor %}
    cells.tied_at_cut,
    cells.ranked_customers,
    cells.customers
from cells
inner join numbered_rankings
    on cells.as_of_date = numbered_rankings.as_of_date
    and cells.ranking_no = numbered_rankings.ranking_no
-- gini_replicates adds up class by class, 200 times over: found together, they take it half the time and a fraction of the memory
order by cells.as_of_date, cells.ranking_no, cells.place_class
