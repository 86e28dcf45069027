-- What: no customer has two overrides on the same day; both valid_from and expires_on are days on which one holds.
-- Why: two decisions for one day contradict each other.
-- How to mend: end the earlier one, in seeds/policy/tier_overrides.csv, on the day before the later one begins.
{% set text = dbt.type_string() %}
with followed_overrides as (
    select
        override_id,
        customer_id,
        expires_on,
        lead(override_id) over (partition by customer_id order by valid_from, expires_on, override_id) as next_override_id,
        lead(valid_from) over (partition by customer_id order by valid_from, expires_on, override_id) as next_valid_from
    from {{ ref('tier_overrides') }}
)

select
    'tier_overrides' as seed,
    override_id || ' of customer ' || customer_id as row_key,
    'expires_on ' || cast(expires_on as {{ text }}) as found,
    'before ' || cast(next_valid_from as {{ text }}) || ', when ' || next_override_id || ' begins' as bound,
    'let the earlier override expire before the later one begins' as remedy
from followed_overrides
where expires_on >= next_valid_from
