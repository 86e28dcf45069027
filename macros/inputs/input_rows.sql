{#-
    The CTEs that read a raw table, the last of which, typed_rows, has one row per row to be judged: each column of the
    interface typed under its own name and as supplied under raw_<name> (null when the table lacks it), repeat_problem, and
    is_not_yet_known for a row that was loaded after known_at. Superseded versions are left out: an older loaded_at of the
    same key, what is not known yet beside what is, and of rows loaded at once what is dated after as_of_date beside what is not.
    Only rows whose key really repeats (the model repeated_keys) pay for window functions.
-#}
{% macro input_rows(table) %}
    {% set definition = input_tables()[table] %}
    {% if not is_supplied(table) %}
typed_rows as (
    select
        {% for column, kind in definition.columns.items() %}
        cast(null as {{ kind_type(kind[0]) }}) as {{ column }},
        cast(null as {{ dbt.type_string() }}) as raw_{{ column }},
        {% endfor %}
        cast(null as {{ dbt.type_string() }}) as raw_loaded_at,
        false as is_not_yet_known,
        false as has_unreadable_date,
        false as has_unreadable_number,
        false as has_unreadable_flag,
        cast(null as {{ dbt.type_string() }}) as repeat_problem
    from (select 1 as nothing) as table_not_supplied
    where 1 = 0
)
    {% else %}
    {% set found = raw_columns(table) %}
    {% set has_loaded_at = 'loaded_at' in found %}
    {% set names = definition.columns.keys() | list %}
    {% set cleaned = {} %}
    {% for column, kind in definition.columns.items() %}
        {% do cleaned.update({column: clean_raw_column(column, kind[0], found)}) %}
    {% endfor %}
    {% set cleaned_loaded_at = clean_raw_column('loaded_at', 'moment', found) %}
    {% set loaded_at = typed_raw_column('raw_loaded_at', 'moment', cleaned_type('loaded_at', found)) if has_loaded_at else 'cast(null as ' ~ dbt.type_timestamp() ~ ')' %}
    {% set is_not_yet_known = 'false' %}
    {% if has_loaded_at and settings().known_at is not none %}
        {% set is_not_yet_known = 'coalesce(' ~ loaded_at ~ " > cast('" ~ settings().known_at ~ "' as " ~ dbt.type_timestamp() ~ '), false)' %}
    {% endif %}
    {% set is_dated_later = 'false' %}
    {% if definition.get('dated_by') in found %}
        {% set day = typed_raw_column('raw_' ~ definition.dated_by, 'moment', cleaned_type(definition.dated_by, found)) %}
        {% set is_dated_later = 'coalesce(' ~ day ~ ' >= ' ~ day_after_as_of_date() ~ ', false)' %}
    {% endif %}
    {% set source_rows %}
    from {{ raw_table(table) }} as raw
    {{ matched_with_repeated_keys(table, found) }}
    {%- endset %}
single_rows as (
    select
        {% for column in names %}
        {{ cleaned[column] }} as raw_{{ column }},
        {% endfor %}
        {{ cleaned_loaded_at }} as raw_loaded_at,
        cast(null as {{ dbt.type_string() }}) as repeat_problem
    {{ source_rows }}
    where repeated_keys.table_name is null
),

repeated_rows as (
    select
        {% for column in names %}
        {{ cleaned[column] }} as raw_{{ column }},
        {% endfor %}
        {{ cleaned_loaded_at }} as raw_loaded_at,
        repeated_keys.key_1,
        repeated_keys.key_2,
        repeated_keys.key_3
    {{ source_rows }}
    where repeated_keys.table_name is not null
),

-- A row whose loaded_at cannot be read is no version of anything: it is set aside by itself.
described_rows as (
    select
        repeated_rows.*,
        {{ loaded_at }} as loaded_at,
        raw_loaded_at is not null and {{ loaded_at }} is null as is_undatable,
        {{ is_not_yet_known }} as is_not_yet_known,
        {{ is_dated_later }} as is_dated_later,
        {{ raw_values(table, without=definition.key, distinctly=true) }} as content
    from repeated_rows
),

{% set key = 'key_1, key_2, key_3, is_undatable' %}
{% set version = key ~ ', is_not_yet_known, loaded_at, is_dated_later' %}
ordered_versions as (
    select
        described_rows.*,
        dense_rank() over (
            partition by {{ key }}
            order by is_not_yet_known, coalesce(loaded_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})) desc, is_dated_later
        ) as version_place,
        row_number() over (
            partition by {{ version }}, content
            order by {% for column in definition.key %}{{ bytewise('cast(raw_' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}{{ ', ' if not loop.last }}{% endfor %}
        ) as copy_number,
        min(content) over (partition by {{ version }}) <> max(content) over (partition by {{ version }}) as has_rival
    from described_rows
),

judged_rows as (
    select
        {% for column in names %}
        raw_{{ column }},
        {% endfor %}
        raw_loaded_at,
        repeat_problem
    from single_rows
    union all
    select
        {% for column in names %}
        raw_{{ column }},
        {% endfor %}
        raw_loaded_at,
        case
            when is_undatable then null
            when has_rival then 'conflicting_duplicate'
            when copy_number > 1 then 'duplicate'
        end as repeat_problem
    from ordered_versions
    where version_place = 1
),

typed_rows as (
    select
        {% set unreadable = {'moment': [], 'number': [], 'flag': []} %}
        {% for column, kind in definition.columns.items() %}
        {% set typed = typed_raw_column('raw_' ~ column, kind[0], cleaned_type(column, found)) %}
        {{ typed }} as {{ column }},
        raw_{{ column }},
        {% set family = {'moment': 'moment', 'number': 'number', 'rate': 'number', 'whole': 'number', 'flag': 'flag'}.get(kind[0]) %}
        {# An order's amount counts only where there are no lines, so an unreadable one beside lines loses nothing. #}
        {% set is_unused = column == 'amount' and table == 'orders' and is_supplied('order_lines') %}
        {% if family and column in found and not is_unused %}
            {% do unreadable[family].append('(raw_' ~ column ~ ' is not null and ' ~ typed ~ ' is null)') %}
        {% endif %}
        {% endfor %}
        {% if has_loaded_at %}
            {% do unreadable.moment.append('(raw_loaded_at is not null and ' ~ loaded_at ~ ' is null)') %}
        {% endif %}
        raw_loaded_at,
        {{ is_not_yet_known }} as is_not_yet_known,
        {{ unreadable.moment | join(' or ') or 'false' }} as has_unreadable_date,
        {{ unreadable.number | join(' or ') or 'false' }} as has_unreadable_number,
        {{ unreadable.flag | join(' or ') or 'false' }} as has_unreadable_flag,
        repeat_problem
    from judged_rows
)
    {% endif %}
{% endmacro %}


{#- A join, because DuckDB first gathers the distinct keys of all rows for a correlated `exists`; a key stands there once. -#}
{% macro matched_with_repeated_keys(table, found) %}
    left join {{ ref('repeated_keys') }} as repeated_keys
        on repeated_keys.table_name = '{{ table }}'
        {% for part in key_parts(table, found) %}
        and repeated_keys.key_{{ loop.index }} = {{ part }}
        {% endfor %}
{% endmacro %}


{#- The parts of a raw row's key as text, alike for one moment or one code that is spelled in several ways. -#}
{% macro key_parts(table, found) %}
    {% set parts = [] %}
    {% for column in input_tables()[table].key %}
        {% set kind = input_tables()[table].columns[column][0] %}
        {% set cleaned = clean_raw_column(column, kind, found) %}
        {% set part = as_text(cleaned, kind, column, found) %}
        {% if kind in ['moment', 'code'] %}
            {% set typed = typed_raw_column(cleaned, kind, cleaned_type(column, found)) %}
            {% set part = 'coalesce(cast(' ~ typed ~ ' as ' ~ dbt.type_string() ~ '), ' ~ part ~ ')' %}
        {% endif %}
        {% do parts.append(part) %}
    {% endfor %}
    {% do return(parts) %}
{% endmacro %}


{#- A key part as text; a cast only where it is not text already. -#}
{% macro as_text(expression, kind, column, found) %}
    {% if kind in ['id', 'text', 'code'] or raw_type_family(found.get(column, 'text')) == 'text' %}
        {% do return(expression) %}
    {% endif %}
    {% do return('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}


{#-
    A raw column made comparable: text is trimmed and empty text is null, ids and codes are text whatever their type was,
    and a time stamp with a zone is business time, so that it reads the same whatever the session's zone is.
-#}
{% macro clean_raw_column(column, kind, found) %}
    {% if column not in found %}
        {% do return('cast(null as ' ~ dbt.type_string() ~ ')') %}
    {% elif raw_type_family(found[column]) == 'text' or kind in ['id', 'text', 'code'] %}
        {% do return(engine_trimmed('raw.' ~ column if raw_type_family(found[column]) == 'text' else engine_to_text('raw.' ~ column, found[column]))) %}
    {% elif raw_type_family(found[column]) == 'zoned' %}
        {% do return(engine_business_time('raw.' ~ column)) %}
    {% else %}
        {% do return('raw.' ~ column) %}
    {% endif %}
{% endmacro %}


{#- The data type of a column after clean_raw_column. -#}
{% macro cleaned_type(column, found) %}
    {% set data_type = found.get(column, 'text') %}
    {% do return('timestamp' if raw_type_family(data_type) == 'zoned' else data_type) %}
{% endmacro %}


{% macro typed_raw_column(expression, kind, data_type) %}
    {% if kind in ['id', 'text'] %}
        {% do return(expression) %}
    {% elif kind == 'code' %}
        {% do return('upper(' ~ bytewise(expression) ~ ')') %}
    {% elif kind == 'moment' %}
        {% do return(engine_to_timestamp(expression, data_type)) %}
    {% elif kind == 'flag' %}
        {% do return(engine_to_boolean(expression, data_type)) %}
    {% else %}
        {% do return(engine_to_number(expression, data_type, kind_type(kind))) %}
    {% endif %}
{% endmacro %}


{% macro kind_type(kind) %}
    {% do return({
        'number': 'decimal(18, 6)', 'rate': 'decimal(26, 18)', 'whole': 'integer', 'moment': dbt.type_timestamp(), 'flag': 'boolean',
    }.get(kind, dbt.type_string())) %}
{% endmacro %}


{#- text, zoned (time stamp with zone), moment (date or time stamp without zone), flag or number. -#}
{% macro raw_type_family(data_type) %}
    {% if 'char' in data_type or 'text' in data_type or 'string' in data_type %}
        {% do return('text') %}
    {% elif 'with time zone' in data_type or 'timestamptz' in data_type %}
        {% do return('zoned') %}
    {% elif 'timestamp' in data_type or 'date' in data_type %}
        {% do return('moment') %}
    {% elif 'bool' in data_type %}
        {% do return('flag') %}
    {% else %}
        {% do return('number') %}
    {% endif %}
{% endmacro %}
