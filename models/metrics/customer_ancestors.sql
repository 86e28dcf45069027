-- `union` (not `union all`) drops pairs seen before, which ends the walk when customers name each other as parents.
with recursive ancestors as (
    select
        customer_id,
        parent_customer_id as ancestor_customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'used' and parent_customer_id is not null
    union
    select
        ancestors.customer_id,
        parents.parent_customer_id as ancestor_customer_id
    from ancestors
    inner join {{ ref('stg_customers') }} as parents
        on ancestors.ancestor_customer_id = parents.customer_id
    where parents.row_state = 'used' and parents.parent_customer_id is not null
)

select
    customer_id,
    ancestor_customer_id
from ancestors
where customer_id <> ancestor_customer_id
