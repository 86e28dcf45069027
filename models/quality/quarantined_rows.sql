{% for table in input_tables() %}
select
    cast('{{ table }}' as {{ dbt.type_string() }}) as table_name,
    cast(row_key as {{ dbt.type_string() }}) as row_key,
    cast(quarantine_reason as {{ dbt.type_string() }}) as reason,
    cast(raw_values as {{ dbt.type_string() }}) as raw_values
from {{ ref('stg_' ~ table) }}
where row_state = 'quarantined'
{{ 'union all' if not loop.last }}
{% endfor %}
