{{ config(
    materialized='incremental',
    tags='keeps_decisions',
    pre_hook="
        {%- if is_incremental() -%}
        delete from {{ this }} where not exists (select 1 from {{ ref('review_policies') }} where not is_due)
        {%- endif -%}
    "
) }}

-- depends_on: {{ ref('review_policies') }}
-- candidate_tiers keeps rows by these numbers, so a customer keeps its own, and new ones get the next
with numbered_customers as (
    {% if is_incremental() %}
    select
        customer_id,
        customer_number
    from {{ this }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as integer) as customer_number
    where 1 = 0
    {% endif %}
),

last_number as (
    select coalesce(max(customer_number), 0) as customer_number
    from numbered_customers
),

scored_customers as (
    select customer_positions.customer_id
    from {{ ref('stability_reviews') }} as stability_reviews
    inner join {{ ref('customer_positions') }} as customer_positions
        on stability_reviews.as_of_date = customer_positions.as_of_date
        and stability_reviews.policy_id = customer_positions.policy_id
    group by customer_positions.customer_id
)

select
    scored_customers.customer_id,
    cast(
        last_number.customer_number + row_number() over (order by {{ bytewise('scored_customers.customer_id') }}) as integer
    ) as customer_number
from scored_customers
cross join last_number
left join numbered_customers
    on scored_customers.customer_id = numbered_customers.customer_id
where numbered_customers.customer_id is null
