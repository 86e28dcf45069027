{#-
    The reason for which a row does not count, or null: the checks that every table shares, first match wins, and then the
    table's own `when` lines, given as the body of a call block. Expects the columns of typed_rows.
-#}
{% macro quarantine_reason(table) %}
    {% set definition = input_tables()[table] %}
case
    when is_not_yet_known then 'not_yet_known'
    when repeat_problem is not null then repeat_problem
    {% for column in definition.key if column != 'customer_id' or table == 'customers' %}
    when raw_{{ column }} is null then 'missing_key'
    {% endfor %}
    {% if 'customer_id' in definition.columns and table != 'customers' %}
    when customer_id is null then 'missing_customer'
    {% endif %}
    when has_unreadable_date then 'impossible_date'
    {% for column, kind in definition.columns.items() if kind == ['moment', 'required'] %}
    when {{ column }} is null then 'impossible_date'
    {% endfor %}
    when has_unreadable_number then 'not_a_number'
    when has_unreadable_flag then 'not_a_flag'
    {% for column, kind in definition.columns.items() if kind[0] in ['number', 'rate', 'whole'] and kind[1] == 'required' %}
    when {{ column }} is null then 'missing_number'
    {% endfor %}
    {{ caller() }}
end
{% endmacro %}


{#-
    The columns every staging model ends with: row_state, quarantine_reason, row_key, raw_values. `used` rows are the
    accepted ones; `later` rows are dated after as_of_date or loaded after known_at, or belong to such a row, and leave no trace.
    Expects quarantine_reason and the columns of typed_rows.
-#}
{% macro judged_columns(table, is_later=none, or_later=none) %}
    {% set definition = input_tables()[table] %}
    {% if is_later is none and 'dated_by' in definition %}
        {% set is_later = definition.dated_by ~ ' >= ' ~ day_after_as_of_date() %}
    {% endif %}
    case
        when is_not_yet_known then 'later'
        {% if is_later is not none %}
        when {{ is_later }} then 'later'
        {% endif %}
        {% if or_later is not none %}
        when {{ or_later }} then 'later'
        {% endif %}
        when quarantine_reason is not null then 'quarantined'
        else 'used'
    end as row_state,
    quarantine_reason,
    case
        when quarantine_reason is not null then nullif(concat_ws(' / '{% for column in definition.key %}, cast(raw_{{ column }} as {{ dbt.type_string() }}){% endfor %}), '')
    end as row_key,
    case when quarantine_reason is not null then {{ raw_values(table, with_loaded_at=has_raw_column(table, 'loaded_at')) }} end as raw_values
{% endmacro %}


{% macro day_after_as_of_date() %}
    {%- set day = settings().as_of_date + modules.datetime.timedelta(days=1) -%}
    cast('{{ day }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}
