{#-
    A relation of as_of_date, policy_id, industry, customer_id, indicator and scaled_value: the scaled values that there are, of the
    policies that weigh by `weighting` or blend with it, each customer with the industry whose weights it has.
-#}
{% macro scaled_values_of(weighting) -%}
(
    select
        indicator_values.as_of_date,
        indicator_values.policy_id,
        coalesce(customer_industries.industry, 'any') as industry,
        indicator_values.customer_id,
        indicator_values.indicator,
        indicator_values.scaled_value
    from {{ ref('indicator_values') }} as indicator_values
    inner join {{ ref('review_policies') }} as review_policies
        on indicator_values.as_of_date = review_policies.as_of_date
        and indicator_values.policy_id = review_policies.policy_id
        and (review_policies.weighting = '{{ weighting }}' or review_policies.blend_with = '{{ weighting }}')
    left join {{ ref('customer_industries') }} as customer_industries
        on indicator_values.as_of_date = customer_industries.as_of_date
        and indicator_values.policy_id = customer_industries.policy_id
        and indicator_values.customer_id = customer_industries.customer_id
    where indicator_values.scaled_value is not null
)
{%- endmacro %}
