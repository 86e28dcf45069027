-- one row: the policy that decides now
with champion as (
    select
        policy_id,
        cut,
        cast(
            case
                when cut = 'share' then incumbent_margin
                when cut = 'score' then downgrade_band * {{ one_unit_in_the_last_place(6) }}
                when cut = 'cumulative_value' then 0
            end as decimal(9, 6)
        ) as margin_in_force,
        case when cut = 'score' then greatest(downgrade_grace_reviews, 1) else 1 end as grace_reviews
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- a margin that is asked for and in force is one candidate: hence union without all
margins as (
    select margin_in_force as margin
    from champion
    {% for margin in settings().stability_margins %}
    union
    select cast({{ '%.6f' | format(margin) }} as decimal(9, 6)) as margin
    from champion
    where cut in ('share', 'score')
    {% endfor %}
)

select
    champion.policy_id,
    champion.cut,
    cast(row_number() over (order by margins.margin) as integer) as candidate_no,
    margins.margin,
    cast(margins.margin * 1000000 as bigint) as margin_points,
    champion.grace_reviews,
    margins.margin = champion.margin_in_force as is_in_force
from champion
cross join margins
