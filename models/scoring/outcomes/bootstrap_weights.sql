{#- Draws of 0 to 2^28 that reach a bound have a weight above 0, 1, 2 ...: Poisson(1) up to 9, beyond which lies one in ten million. -#}
{%- set poisson_bounds = [98751885, 197503771, 246879713, 263338361, 267453023, 268275955, 268413111, 268432704, 268435153] -%}

with numbers as (
    select counted.number
    from (
        values
        {% for number in range(200) %}
        ({{ number }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as counted (number)
),

draws as (
    select
        blocks.number as customer_block,
        replicates.number + 1 as replicate_no,
        {{ hash_number("'block ' || cast(blocks.number as " ~ dbt.type_string() ~ ") || ' replicate ' || cast(replicates.number as "
            ~ dbt.type_string() ~ ")") }} as draw
    from numbers as blocks
    cross join numbers as replicates
)

select
    cast(customer_block as integer) as customer_block,
    cast(replicate_no as integer) as replicate_no,
    cast(
        {% for bound in poisson_bounds -%}
        case when draw >= {{ bound }} then 1 else 0 end{{ ' +' if not loop.last }}
        {% endfor -%}
        as integer
    ) as weight
from draws
where draw >= {{ poisson_bounds[0] }}
