{#- The CTE known_rows: the given CTE with is_known_customer, whether the customer is in customers, orders or invoices. -#}
{% macro known_rows(rows) %}
known_customers as (
    select customer_id
    from {{ ref('stg_known_customers') }}
),

known_rows as (
    select
        {{ rows }}.*,
        known_customers.customer_id is not null as is_known_customer
    from {{ rows }}
    left join known_customers
        on {{ rows }}.customer_id = known_customers.customer_id
)
{% endmacro %}
