-- A tie is known once everybody on the way up is registered; who has no such day always was.
with recursive named_parents as (
    select
        customer_id,
        parent_customer_id,
        coalesce(registered_date, cast('0001-01-01' as date)) as known_from
    from {{ ref('stg_customers') }}
    where row_state = 'used' and parent_customer_id is not null
),

-- The way up by hashes, which have one length: who names each other as parents would walk round for ever.
ancestors as (
    select
        customer_id,
        parent_customer_id as ancestor_customer_id,
        known_from,
        md5(parent_customer_id) as way
    from named_parents
    union all
    select
        ancestors.customer_id,
        named_parents.parent_customer_id as ancestor_customer_id,
        greatest(ancestors.known_from, named_parents.known_from) as known_from,
        ancestors.way || md5(named_parents.parent_customer_id) as way
    from ancestors
    inner join named_parents
        on ancestors.ancestor_customer_id = named_parents.customer_id
        and ancestors.way not like '%' || md5(named_parents.parent_customer_id) || '%'
)

-- around a circle of parents the customer itself is met again
select
    customer_id,
    ancestor_customer_id,
    min(known_from) as known_from
from ancestors
where customer_id <> ancestor_customer_id
group by customer_id, ancestor_customer_id
