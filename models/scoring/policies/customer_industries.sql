with own_industries as (
    select
        policy_id,
        industry
    from {{ ref('industry_indicators') }}
    where industry <> 'any'
    group by policy_id, industry
)

select
    review_policies.as_of_date,
    review_policies.policy_id,
    review_customers.customer_id,
    review_customers.industry
from {{ ref('review_policies') }} as review_policies
inner join own_industries
    on review_policies.policy_id = own_industries.policy_id
inner join {{ ref('review_customers') }} as review_customers
    on review_policies.as_of_date = review_customers.as_of_date
    and own_industries.industry = review_customers.industry
