select
    policy_id,
    tier_rank,
    tier_code,
    label_en,
    label_zh
from {{ ref('industry_tiers') }}
where industry = 'any'
