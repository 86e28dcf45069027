{#-
    The CTE known_rows: the given CTE with customer_number, the number of a customer that is in customers, orders or invoices,
    null for any other; and is_of_later_customer, which tells of those the ones that are there but not known by known_at.
-#}
{% macro known_rows(rows) %}
known_customers as (
    select
        customer_id,
        customer_number
    from {{ ref('stg_known_customers') }}
),

{% if settings().known_at is not none %}
later_customers as (
    {% for table in ['customers', 'orders', 'invoices'] %}
    select customer_id
    from {{ ref('stg_' ~ table) }}
    where row_state = 'later'
    {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

{% endif %}
known_rows as (
    select
        {{ rows }}.*,
        known_customers.customer_number,
        {% if settings().known_at is not none %}
        known_customers.customer_id is null and later_customers.customer_id is not null as is_of_later_customer
        {% else %}
        false as is_of_later_customer
        {% endif %}
    from {{ rows }}
    left join known_customers
        on {{ rows }}.customer_id = known_customers.customer_id
    {% if settings().known_at is not none %}
    left join later_customers
        on {{ rows }}.customer_id = later_customers.customer_id
    {% endif %}
)
{% endmacro %}
