-- What: incumbent_margin is a share from 0 to 1 and above 0 only where the cut is share; downgrade_band is points from 0 to 1,000,000 and
-- downgrade_grace_reviews a number of reviews from 0 to 1,000, both above 0 only where the cut is score.
-- Why: a margin that a cut does not read would be accepted and do nothing.
-- How to mend: correct the value in seeds/policy/tier_policies.csv, or write 0.
{% set text = dbt.type_string() %}
with tier_policies as (
    select *
    from
        {{ seed_rows(
            'tier_policies',
            ['policy_id', 'cut'],
            {'incumbent_margin': 'decimal(9, 6)', 'downgrade_band': 'integer', 'downgrade_grace_reviews': 'integer'}
        ) | indent(8) }} as policies
)

select
    'tier_policies' as seed,
    policy_id as row_key,
    'incumbent_margin ' || cast(incumbent_margin as {{ text }}) as found,
    case when cut = 'share' then '0 to 1' when cut <> 'share' then '0 under the cut ' || cut end as bound,
    'write a share from 0 to 1, and 0 where the cut is not share' as remedy
from tier_policies
where incumbent_margin < 0 or incumbent_margin > 1 or (incumbent_margin > 0 and cut <> 'share')
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'downgrade_band ' || cast(downgrade_band as {{ text }}) as found,
    case when cut = 'score' then '0 to 1000000' when cut <> 'score' then '0 under the cut ' || cut end as bound,
    'write whole points from 0 to 1,000,000, and 0 where the cut is not score' as remedy
from tier_policies
where downgrade_band < 0 or downgrade_band > 1000000 or (downgrade_band > 0 and cut <> 'score')
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'downgrade_grace_reviews ' || cast(downgrade_grace_reviews as {{ text }}) as found,
    case when cut = 'score' then '0 to 1000' when cut <> 'score' then '0 under the cut ' || cut end as bound,
    'write a number of reviews from 0 to 1,000, and 0 where the cut is not score' as remedy
from tier_policies
where downgrade_grace_reviews < 0 or downgrade_grace_reviews > 1000 or (downgrade_grace_reviews > 0 and cut <> 'score')
