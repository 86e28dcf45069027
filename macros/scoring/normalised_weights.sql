{#-
    A select of the keys, indicator and weight: the relation's raw_weight brought to 6 decimals that sum to exactly 1 within the
    keys. What rounding leaves over goes to the largest weight, of equal ones to the first by name. All 0 when the raw weights are.
    `places` as in rounded_ratio.
-#}
{% macro normalised_weights(relation, keys, places=8) -%}
select
    {{ keys }},
    indicator,
    cast(
        rounded_weight
        + case when place = 1 and total_weight > 0 then 1 - sum(rounded_weight) over (partition by {{ keys }}) else 0 end
        as decimal(9, 6)
    ) as weight
from (
    select
        {{ keys }},
        indicator,
        place,
        total_weight,
        coalesce({{ rounded_ratio('raw_weight', 'total_weight', 6, places) }}, 0) as rounded_weight
    from (
        select
            {{ keys }},
            indicator,
            raw_weight,
            sum(raw_weight) over (partition by {{ keys }}) as total_weight,
            row_number() over (partition by {{ keys }} order by raw_weight desc, {{ bytewise('indicator') }}) as place
        from {{ relation }}
    ) as weights_with_total
) as rounded_weights
{%- endmacro %}
