{%- set double = engine_type('double precision') -%}
{%- set hugeint = engine_type('hugeint') %}

with scaled_values as (
    select
        indicator_values.as_of_date,
        indicator_values.policy_id,
        indicator_values.industry,
        indicator_values.scored_no,
        indicator_values.indicator,
        {{ billionths('indicator_values.scaled_value') }} as scaled_billionths
    from {{ ref('indicator_values') }} as indicator_values
    inner join {{ ref('review_policies') }} as review_policies
        on indicator_values.as_of_date = review_policies.as_of_date
        and indicator_values.policy_id = review_policies.policy_id
        and (review_policies.weighting = 'critic' or review_policies.blend_with = 'critic')
    where indicator_values.scaled_value is not null
),

-- one row per review date, policy, industry and pair of indicators; whole numbers, over the customers that have both
pair_sums as (
    select
        one.as_of_date,
        one.policy_id,
        one.industry,
        one.indicator,
        other.indicator as compared_with,
        count(*) as customer_count,
        cast(sum(one.scaled_billionths) as {{ hugeint }}) as sum_one,
        cast(sum(other.scaled_billionths) as {{ hugeint }}) as sum_other,
        sum(cast(one.scaled_billionths * one.scaled_billionths as {{ hugeint }})) as square_sum_one,
        sum(cast(other.scaled_billionths * other.scaled_billionths as {{ hugeint }})) as square_sum_other,
        sum(cast(one.scaled_billionths * other.scaled_billionths as {{ hugeint }})) as product_sum
    from scaled_values as one
    inner join scaled_values as other
        on one.scored_no = other.scored_no
        and one.indicator < other.indicator
    group by one.as_of_date, one.policy_id, one.industry, one.indicator, other.indicator
),

pair_moments as (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        compared_with,
        customer_count,
        cast(customer_count * square_sum_one - sum_one * sum_one as {{ double }}) as square_one,
        cast(customer_count * square_sum_other - sum_other * sum_other as {{ double }}) as square_other,
        cast(customer_count * product_sum - sum_one * sum_other as {{ double }}) as co_moment
    from pair_sums
),

correlations as (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        compared_with,
        customer_count,
        case
            when square_one > 0 and square_other > 0 then co_moment / (sqrt(square_one) * sqrt(square_other))
        end as correlation_coefficient
    from pair_moments
)

select
    as_of_date,
    policy_id,
    industry,
    indicator,
    compared_with,
    customer_count,
    cast(correlation_coefficient as decimal(13, 12)) as correlation_coefficient
from correlations
union all
select
    as_of_date,
    policy_id,
    industry,
    compared_with as indicator,
    indicator as compared_with,
    customer_count,
    cast(correlation_coefficient as decimal(13, 12)) as correlation_coefficient
from correlations
