with review_policies as (
    select
        as_of_date,
        policy_id,
        min_purchases
    from {{ ref('review_policies') }}
    where is_scored or is_learned_from
),

-- one row per review date, policy and industry with a set of indicators of its own
indicator_sets as (
    select
        as_of_date,
        policy_id,
        industry,
        set_no
    from {{ ref('indicator_rules') }}
    group by as_of_date, policy_id, industry, set_no
)

select
    -- any number will do: it is looked up here only, and comes into no mart
    cast({{ any_row_number() }} as integer) as scored_no,
    review_policies.as_of_date,
    review_policies.policy_id,
    customer_metrics.customer_id,
    indicator_sets.set_no
from review_policies
inner join {{ ref('customer_metrics') }} as customer_metrics
    on review_policies.as_of_date = customer_metrics.as_of_date
    and review_policies.min_purchases <= customer_metrics.purchase_count
left join {{ ref('customer_industries') }} as customer_industries
    on review_policies.as_of_date = customer_industries.as_of_date
    and review_policies.policy_id = customer_industries.policy_id
    and customer_metrics.customer_id = customer_industries.customer_id
inner join indicator_sets
    on review_policies.as_of_date = indicator_sets.as_of_date
    and review_policies.policy_id = indicator_sets.policy_id
    and coalesce(customer_industries.industry, 'any') = indicator_sets.industry
