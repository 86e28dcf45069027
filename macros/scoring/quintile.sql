{#-
    1 (worst) to 5 (best) from the tie-safe mid-rank of `ordering` (more is better) within `partition`: 1 + the whole part of
    5 x (worse + half of the equal ones) / n, so that equal values are never split.
-#}
{% macro quintile(ordering, partition) -%}
1 + {{ whole_quotient(
    "5 * (rank() over (partition by " ~ partition ~ " order by " ~ ordering ~ ") - 1"
    ~ " + count(*) over (partition by " ~ partition ~ " order by " ~ ordering ~ "))",
    "2 * count(*) over (partition by " ~ partition ~ ")"
) }}
{%- endmacro %}


{#- The same of a relation of values, each with how many have it. -#}
{% macro counted_quintile(customers, ordering) -%}
1 + {{ whole_quotient(
    "5 * (2 * sum(" ~ customers ~ ") over (order by " ~ ordering ~ ") - " ~ customers ~ ")",
    "2 * sum(" ~ customers ~ ") over ()"
) }}
{%- endmacro %}
