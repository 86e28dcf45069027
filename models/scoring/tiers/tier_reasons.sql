{{ config(materialized='view') }}

{%- set text = dbt.type_string() %}

with latest_review as (
    select
        as_of_date,
        policy_id,
        cut,
        value_measure,
        downgrade_band,
        {{ grouped_number_text('downgrade_band') }} as band_text,
        cast(downgrade_grace_reviews as {{ text }}) as grace_text,
        cast(as_of_date as {{ text }}) as review_text,
        cast(min_purchases as {{ text }}) as min_purchases_text
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- one row per industry with tiers of its own and tier: put into words here, not once for each customer
tier_bounds as (
    select
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.tier_code,
        tier_bounds.min_score - latest_review.downgrade_band as kept_from_score,
        {{ grouped_number_text('greatest(tier_bounds.min_score - latest_review.downgrade_band, 0)') }} as kept_from_text,
        {{ percent_text('tier_bounds.lower_share') }} as lower_text,
        {{ percent_text('tier_bounds.upper_share') }} as upper_text,
        {{ grouped_number_text('tier_bounds.min_score') }} as min_score_text
    from latest_review
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on latest_review.as_of_date = tier_bounds.as_of_date
        and latest_review.policy_id = tier_bounds.policy_id
),

-- one row per customer, with the figures that its tier was decided by
decided_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        latest_review.cut,
        latest_review.value_measure,
        tier_decisions.score,
        tier_decisions.is_tie_at_cut,
        tier_decisions.incumbent_bonus,
        tier_decisions.unaided_tier_rank,
        tier_decisions.earned_tier_rank,
        earned_bounds.kept_from_score,
        unaided_bounds.tier_code as unaided_code,
        tier_decisions.cap_code,
        tier_decisions.override_id,
        customer_metrics.purchase_count,
        earned_bounds.tier_code as earned_code,
        capped_bounds.tier_code as capped_code,
        active_overrides.tier_code as override_code,
        active_overrides.decided_by,
        active_overrides.reason as override_reason,
        cap_hits.indicator as cap_indicator,
        cap_hits.reason_en as cap_reason_en,
        cap_hits.reason_zh as cap_reason_zh,
        {{ grouped_number_text('tier_decisions.score') }} as score_text,
        -- under a share cut the place that decides: within the industry, the bonus for the tier held included
        cast(
            case
                when latest_review.cut = 'share'
                    then {{ whole_quotient('coalesce(held_tiers.first_position, customer_positions.first_position) + 1', 2) }}
                when latest_review.cut <> 'share' then tier_decisions.score_rank
            end as {{ text }}
        ) as rank_text,
        cast(
            {{ whole_quotient(
                'coalesce(held_tiers.last_position - held_tiers.first_position, '
                ~ 'customer_positions.last_position - customer_positions.first_position)', 2
            ) }} + 1 as {{ text }}
        ) as tied_text,
        cast(
            case
                when latest_review.cut = 'share' then {{ whole_quotient('customer_positions.whole_length', 2) }}
                when latest_review.cut <> 'share' then tier_decisions.scored_customers
            end as {{ text }}
        ) as scored_text,
        case when tier_decisions.tier_industry <> 'any' then ' in ' || tier_decisions.tier_industry else '' end as industry_en,
        case when tier_decisions.tier_industry <> 'any' then '行业：' || tier_decisions.tier_industry end as industry_zh,
        {{ percent_text(rounded_ratio(
            'coalesce(' ~ whole_quotient('held_tiers.first_position + held_tiers.last_position', 2) ~ ', customer_positions.cut_position)',
            'customer_positions.whole_length', 6
        )) }} as place_text,
        -- under a cut by value: behind all who bring some, where there is no share of the value to name
        latest_review.cut = 'cumulative_value' and customer_positions.cut_position > customer_positions.whole_length as brings_nothing,
        {{ grouped_number_text('tier_decisions.incumbent_bonus') }} as bonus_text,
        latest_review.band_text,
        earned_bounds.kept_from_text,
        latest_review.grace_text,
        earned_bounds.lower_text,
        earned_bounds.upper_text,
        earned_bounds.min_score_text,
        {{ plain_number_text('cap_hits.raw_value') }} as cap_value_text,
        {{ plain_number_text('cap_hits.threshold') }} as cap_threshold_text,
        cast(active_overrides.expires_on as {{ text }}) as expires_text,
        latest_review.review_text,
        cast(customer_metrics.purchase_count as {{ text }}) as purchases_text,
        latest_review.min_purchases_text
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on tier_decisions.as_of_date = customer_metrics.as_of_date
        and tier_decisions.customer_id = customer_metrics.customer_id
    left join {{ ref('customer_positions') }} as customer_positions
        on tier_decisions.as_of_date = customer_positions.as_of_date
        and tier_decisions.policy_id = customer_positions.policy_id
        and tier_decisions.customer_id = customer_positions.customer_id
    left join {{ ref('held_tiers') }} as held_tiers
        on tier_decisions.as_of_date = held_tiers.as_of_date
        and tier_decisions.policy_id = held_tiers.policy_id
        and tier_decisions.customer_id = held_tiers.customer_id
    left join tier_bounds as unaided_bounds
        on tier_decisions.tier_industry = unaided_bounds.industry
        and tier_decisions.unaided_tier_rank = unaided_bounds.tier_rank
    left join tier_bounds as earned_bounds
        on tier_decisions.tier_industry = earned_bounds.industry
        and tier_decisions.earned_tier_rank = earned_bounds.tier_rank
    left join {{ ref('tier_codes') }} as capped_bounds
        on tier_decisions.policy_id = capped_bounds.policy_id
        and tier_decisions.capped_tier_rank = capped_bounds.tier_rank
    left join {{ ref('cap_hits') }} as cap_hits
        on tier_decisions.as_of_date = cap_hits.as_of_date
        and tier_decisions.policy_id = cap_hits.policy_id
        and tier_decisions.customer_id = cap_hits.customer_id
        and tier_decisions.cap_code = cap_hits.cap_code
    left join {{ ref('active_overrides') }} as active_overrides
        on tier_decisions.as_of_date = active_overrides.as_of_date
        and tier_decisions.policy_id = active_overrides.policy_id
        and tier_decisions.customer_id = active_overrides.customer_id
),

worded_decisions as (
    select
        as_of_date,
        customer_id,
        case
            when score is null and purchase_count = 0 then 'No purchase up to ' || review_text || ': not scored'
            when score is null
                then 'Purchases up to ' || review_text || ': ' || purchases_text || ', fewer than the ' || min_purchases_text
                    || ' needed: not scored'
            when cut = 'share'
                then 'Score ' || score_text
                    || case when incumbent_bonus > 0 then ' and ' || bonus_text || ' for the tier held before' else '' end
                    || ', place ' || rank_text || ' of ' || scored_text || industry_en || ' (top ' || place_text || ' %): tier '
                    || earned_code || ' reaches from ' || lower_text || ' % to ' || upper_text || ' %'
                    || case when is_tie_at_cut then '; ' || tied_text || ' customers tie across the cut and stay together' else '' end
            when cut = 'score'
                then 'Score ' || score_text || ', place ' || rank_text || ' of ' || scored_text || ': tier ' || earned_code || industry_en
                    || ' begins at ' || min_score_text || ' points'
            when brings_nothing
                then 'Score ' || score_text || '; brings no ' || value_measure || ', so it stands behind all who do' || industry_en
                    || ': tier ' || earned_code || ' reaches from ' || lower_text || ' % to ' || upper_text || ' %'
            when cut = 'cumulative_value'
                then 'Score ' || score_text || '; the customers before it bring ' || place_text || ' % of all ' || value_measure
                    || industry_en || ': tier ' || earned_code || ' reaches from ' || lower_text || ' % to ' || upper_text || ' %'
        end as earned_en,
        case
            when score is null and purchase_count = 0 then '截至 ' || review_text || ' 没有购买：不评分'
            when score is null then '截至 ' || review_text || ' 购买 ' || purchases_text || ' 次，少于 ' || min_purchases_text || ' 次：不评分'
            when cut = 'share'
                then '得分 ' || score_text
                    || case when incumbent_bonus > 0 then '，另加原等级保留分 ' || bonus_text else '' end
                    || '，第 ' || rank_text || ' 名，共 ' || scored_text || ' 名（' || coalesce(industry_zh || '，', '')
                    || '前 ' || place_text || ' %）：' || earned_code
                    || ' 级为 ' || lower_text || ' % 至 ' || upper_text || ' %'
                    || case when is_tie_at_cut then '；' || tied_text || ' 名客户并列跨越分界，不拆分' else '' end
            when cut = 'score'
                then '得分 ' || score_text || '，第 ' || rank_text || ' 名，共 ' || scored_text || ' 名：'
                    || earned_code || ' 级' || coalesce('（' || industry_zh || '）', '') || '自 ' || min_score_text || ' 分起'
            when brings_nothing
                then '得分 ' || score_text || '；没有为正的 ' || value_measure || '，排在所有有贡献的客户'
                    || coalesce('（' || industry_zh || '）', '') || '之后：' || earned_code || ' 级为 '
                    || lower_text || ' % 至 ' || upper_text || ' %'
            when cut = 'cumulative_value'
                then '得分 ' || score_text || '；排在其前的客户贡献 ' || value_measure || coalesce('（' || industry_zh || '）', '')
                    || ' 的 ' || place_text || ' %：' || earned_code || ' 级为 ' || lower_text || ' % 至 ' || upper_text || ' %'
        end as earned_zh,
        case
            when coalesce(unaided_tier_rank = earned_tier_rank, true) then ''
            when cut = 'share' and earned_tier_rank < unaided_tier_rank
                then '; kept by the incumbent margin: without it tier ' || unaided_code
            when cut = 'share' and earned_tier_rank > unaided_tier_rank
                then '; customers who held a better tier keep it by the incumbent margin: without it tier ' || unaided_code
            when cut = 'score' and score >= kept_from_score
                then '; kept by the downgrade band of ' || band_text || ' points: without it tier ' || unaided_code
            when cut = 'score' and score < kept_from_score
                then '; kept by the downgrade grace, which ends with ' || grace_text || ' reviews in a row below ' || kept_from_text
                    || ' points: without it tier ' || unaided_code
        end as stability_en,
        case
            when coalesce(unaided_tier_rank = earned_tier_rank, true) then ''
            when cut = 'share' and earned_tier_rank < unaided_tier_rank
                then '；因原等级保留分而保级：否则为 ' || unaided_code || ' 级'
            when cut = 'share' and earned_tier_rank > unaided_tier_rank
                then '；原等级更高的客户因保留分而保级：否则为 ' || unaided_code || ' 级'
            when cut = 'score' and score >= kept_from_score
                then '；因降级缓冲 ' || band_text || ' 分而保级：否则为 ' || unaided_code || ' 级'
            when cut = 'score' and score < kept_from_score
                then '；因降级宽限而保级（连续 ' || grace_text || ' 次评审低于 ' || kept_from_text || ' 分即止）：否则为 '
                    || unaided_code || ' 级'
        end as stability_zh,
        case
            when cap_code is null then ''
            when cap_code is not null
                then '; held to ' || capped_code || ' by cap ' || cap_code || ': ' || cap_reason_en || ' (' || cap_indicator
                    || ' ' || cap_value_text
                    || ', the cap acts from ' || cap_threshold_text || ')'
        end as cap_en,
        case
            when cap_code is null then ''
            when cap_code is not null
                then '；因上限 ' || cap_code || ' 限为 ' || capped_code || ' 级：' || cap_reason_zh || '（' || cap_indicator
                    || ' 为 ' || cap_value_text
                    || '，自 ' || cap_threshold_text || ' 起生效）'
        end as cap_zh,
        case
            when override_id is null then ''
            when override_id is not null
                then '; set to ' || override_code || ' by override ' || override_id || ' of ' || decided_by || ' until ' || expires_text
                    || ': ' || override_reason
        end as override_en,
        case
            when override_id is null then ''
            when override_id is not null
                then '；由 ' || decided_by || ' 指定为 ' || override_code || ' 级（' || override_id || '，有效期至 ' || expires_text || '）：'
                    || override_reason
        end as override_zh
    from decided_customers
)

select
    as_of_date,
    customer_id,
    earned_en || stability_en || cap_en || override_en as tier_reason_en,
    earned_zh || stability_zh || cap_zh || override_zh as tier_reason_zh
from worded_decisions
