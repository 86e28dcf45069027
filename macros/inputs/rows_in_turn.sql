{#-
    The CTE <name>_rows_in_turn: which allocations to one credit or invoice (`owner`) do not fit between 0 and its `limit`, after those
    before them (is_refused, by owner and <name>_place): more than there is, or more taken back than was given. One that does not fit
    changes nothing. Walked row by row are only the owners of which one does not. Expects in `rows` <name>_place, null for rows that do not
    count, and <name>_total_so_far, the sum up to there.
-#}
{% macro rows_in_turn(name, rows, owner, limit) %}
{% set total = name ~ '_rows_in_turn.total + ' ~ name ~ '_rows.amount' %}
{{ name }}_rows as (
    select
        {{ owner }},
        {{ name }}_place,
        cast(amount as decimal(38, 6)) as amount,
        least({{ limit }}, 0) as lowest_total,
        greatest({{ limit }}, 0) as highest_total
    from {{ rows }}
    where {{ owner }} in (
        select full_{{ rows }}.{{ owner }}
        from {{ rows }} as full_{{ rows }}
        where full_{{ rows }}.{{ name }}_total_so_far not between least(full_{{ rows }}.{{ limit }}, 0) and greatest(full_{{ rows }}.{{ limit }}, 0)
    )
),

{{ name }}_rows_in_turn as (
    select
        {{ owner }},
        {{ name }}_place,
        amount not between lowest_total and highest_total as is_refused,
        cast(case when amount between lowest_total and highest_total then amount else 0 end as decimal(38, 6)) as total
    from {{ name }}_rows
    where {{ name }}_place = 1
    union all
    select
        {{ name }}_rows.{{ owner }},
        {{ name }}_rows.{{ name }}_place,
        {{ total }} not between {{ name }}_rows.lowest_total and {{ name }}_rows.highest_total as is_refused,
        cast(
            case
                when {{ total }} between {{ name }}_rows.lowest_total and {{ name }}_rows.highest_total then {{ total }}
                else {{ name }}_rows_in_turn.total
            end as decimal(38, 6)
        ) as total
    from {{ name }}_rows_in_turn
    inner join {{ name }}_rows
        on {{ name }}_rows_in_turn.{{ owner }} = {{ name }}_rows.{{ owner }}
        and {{ name }}_rows_in_turn.{{ name }}_place + 1 = {{ name }}_rows.{{ name }}_place
)
{% endmacro %}
