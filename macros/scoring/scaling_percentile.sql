{#-
    Tie-safe mid-rank among the customers that have a value: (customers that are worse + half of those that are equal) / n,
    rounded half up to 9 decimals in whole numbers. Counting the rows up to and with the equal ones gives worse + equal, so one
    ordering serves for both. Customers without a value stand in a partition of their own.
-#}
{% macro scaling_percentile() -%}
select
    as_of_date,
    policy_id,
    customer_id,
    indicator,
    when_missing,
    raw_value,
    case
        when raw_value is not null then
            cast(
                cast(
                    {{ whole_quotient('(worse_count + worse_or_equal_count) * 1000000000 + customer_count', '2 * customer_count') }}
                    as decimal(18, 0)
                ) * {{ one_unit_in_the_last_place(9) }}
                as decimal(12, 9)
            )
    end as scaled_value
from (
    select
        as_of_date,
        policy_id,
        customer_id,
        indicator,
        when_missing,
        raw_value,
        rank() over (partition by as_of_date, policy_id, indicator, raw_value is null order by oriented_value) - 1 as worse_count,
        count(*) over (partition by as_of_date, policy_id, indicator, raw_value is null order by oriented_value) as worse_or_equal_count,
        count(*) over (partition by as_of_date, policy_id, indicator, raw_value is null) as customer_count
    from oriented_values
    where scaling = 'percentile'
) as ranked_values
{%- endmacro %}
