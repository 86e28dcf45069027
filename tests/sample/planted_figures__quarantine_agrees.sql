-- What: exactly the planted flawed rows are quarantined, each for the planted reason.
-- Why: a check that is too strict loses good rows, one that is too lax lets bad ones count.
-- Mend: see the rows of the table and reason in quarantined_rows.
with planted as (
    select
        figure,
        cast(value as bigint) as planted_rows
    from {{ ref('planted_figures') }}
    where figure like 'quarantined_rows.%'
),

held as (
    select
        'quarantined_rows.' || table_name || '.' || reason as figure,
        count(*) as held_rows
    from {{ ref('quarantined_rows') }}
    group by table_name, reason
)

select
    coalesce(planted.figure, held.figure) as figure,
    planted.planted_rows,
    held.held_rows
from planted
full outer join held
    on planted.figure = held.figure
where coalesce(planted.planted_rows, 0) <> coalesce(held.held_rows, 0)
{{ 'limit 0' if not is_as_shipped() }}
