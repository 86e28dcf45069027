-- What: a policy's calibrated_on is not after the first review under the policy.
-- Why: a tier must not be decided by what was not known yet; thresholds come from the past only.
-- How to mend: give the policy in seeds/policy/tier_policies.csv an earlier calibrated_on or a later valid_from, or leave it out.
select
    'tier_policies' as seed,
    policy_id as row_key,
    'calibrated_on ' || cast(max(calibrated_on) as {{ dbt.type_string() }}) as found,
    'at most ' || cast(min(as_of_date) as {{ dbt.type_string() }}) || ', the first review under the policy' as bound,
    'write an earlier calibrated_on or a later valid_from' as remedy
from {{ ref('review_policies') }}
-- the champion of the next review is only tried out at the one before
where calibrated_on > as_of_date and not is_succession
group by policy_id
{{ 'limit 0' if flags.EMPTY }}
