{#-
    The CTE `walk` of a model whose each review builds on the one before, after a `with` that with_walk begins. `start` selects the rows
    that the first review builds on; `next_review` are the CTEs and the select of the review after that in the relation `previous_review`,
    of which it reads the `columns`. One statement where an engine lets a recursion rank its rows. Spark does not: there it is the first
    review alone, and the model's post-hook walk_on adds the others.
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
    Run after a model with a walk: its SQL once more for each review after the first in the relation `reviews` (review_no, as_of_date), on
    the rows of the review before that stand in the table. `columns` are those that the walk reads, but review_no, with their types.
-#}
{% macro walk_on(reviews, columns) %}
    {% do return(adapter.dispatch('walk_on')(reviews, columns)) %}
{% endmacro %}


{% macro default__walk_on(reviews, columns) %}
    {% do return('') %}
{% endmacro %}


{#- The row without a customer says which review it is, also where nobody stands in the table. -#}
{% macro spark__walk_on(reviews, columns) %}
    {% if execute and not flags.EMPTY %}
        {% set days = {} %}
        {% for row in run_query('select distinct review_no, as_of_date from ' ~ ref(reviews)).rows %}
            {% do days.update({row[0]: row[1]}) %}
        {% endfor %}
        {% for review_no in (range(days | min, days | max) if days else []) %}
            {% set previous_review %}
                select
                    cast({{ review_no }} as bigint) as review_no
                    {% for name, data_type in columns.items() %}, cast(null as {{ engine_type(data_type) }}) as {{ name }}{% endfor %}
                {% if review_no in days %}
                union all
                select cast({{ review_no }} as bigint) as review_no, {{ columns | join(', ') }}
                from {{ this }}
                where as_of_date = cast('{{ days[review_no] }}' as date)
                {% endif %}
            {% endset %}
            {% do run_query('insert into ' ~ this ~ ' ' ~ modules.re.sub('(?s)-- walked so far.*?-- end', previous_review, sql)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
