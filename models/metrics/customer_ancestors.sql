-- `union` (not `union all`) drops pairs seen before, which ends the walk when customers name each other as parents.
-- A tie is known once everybody on the way up is registered; who has no such day always was.
with recursive named_parents as (
    select
        customer_id,
        parent_customer_id,
        coalesce(registered_date, cast('0001-01-01' as date)) as known_from
    from {{ ref('stg_customers') }}
    where row_state = 'used' and parent_customer_id is not null
),

ancestors as (
    select
        customer_id,
        parent_customer_id as ancestor_customer_id,
        known_from
    from named_parents
    union
    select
        ancestors.customer_id,
        named_parents.parent_customer_id as ancestor_customer_id,
        greatest(ancestors.known_from, named_parents.known_from) as known_from
    from ancestors
    inner join named_parents
        on ancestors.ancestor_customer_id = named_parents.customer_id
)

-- around a circle of parents the same ancestor is met again, later at the earliest
select
    customer_id,
    ancestor_customer_id,
    min(known_from) as known_from
from ancestors
where customer_id <> ancestor_customer_id
group by customer_id, ancestor_customer_id
