{{ config(materialized='view') }}

with latest_policies as (
    select
        as_of_date,
        policy_id,
        is_champion
    from {{ ref('review_policies') }}
    where is_latest
)

select
    champion.as_of_date,
    champion.policy_id,
    challenger.policy_id as challenger_policy_id
from latest_policies as champion
inner join latest_policies as challenger
    on not challenger.is_champion
where champion.is_champion
