{{ config(materialized='table') }}

with customers as (
    select customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'used'
),

dated_facts as (
    select
        customer_id,
        order_date as fact_date
    from {{ ref('stg_orders') }}
    where row_state = 'used'
    union all
    select
        customer_id,
        invoice_date as fact_date
    from {{ ref('stg_invoices') }}
    where row_state = 'used'
),

-- one row per customer
first_facts as (
    select
        customer_id,
        min(fact_date) as first_fact_date
    from dated_facts
    group by customer_id
)

select
    coalesce(customers.customer_id, first_facts.customer_id) as customer_id,
    -- the models that add up many rows group and join by number, which costs a fraction of what text does
    cast(
        row_number() over (order by {{ bytewise('coalesce(customers.customer_id, first_facts.customer_id)') }}) as integer
    ) as customer_number,
    first_facts.first_fact_date
from customers
full outer join first_facts
    on customers.customer_id = first_facts.customer_id
