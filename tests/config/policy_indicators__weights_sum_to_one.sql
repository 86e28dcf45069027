-- What: the weights of a policy with weighting fixed or blend are given, not negative, and sum to exactly 1 in each industry that has rows.
-- Why: a score is a share of 1,000,000 points; other weights would be stretched without anybody having decided it.
-- How to mend: change the weights of the policy in seeds/policy/policy_indicators.csv so that they sum to 1.
{% set text = dbt.type_string() %}
with policy_indicators as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        weight
    from {{ seed_rows('policy_indicators', ['policy_id'], {'industry': text, 'weight': 'decimal(9, 6)'}) | indent(4) }} as seed_indicators
)

select
    'policy_indicators' as seed,
    policy_indicators.policy_id || ', industry ' || policy_indicators.industry as row_key,
    'weights from ' || coalesce(cast(min(policy_indicators.weight) as {{ text }}), 'nothing') || ', sum '
    || coalesce(cast(sum(policy_indicators.weight) as {{ text }}), 'nothing') as found,
    'each from 0 to 1, sum 1' as bound,
    'change the weights of the policy so that they sum to 1' as remedy
from policy_indicators
inner join {{ ref('tier_policies') }} as tier_policies
    on policy_indicators.policy_id = tier_policies.policy_id
    and tier_policies.weighting in ('fixed', 'blend')
group by policy_indicators.policy_id, policy_indicators.industry
having
    sum(coalesce(policy_indicators.weight, 0)) <> 1
    or min(coalesce(policy_indicators.weight, -1)) < 0
