{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions(reviews='backtest_reviews') }}") }}

{%- set measures = outcome_measures() -%}

-- one row per review date, ranking, replicate and class with a customer in it; rankings by number, which takes half the time of texts
with replicated_classes as (
    select
        outcome_rankings.as_of_date,
        outcome_rankings.ranking_no,
        bootstrap_weights.replicate_no,
        outcome_rankings.place_class,
        {% for measure in measures %}
        cast(sum(bootstrap_weights.weight * outcome_rankings.{{ measure }}) as bigint) as {{ measure }},
        {% endfor %}
        cast(sum(bootstrap_weights.weight * outcome_rankings.customers) as bigint) as customers
    from {{ ref('backtest_reviews') }} as backtest_reviews
    inner join {{ ref('outcome_rankings') }} as outcome_rankings
        on backtest_reviews.as_of_date = outcome_rankings.as_of_date
    inner join {{ ref('bootstrap_weights') }} as bootstrap_weights
        on outcome_rankings.customer_block = bootstrap_weights.customer_block
    where backtest_reviews.is_due
    group by outcome_rankings.as_of_date, outcome_rankings.ranking_no, bootstrap_weights.replicate_no, outcome_rankings.place_class
),

placed_classes as (
    select
        as_of_date,
        ranking_no,
        replicate_no,
        customers,
        {% for measure in measures %}
        {{ measure }},
        {% endfor %}
        cast(sum(customers) over (partition by as_of_date, ranking_no, replicate_no order by place_class) as bigint) as places_used
    from replicated_classes
),

-- one row per review date, ranking and replicate; the customers of the whole, times what they do, are taken in at the end
sums as (
    select
        as_of_date,
        ranking_no,
        replicate_no,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        sum(cast({{ measure }} as decimal(19, 0)) * cast(2 * places_used - customers as decimal(19, 0))) as {{ measure }}_places,
        {% endfor %}
        sum(customers) as customers
    from placed_classes
    group by as_of_date, ranking_no, replicate_no
),

named_rankings as (
    select
        as_of_date,
        ranking_no,
        ranking_kind,
        ranking_id
    from {{ ref('outcome_rankings') }}
    group by as_of_date, ranking_no, ranking_kind, ranking_id
),

areas as (
    select
        named_rankings.as_of_date,
        named_rankings.ranking_kind,
        named_rankings.ranking_id,
        {% for measure in measures %}
        sums.{{ measure }},
        sums.{{ measure }} * sums.customers - sums.{{ measure }}_places as {{ measure }}_area,
        {% endfor %}
        sums.replicate_no
    from sums
    inner join named_rankings
        on sums.as_of_date = named_rankings.as_of_date
        and sums.ranking_no = named_rankings.ranking_no
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
