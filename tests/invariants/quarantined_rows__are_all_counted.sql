-- What: the quarantined rows that data_quality counts are those of quarantined_rows, table by table.
-- Why: a reason that data_quality does not know would hide rows from the reader and from the gate.
-- Mend: give the reason a severity and a remedy in macros/inputs/quality_checks.sql.
with counted as (
    select
        table_name,
        sum(rows_quarantined) as row_count
    from {{ ref('data_quality') }}
    group by table_name
),

held as (
    select
        table_name,
        count(*) as row_count
    from {{ ref('quarantined_rows') }}
    group by table_name
)

select
    held.table_name,
    held.row_count as rows_held,
    coalesce(counted.row_count, 0) as rows_counted
from held
left join counted
    on held.table_name = counted.table_name
where held.row_count <> coalesce(counted.row_count, 0)
