{%- set checks = quality_checks() -%}
{%- set tables = input_tables() -%}

with rows_by_reason as (
    {% for table in tables %}
    select
        '{{ table }}' as table_name,
        quarantine_reason,
        row_state,
        count(*) as row_count,
        min({{ bytewise('row_key') }}) as example_key
    from {{ ref('stg_' ~ table) }}
    where row_state <> 'later'
    group by quarantine_reason, row_state
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- one row per raw table that is supplied, even when it is empty
tables_seen as (
    {% for table in settings().inputs %}
    select '{{ table }}' as table_name
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

table_totals as (
    select
        tables_seen.table_name,
        coalesce(sum(rows_by_reason.row_count), 0) as rows_seen,
        -- duplicates lose nothing, so they do not count towards max_quarantined_share
        coalesce(sum(case when rows_by_reason.row_state = 'quarantined' and rows_by_reason.quarantine_reason <> 'duplicate' then rows_by_reason.row_count end), 0) as rows_against_limit
    from tables_seen
    left join rows_by_reason
        on tables_seen.table_name = rows_by_reason.table_name
    group by tables_seen.table_name
),

used_orders as (
    select
        order_id,
        customer_id,
        status,
        is_cancelled
    from {{ ref('stg_orders') }}
    where row_state = 'used'
),

used_invoices as (
    select
        invoice_id,
        customer_id,
        amount,
        invoice_date,
        due_date
    from {{ ref('stg_invoices') }}
    where row_state = 'used'
),

used_customers as (
    select
        customer_id,
        parent_customer_id,
        payment_terms_days,
        is_internal
    from {{ ref('stg_customers') }}
    where row_state = 'used'
),

findings as (
    select
        table_name,
        'rows_read' as check_name,
        0 as rows_quarantined,
        rows_seen as rows_found,
        cast(null as {{ dbt.type_string() }}) as example_key
    from table_totals
    union all
    select
        table_name,
        quarantine_reason as check_name,
        row_count as rows_quarantined,
        row_count as rows_found,
        example_key
    from rows_by_reason
    where row_state = 'quarantined'
    {% if is_supplied('order_lines') %}
    union all
    select
        'orders' as table_name,
        'order_without_lines' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('used_orders.order_id') }}) as example_key
    from used_orders
    where
        not used_orders.is_cancelled
        and not exists (
            select 1
            from {{ ref('stg_order_lines') }} as order_lines
            where order_lines.order_id = used_orders.order_id and order_lines.row_state = 'used'
        )
    {% endif %}
    union all
    select
        'orders' as table_name,
        'unknown_status' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('order_id') }}) as example_key
    from used_orders
    where not is_cancelled and status <> 'completed'
    {% if is_supplied('customers') %}
    union all
    select
        'customers' as table_name,
        'customer_not_in_customers' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('known_customers.customer_id') }}) as example_key
    from {{ ref('stg_known_customers') }} as known_customers
    left join used_customers
        on known_customers.customer_id = used_customers.customer_id
    where used_customers.customer_id is null
    union all
    select
        'customers' as table_name,
        'internal_customer' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('customer_id') }}) as example_key
    from used_customers
    where is_internal
    union all
    select
        'customers' as table_name,
        'unknown_parent' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('children.customer_id') }}) as example_key
    from used_customers as children
    left join {{ ref('stg_known_customers') }} as parents
        on children.parent_customer_id = parents.customer_id
    where children.parent_customer_id is not null and parents.customer_id is null
    {% endif %}
    {% if is_supplied('products') and has_raw_column('order_lines', 'product_id') %}
    union all
    select
        'order_lines' as table_name,
        'unknown_product' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('order_lines.order_line_id') }}) as example_key
    from {{ ref('stg_order_lines') }} as order_lines
    left join {{ ref('stg_products') }} as products
        on order_lines.product_id = products.product_id
        and products.row_state = 'used'
    where order_lines.row_state = 'used' and order_lines.product_id is not null and products.product_id is null
    {% endif %}
    {% if is_supplied('invoices') %}
    union all
    select
        'invoices' as table_name,
        'no_due_date' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('used_invoices.invoice_id') }}) as example_key
    from used_invoices
    left join used_customers
        on used_invoices.customer_id = used_customers.customer_id
    where used_invoices.amount >= 0 and used_invoices.due_date is null and used_customers.payment_terms_days is null
    union all
    select
        'invoices' as table_name,
        'due_before_invoiced' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('invoice_id') }}) as example_key
    from used_invoices
    where due_date < invoice_date
    {% endif %}
    {% for table in settings().inputs %}
    {% set unused = raw_columns(table).keys() | reject('in', tables[table].columns.keys() | list + ['loaded_at']) | list %}
    {% if unused %}
    union all
    select
        '{{ table }}' as table_name,
        'column_not_used' as check_name,
        0 as rows_quarantined,
        {{ unused | length }} as rows_found,
        '{{ unused | sort | join(', ') | replace("'", "''") }}' as example_key
    {% endif %}
    {% endfor %}
),

-- how each check is to be read
check_texts as (
    {% for check, text in checks.items() %}
    select
        '{{ check }}' as check_name,
        '{{ text[0] }}' as severity,
        '{{ text[1] | replace("'", "''") }}' as remedy
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    findings.table_name,
    findings.check_name,
    cast(table_totals.rows_seen as bigint) as rows_seen,
    cast(findings.rows_found as bigint) as rows_found,
    cast(findings.rows_quarantined as bigint) as rows_quarantined,
    case when findings.check_name <> 'column_not_used' then {{ rounded_ratio('findings.rows_found', 'table_totals.rows_seen', 6) }} end as share,
    case
        when
            findings.rows_quarantined > 0
            and table_totals.rows_against_limit > table_totals.rows_seen * cast({{ settings().max_quarantined_share }} as decimal(18, 9))
            then 'error'
        else check_texts.severity
    end as severity,
    findings.example_key,
    check_texts.remedy
from findings
inner join table_totals
    on findings.table_name = table_totals.table_name
left join check_texts
    on findings.check_name = check_texts.check_name
where findings.rows_found > 0 or findings.check_name = 'rows_read'
