{#-
    The thresholds of the life cycle that hold where a policy has no row for a stage in policy_life_cycle: days, and multiples of
    the expected cycle for the stages that are judged by recency.
-#}
{% macro life_cycle_defaults() %}
    {% do return({
        'lost': {'min_days': 365, 'cycle_multiple': 6},
        'silent': {'min_days': 180, 'cycle_multiple': 3},
        'at_risk': {'min_days': 45, 'cycle_multiple': 1.5},
        'new': {'min_days': 90},
        'growing': {'min_days': 365},
    }) %}
{% endmacro %}


{#-
    The columns <stage>_days and <stage>_multiple of a policy, from policy_life_cycle or from the defaults: aggregates. The
    multiples are wide decimals: of two narrow ones DuckDB gives the product no more than 18 digits.
-#}
{% macro life_cycle_thresholds() -%}
{%- for stage, thresholds in life_cycle_defaults().items() -%}
coalesce(max(case when policy_life_cycle.stage = '{{ stage }}' then policy_life_cycle.min_days end), {{ thresholds.min_days }}) as {{ stage }}_days
{%- if 'cycle_multiple' in thresholds %},
cast(
    coalesce(
        max(case when policy_life_cycle.stage = '{{ stage }}' then coalesce(policy_life_cycle.cycle_multiple, 0) end),
        {{ thresholds.cycle_multiple }}
    ) as decimal(28, 6)
) as {{ stage }}_multiple
{%- endif -%}
{{ ',\n' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
