{%- set checks = quality_checks() -%}
{%- set tables = input_tables() -%}
{%- set text = dbt.type_string() %}

-- depends_on: {{ ref('quarantined_rows') }}
-- Whoever selects what is measured gets the rows that the gate's message points at.

with judged_rows as (
    select
        table_name,
        row_state,
        reason,
        row_key,
        finding,
        example_key,
        row_count
    from {{ ref('judged_rows') }}
),

order_values as (
    select
        order_id,
        order_date,
        is_cancelled,
        line_count,
        unknown_product_count
    from {{ ref('order_values') }}
    where order_state = 'used'
),

latest_orders as (
    select max(order_date) as order_date
    from order_values
),

rows_by_reason as (
    select
        table_name,
        reason,
        sum(row_count) as row_count,
        min({{ bytewise('row_key') }}) as example_key
    from judged_rows
    where row_state = 'quarantined'
    group by table_name, reason
),

rows_by_finding as (
    select
        table_name,
        finding,
        sum(row_count) as row_count,
        min({{ bytewise('example_key') }}) as example_key
    from judged_rows
    where finding is not null
    group by table_name, finding
),

used_customers as (
    select
        customer_id,
        parent_customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'used'
),

-- a row dated after as_of_date makes somebody internal as well, who is counted if anything else is known of it
internal_customers as (
    select customers.customer_id
    from {{ ref('stg_customers') }} as customers
    left join {{ ref('stg_known_customers') }} as known_customers
        on customers.customer_id = known_customers.customer_id
    where customers.is_internal and (customers.row_state <> 'later' or known_customers.customer_id is not null)
    group by customers.customer_id
),

-- one row per table; lines have been counted when they were added up
used_rows as (
    select
        table_name,
        sum(row_count) as row_count
    from judged_rows
    where row_state = 'used'
    group by table_name
    union all
    select
        'order_lines' as table_name,
        sum(line_count) as row_count
    from order_values
),

-- one row per table; duplicates lose nothing, so they count towards max_quarantined_share neither as quarantined nor as rows
quarantined_totals as (
    select
        table_name,
        sum(row_count) as row_count,
        sum(case when reason = 'duplicate' then row_count else 0 end) as duplicates
    from rows_by_reason
    group by table_name
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
        coalesce(used_rows.row_count, 0) + coalesce(quarantined_totals.row_count, 0) as rows_seen,
        coalesce(quarantined_totals.row_count, 0) - coalesce(quarantined_totals.duplicates, 0) as rows_against_limit,
        coalesce(quarantined_totals.duplicates, 0) as duplicates
    from tables_seen
    left join used_rows
        on tables_seen.table_name = used_rows.table_name
    left join quarantined_totals
        on tables_seen.table_name = quarantined_totals.table_name
    union all
    -- a seed, of which no row is quarantined: a decision about nobody has to be seen where other unknown customers are
    select
        'tier_overrides' as table_name,
        count(*) as rows_seen,
        0 as rows_against_limit,
        0 as duplicates
    from {{ ref('tier_overrides') }}
),

-- one row per override whose customer is in no raw table: it changes nobody's tier
overrides_of_nobody as (
    select tier_overrides.customer_id
    from {{ ref('tier_overrides') }} as tier_overrides
    left join {{ ref('stg_known_customers') }} as known_customers
        on tier_overrides.customer_id = known_customers.customer_id
    where known_customers.customer_id is null
),

findings as (
    select
        table_name,
        'rows_read' as check_name,
        0 as rows_quarantined,
        rows_seen as rows_found,
        cast(null as {{ text }}) as example_key
    from table_totals
    where table_name <> 'tier_overrides'
    union all
    select
        'tier_overrides' as table_name,
        'unknown_customer' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('customer_id') }}) as example_key
    from overrides_of_nobody
    union all
    select
        table_name,
        reason as check_name,
        row_count as rows_quarantined,
        row_count as rows_found,
        example_key
    from rows_by_reason
    {% if is_supplied('order_lines') %}
    union all
    select
        'orders' as table_name,
        'order_without_lines' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('order_id') }}) as example_key
    from order_values
    where not is_cancelled and line_count = 0
    {% endif %}
    union all
    -- a day of another year, or orders that stopped coming, would else make everybody look lost
    select
        'orders' as table_name,
        'no_recent_rows' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min(case when order_values.order_date = latest_orders.order_date then {{ bytewise('order_values.order_id') }} end) as example_key
    from order_values
    cross join latest_orders
    where latest_orders.order_date < cast('{{ settings().as_of_date - modules.datetime.timedelta(days=31) }}' as date)
    union all
    select
        table_name,
        finding as check_name,
        0 as rows_quarantined,
        row_count as rows_found,
        example_key
    from rows_by_finding
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
    left join internal_customers
        on known_customers.customer_id = internal_customers.customer_id
    where used_customers.customer_id is null and internal_customers.customer_id is null
    union all
    select
        'customers' as table_name,
        'internal_customer' as check_name,
        0 as rows_quarantined,
        count(*) as rows_found,
        min({{ bytewise('customer_id') }}) as example_key
    from internal_customers
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
        sum(unknown_product_count) as rows_found,
        min(case when unknown_product_count > 0 then {{ bytewise('order_id') }} end) as example_key
    from order_values
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
    cast(findings.table_name as {{ text }}) as table_name,
    cast(findings.check_name as {{ text }}) as check_name,
    cast(table_totals.rows_seen as bigint) as rows_seen,
    cast(findings.rows_found as bigint) as rows_found,
    cast(findings.rows_quarantined as bigint) as rows_quarantined,
    cast(
        case when findings.check_name <> 'column_not_used' then {{ rounded_ratio('findings.rows_found', 'table_totals.rows_seen', 6) }} end
        as decimal(18, 6)
    ) as share,
    cast(
        case
            when
                findings.rows_quarantined > 0
                and table_totals.rows_against_limit
                > (table_totals.rows_seen - table_totals.duplicates) * cast({{ settings().max_quarantined_share }} as decimal(18, 9))
                then 'error'
            else check_texts.severity
        end as {{ text }}
    ) as severity,
    cast(findings.example_key as {{ text }}) as example_key,
    cast(check_texts.remedy as {{ text }}) as remedy
from findings
inner join table_totals
    on findings.table_name = table_totals.table_name
-- inner: a check without a text is a mistake that loses its row, which quarantined_rows__are_all_counted finds
inner join check_texts
    on findings.check_name = check_texts.check_name
where findings.rows_found > 0 or findings.check_name = 'rows_read'
