-- A table of its own, because its few rows decide how DuckDB plans the joins of all lines with it.
{{ config(materialized='table') }}

select
    order_id,
    order_state,
    unused_line_count
from {{ ref('order_values') }}
where order_state <> 'used' or unused_line_count > 0
