{#- The CTE known_rows: the given CTE with customer_number, the number of a customer that is in customers, orders or invoices; null for any other. -#}
{% macro known_rows(rows) %}
known_customers as (
    select
        customer_id,
        customer_number
    from {{ ref('stg_known_customers') }}
),

known_rows as (
    select
        {{ rows }}.*,
        known_customers.customer_number
    from {{ rows }}
    left join known_customers
        on {{ rows }}.customer_id = known_customers.customer_id
)
{% endmacro %}
