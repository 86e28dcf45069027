{#-
    The CTE <name>_rows_in_turn: which allocations to one credit or invoice (`owner`) do not fit into what those before them have left of its
    `limit` (is_refused, by owner and <name>_place). One that does not fit takes nothing. Walked row by row are only the owners that more is
    allocated to than fits. Expects in `rows` <name>_place, null for rows that do not count, and <name>_total_so_far, the sum up to there.
-#}
{% macro rows_in_turn(name, rows, owner, limit) %}
{{ name }}_rows as (
    select
        {{ owner }},
        {{ name }}_place,
        cast(amount as decimal(38, 6)) as amount,
        {{ limit }} as limit_amount
    from {{ rows }}
    where {{ owner }} in (
        select full_{{ rows }}.{{ owner }}
        from {{ rows }} as full_{{ rows }}
        where full_{{ rows }}.{{ name }}_total_so_far > full_{{ rows }}.{{ limit }}
    )
),

{{ name }}_rows_in_turn as (
    select
        {{ owner }},
        {{ name }}_place,
        amount > limit_amount as is_refused,
        cast(case when amount > limit_amount then 0 else amount end as decimal(38, 6)) as total
    from {{ name }}_rows
    where {{ name }}_place = 1
    union all
    select
        {{ name }}_rows.{{ owner }},
        {{ name }}_rows.{{ name }}_place,
        {{ name }}_rows_in_turn.total + {{ name }}_rows.amount > {{ name }}_rows.limit_amount as is_refused,
        cast(
            {{ name }}_rows_in_turn.total
            + case
                when {{ name }}_rows_in_turn.total + {{ name }}_rows.amount > {{ name }}_rows.limit_amount then 0
                else {{ name }}_rows.amount
            end as decimal(38, 6)
        ) as total
    from {{ name }}_rows_in_turn
    inner join {{ name }}_rows
        on {{ name }}_rows_in_turn.{{ owner }} = {{ name }}_rows.{{ owner }}
        and {{ name }}_rows_in_turn.{{ name }}_place + 1 = {{ name }}_rows.{{ name }}_place
)
{% endmacro %}
