{%- set text = dbt.type_string() -%}
{%- set by_review = 'judged_customers.as_of_date' -%}

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
    from {{ ref('later_outcomes') }} as later_outcomes
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on later_outcomes.as_of_date = customer_metrics.as_of_date
        and later_outcomes.customer_id = customer_metrics.customer_id
),

-- one row per review date, ranking and customer: more of the key is better
ranked_customers as (
    -- whom a challenger does not score stands behind all whom it scores
    select
        judged_customers.as_of_date,
        'policy' as ranking_kind,
        cast(review_policies.policy_id as {{ text }}) as ranking_id,
        judged_customers.customer_block,
        judged_customers.later_revenue,
        judged_customers.later_gross_margin,
        cast(coalesce(customer_scores.score, -1) as decimal(18, 2)) as ranking_key
    from judged_customers
    inner join {{ ref('review_policies') }} as review_policies
        on judged_customers.as_of_date = review_policies.as_of_date
        and not review_policies.is_succession
    left join {{ ref('customer_scores') }} as customer_scores
        on judged_customers.as_of_date = customer_scores.as_of_date
        and review_policies.policy_id = customer_scores.policy_id
        and judged_customers.customer_id = customer_scores.customer_id
    {% for kind, ranking, key in [
        ('baseline', 'baseline_revenue', 'monetary_12m'),
        ('baseline', 'baseline_recency', 'freshness'),
        ('baseline', 'baseline_frequency', 'frequency_12m'),
        ('baseline', 'baseline_rfm', quintile('freshness', by_review) ~ ' + ' ~ quintile('frequency_12m', by_review)
            ~ ' + ' ~ quintile('monetary_12m', by_review)),
        ('best', 'later_revenue', 'later_revenue'),
        ('best', 'later_gross_margin', 'later_gross_margin'),
    ] %}
    union all
    select
        judged_customers.as_of_date,
        '{{ kind }}' as ranking_kind,
        '{{ ranking }}' as ranking_id,
        judged_customers.customer_block,
        judged_customers.later_revenue,
        judged_customers.later_gross_margin,
        cast({{ key }} as decimal(18, 2)) as ranking_key
    from judged_customers
    {% endfor %}
),

-- one row per review date, ranking, key and block
tied_groups as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        ranking_key,
        customer_block,
        count(*) as customers,
        cast(sum(later_revenue) as bigint) as later_revenue,
        cast(sum(later_gross_margin) as bigint) as later_gross_margin
    from ranked_customers
    group by as_of_date, ranking_kind, ranking_id, ranking_key, customer_block
),

-- where the ties of a key end, how many they are, and of how many
placed_groups as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        customer_block,
        customers,
        later_revenue,
        later_gross_margin,
        sum(customers) over (partition by as_of_date, ranking_kind, ranking_id order by ranking_key desc) as places_used,
        sum(customers) over (partition by as_of_date, ranking_kind, ranking_id, ranking_key) as tied_customers,
        sum(customers) over (partition by as_of_date, ranking_kind, ranking_id) as ranked_customers
    from tied_groups
)

select
    as_of_date,
    cast(ranking_kind as {{ text }}) as ranking_kind,
    cast(ranking_id as {{ text }}) as ranking_id,
    cast(customer_block as integer) as customer_block,
    cast(places_used - tied_customers as bigint) as better_customers,
    cast(tied_customers as bigint) as tied_customers,
    cast(ranked_customers as bigint) as ranked_customers,
    cast(customers as bigint) as customers,
    later_revenue,
    later_gross_margin
from placed_groups
