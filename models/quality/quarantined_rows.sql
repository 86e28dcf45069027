{%- set middle_copy = whole_quotient('first_copy + last_copy', '2') -%}

-- judged_rows counts rows that are the same in all that is told of them. To have a row for each again, a range of copies is halved
-- until all ranges hold one.
with recursive copies as (
    select
        table_name,
        row_key,
        reason,
        raw_values,
        cast(1 as bigint) as first_copy,
        row_count as last_copy
    from {{ ref('judged_rows') }}
    where row_state = 'quarantined'
    union all
    select
        copies.table_name,
        copies.row_key,
        copies.reason,
        copies.raw_values,
        case when halves.is_lower then copies.first_copy else {{ middle_copy }} + 1 end as first_copy,
        case when halves.is_lower then {{ middle_copy }} else copies.last_copy end as last_copy
    from copies
    cross join (values (true), (false)) as halves (is_lower)
    where copies.first_copy < copies.last_copy
)

select
    cast(table_name as {{ dbt.type_string() }}) as table_name,
    cast(row_key as {{ dbt.type_string() }}) as row_key,
    cast(reason as {{ dbt.type_string() }}) as reason,
    cast(raw_values as {{ dbt.type_string() }}) as raw_values
from copies
where first_copy = last_copy
