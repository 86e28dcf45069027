{%- set measures = outcome_measures() -%}
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
),

-- one row per block and replicate that draws it
block_weights as (
    select
        customer_block,
        replicate_no,
        {% for bound in poisson_bounds -%}
        case when draw >= {{ bound }} then 1 else 0 end{{ ' +' if not loop.last }}
        {% endfor -%} as weight
    from draws
    where draw >= {{ poisson_bounds[0] }}
),

-- one row per review date and ranking, by a number: grouping and sorting by it takes half the time that texts take
numbered_rankings as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        row_number() over (order by as_of_date, ranking_kind, {{ bytewise('ranking_id') }}) as ranking_no
    from {{ ref('outcome_rankings') }}
    group by as_of_date, ranking_kind, ranking_id
),

cells as (
    select
        numbered_rankings.ranking_no,
        outcome_rankings.place_class,
        outcome_rankings.customer_block,
        {% for measure in measures %}
        outcome_rankings.{{ measure }},
        {% endfor %}
        outcome_rankings.customers
    from {{ ref('outcome_rankings') }} as outcome_rankings
    inner join numbered_rankings
        on outcome_rankings.as_of_date = numbered_rankings.as_of_date
        and outcome_rankings.ranking_kind = numbered_rankings.ranking_kind
        and outcome_rankings.ranking_id = numbered_rankings.ranking_id
),

-- one row per ranking, replicate and class with a customer in it
replicated_classes as (
    select
        cells.ranking_no,
        block_weights.replicate_no,
        cells.place_class,
        {% for measure in measures %}
        cast(sum(block_weights.weight * cells.{{ measure }}) as bigint) as {{ measure }},
        {% endfor %}
        cast(sum(block_weights.weight * cells.customers) as bigint) as customers
    from cells
    inner join block_weights
        on cells.customer_block = block_weights.customer_block
    group by cells.ranking_no, block_weights.replicate_no, cells.place_class
),

placed_classes as (
    select
        ranking_no,
        replicate_no,
        customers,
        {% for measure in measures %}
        {{ measure }},
        {% endfor %}
        cast(sum(customers) over (partition by ranking_no, replicate_no order by place_class) as bigint) as places_used
    from replicated_classes
),

-- one row per ranking and replicate; the customers of the whole, times what they do, are taken in at the end
sums as (
    select
        ranking_no,
        replicate_no,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        sum(cast({{ measure }} as decimal(19, 0)) * cast(2 * places_used - customers as decimal(19, 0))) as {{ measure }}_places,
        {% endfor %}
        sum(customers) as customers
    from placed_classes
    group by ranking_no, replicate_no
),

areas as (
    select
        numbered_rankings.as_of_date,
        numbered_rankings.ranking_kind,
        numbered_rankings.ranking_id,
        {% for measure in measures %}
        sums.{{ measure }},
        sums.{{ measure }} * sums.customers - sums.{{ measure }}_places as {{ measure }}_area,
        {% endfor %}
        sums.replicate_no
    from sums
    inner join numbered_rankings
        on sums.ranking_no = numbered_rankings.ranking_no
),

-- beside each the area of the best order in the same replicate; a join of all with themselves would need statistics that no CTE has
compared_areas as (
    select
        {% for measure in measures %}
        max(case when ranking_kind = 'best' and ranking_id = '{{ measure }}' then {{ measure }}_area end) over (
            partition by as_of_date, replicate_no
        ) as best_{{ measure }}_area,
        {% endfor %}
        areas.*
    from areas
)

{% for measure in measures %}
select
    as_of_date,
    ranking_kind,
    ranking_id,
    cast('{{ measure }}' as {{ dbt.type_string() }}) as measure,
    cast(replicate_no as integer) as replicate_no,
    cast({{ whole_ratio(measure ~ '_area', 'best_' ~ measure ~ '_area', 6) }} as decimal(18, 6)) as gini
from compared_areas
where ranking_kind <> 'best' and {{ measure }} > 0 and best_{{ measure }}_area > 0
{{ 'union all' if not loop.last }}
{% endfor %}
