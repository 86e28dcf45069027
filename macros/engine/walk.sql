{#-
    The CTE `walk` of a model whose each review builds on the one before. `start` selects the rows that the first review builds on, with
    the `columns`; `next_review` selects the rows of the review after that in the relation `previous_review`, with any `others`. One
    statement where an engine lets a recursion rank its rows. Spark does not: there it is the first review alone, and walk_on adds the others.
-#}
{% macro walk(columns, start, next_review) -%}
    {{ adapter.dispatch('walk')(columns, start, next_review) }}
{%- endmacro %}


{#- PostgreSQL takes no outer join of the recursive name itself, so it goes by another inside. -#}
{% macro default__walk(columns, start, next_review) -%}
walk as (
    {{ start }}
    union all
    select next_review.*
    from (
        with previous_review as (
            select {{ columns | join(', ') }}
            from walk
        ),

        {{ next_review }}
    ) as next_review
)
{%- endmacro %}


{% macro spark__walk(columns, start, next_review) -%}
previous_review as (
    -- walked so far
    select {{ columns | join(', ') }}
    from ({{ start }}) as start
    -- end
),

walk as (
    select next_review.*
    from (
        with {{ next_review }}
    ) as next_review
)
{%- endmacro %}


{#- What a recursive query begins with. -#}
{% macro with_walk() -%}
    {{ adapter.dispatch('with_walk')() }}
{%- endmacro %}


{% macro default__with_walk() -%}
    with recursive
{%- endmacro %}


{% macro spark__with_walk() -%}
    with
{%- endmacro %}


{#- A CTE that a walk reads for each review, so that it is computed once. -#}
{% macro as_materialized() -%}
    {{ adapter.dispatch('as_materialized')() }}
{%- endmacro %}


{% macro default__as_materialized() -%}
    as materialized
{%- endmacro %}


{% macro spark__as_materialized() -%}
    as
{%- endmacro %}


{#-
    Run after a model with a walk: its SQL once more for each review but the first of the relation `reviews`, which has review_no and
    as_of_date, on the rows that stand there of the review before. `columns` are those of the walk, by the name in the model.
-#}
{% macro walk_on(reviews, columns) %}
    {% do return(adapter.dispatch('walk_on')(reviews, columns)) %}
{% endmacro %}


{% macro default__walk_on(reviews, columns) %}
    {% do return('') %}
{% endmacro %}


{% macro spark__walk_on(reviews, columns) %}
    {% if execute and not flags.EMPTY %}
        {% set walked = run_query('select distinct review_no, as_of_date from ' ~ ref(reviews) ~ ' order by review_no').rows %}
        {% for review in walked[:-1] %}
            {% set rows %}
                select cast({{ review[0] }} as bigint) as review_no {%- for name, type in columns.items() %}, cast(null as {{ engine_type(type) }}) as {{ name }}{% endfor %}
                union all
                select cast({{ review[0] }} as bigint) as review_no, {{ columns.keys() | join(', ') }}
                from {{ this }}
                where as_of_date = cast('{{ review[1] }}' as date)
            {% endset %}
            {% do run_query('insert into ' ~ this ~ ' ' ~ modules.re.sub('(?s)-- walked so far.*?-- end', rows.replace('\\', '\\\\'), sql)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
