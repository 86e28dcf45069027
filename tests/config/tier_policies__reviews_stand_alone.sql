-- What: incumbent_margin, downgrade_band and downgrade_grace_reviews are 0.
-- Why: each review still stands alone; a margin, band or grace would be accepted and do nothing.
-- How to mend: write 0 in seeds/policy/tier_policies.csv until a release that lets reviews build on each other.
{% set text = dbt.type_string() %}
select
    'tier_policies' as seed,
    policy_id as row_key,
    'incumbent_margin ' || cast(incumbent_margin as {{ text }})
    || ', downgrade_band ' || cast(downgrade_band as {{ text }})
    || ', downgrade_grace_reviews ' || cast(downgrade_grace_reviews as {{ text }}) as found,
    '0, 0, 0' as bound,
    'write 0: holding a tier over from the review before is not built yet' as remedy
from {{ ref('tier_policies') }}
where incumbent_margin <> 0 or downgrade_band <> 0 or downgrade_grace_reviews <> 0
