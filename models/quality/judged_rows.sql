{#- What is worth saying about a row although it is used, by the name of data_quality's check, and the key to name it by. -#}
{%- set findings = {
    'orders': {
        'unknown_status': "row_state = 'used' and not is_cancelled and status <> 'completed'",
    },
    'invoices': {
        'due_before_invoiced': "row_state = 'used' and due_date < invoice_date",
        'no_due_date': "row_state = 'used' and due_date is null and not has_terms and amount >= 0",
    },
} -%}

with payment_terms as (
    select customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'used' and payment_terms_days is not null
),

invoices as (
    select
        invoices.*,
        payment_terms.customer_id is not null as has_terms
    from {{ ref('stg_invoices') }} as invoices
    -- no key where a due date is there: most invoices need no look at the terms
    left join payment_terms
        on case when invoices.due_date is null then invoices.customer_id end = payment_terms.customer_id
),

-- lines that name no order are lines of the order without an id
unused_line_orders as (
    select coalesce(order_id, '') as order_key
    from {{ ref('unused_line_orders') }}
    where order_state <> 'later'
),

-- order_values has read and counted the used lines already
order_lines as (
    select order_lines.*
    from {{ ref('stg_order_lines') }} as order_lines
    inner join unused_line_orders
        on coalesce(order_lines.order_id, '') = unused_line_orders.order_key
    where order_lines.row_state = 'quarantined'
),

-- one row per raw row that is not later than as_of_date
table_rows as (
    {% for table, definition in input_tables().items() %}
    select
        '{{ table }}' as table_name,
        row_state,
        quarantine_reason,
        row_key,
        raw_values,
        {% if table in findings %}
        case
            {% for check, condition in findings[table].items() %}
            when {{ condition }} then '{{ check }}'
            {% endfor %}
        end as finding,
        {{ definition.key[0] }} as finding_key
        {% else %}
        cast(null as {{ dbt.type_string() }}) as finding,
        cast(null as {{ dbt.type_string() }}) as finding_key
        {% endif %}
    from {{ table if table in ['invoices', 'order_lines'] else ref('stg_' ~ table) }}
    where row_state in ('used', 'quarantined')
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

-- Used rows have neither key nor values here, so all of a table that nothing is to be said about are one row: a single pass over
-- each staging view tells what is quarantined and counts the rest.
select
    table_name,
    row_state,
    quarantine_reason as reason,
    row_key,
    raw_values,
    finding,
    min(case when finding is not null then {{ bytewise('finding_key') }} end) as example_key,
    count(*) as row_count
from table_rows
group by table_name, row_state, quarantine_reason, row_key, raw_values, finding
