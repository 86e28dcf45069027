{%- set min_customers = 200 -%}
{%- set double = engine_type('double precision') %}

-- one row per comparison, measure and bin. An empty bin counts as half a customer, and no share as less than 0.0001, or its
-- logarithm would be infinite. Each part is a decimal before parts are added up, so no order of rows matters.
with bin_shares as (
    select
        as_of_date,
        previous_as_of_date,
        policy_id,
        measure,
        previous_customers as bin_previous_customers,
        sum(previous_customers) over (partition by as_of_date, policy_id, measure) as previous_customers,
        sum(customers) over (partition by as_of_date, policy_id, measure) as customers,
        previous_tied_customers,
        tied_customers,
        greatest(
            greatest(cast(previous_customers as {{ double }}), 0.5)
            / cast(nullif(sum(previous_customers) over (partition by as_of_date, policy_id, measure), 0) as {{ double }}),
            0.0001
        ) as previous_share,
        greatest(
            greatest(cast(customers as {{ double }}), 0.5)
            / cast(nullif(sum(customers) over (partition by as_of_date, policy_id, measure), 0) as {{ double }}),
            0.0001
        ) as share
    from {{ ref('drift_bins') }}
),

-- one row per comparison and measure
indices as (
    select
        as_of_date,
        previous_as_of_date,
        policy_id,
        measure,
        max(previous_customers) as previous_customers,
        max(customers) as customers,
        count(*) as bins,
        sum(case when bin_previous_customers > 0 then 1 else 0 end) as previous_bins,
        sum(previous_tied_customers) as previous_tied_customers,
        sum(tied_customers) as tied_customers,
        case
            when max(previous_customers) > 0 and max(customers) > 0
                then sum(cast((share - previous_share) * ln(share / previous_share) as decimal(18, 9)))
        end as psi,
        case
            when max(previous_customers) > 0 and max(customers) > 0 and count(*) > 1
                then 2 / cast(9 * (count(*) - 1) as {{ double }})
        end as bin_part
    from bin_shares
    group by as_of_date, previous_as_of_date, policy_id, measure
),

-- The 99.9 % point of chi-square with bins - 1 degrees of freedom (Wilson and Hilferty 1931) times 1/n + 1/m, the law of the index
-- when two samples come from one population (Yurdakul 2018).
noise_levels as (
    select
        indices.*,
        cast(
            (bins - 1) * power(1 - bin_part + 3.090232 * sqrt(bin_part), 3)
            * (1 / cast(nullif(previous_customers, 0) as {{ double }}) + 1 / cast(nullif(customers, 0) as {{ double }}))
            as decimal(18, 9)
        ) as noise_level
    from indices
),

bounds as (
    select
        measure,
        max_psi
    from {{ ref('drift_bounds') }}
),

acknowledgements as (
    select
        as_of_date,
        measure,
        owner,
        expires_on
    from {{ ref('drift_acknowledgements') }}
    where expires_on >= cast('{{ settings().as_of_date }}' as date)
),

first_purchase as (
    select min(first_purchase_date) as first_purchase_date
    from {{ ref('customer_metrics') }}
),

bounded_indices as (
    select
        noise_levels.*,
        case when noise_levels.measure not in ('score', 'tiers') then 'indicator' else noise_levels.measure end as aspect,
        case
            when noise_levels.measure = 'score' and review_policies.calibrated_on is null then null
            when own_bounds.measure is not null then own_bounds.max_psi
            when noise_levels.measure not in ('score', 'tiers') then any_bounds.max_psi
        end as max_psi,
        cast(noise_levels.previous_as_of_date - first_purchase.first_purchase_date as bigint) as days_of_history,
        acknowledgements.owner as acknowledged_by,
        acknowledgements.expires_on as acknowledged_until
    from noise_levels
    inner join {{ ref('review_policies') }} as review_policies
        on noise_levels.as_of_date = review_policies.as_of_date
        and noise_levels.policy_id = review_policies.policy_id
    cross join first_purchase
    left join bounds as own_bounds
        on noise_levels.measure = own_bounds.measure
    left join bounds as any_bounds
        on any_bounds.measure = 'any'
    left join acknowledgements
        on noise_levels.as_of_date = acknowledgements.as_of_date
        and noise_levels.measure = acknowledgements.measure
)

select
    as_of_date,
    cast(measure as {{ dbt.type_string() }}) as measure,
    cast(aspect as {{ dbt.type_string() }}) as aspect,
    previous_as_of_date,
    policy_id,
    cast(previous_customers as bigint) as previous_customers,
    cast(customers as bigint) as customers,
    cast(bins as integer) as bins,
    cast(round(psi, 6) as decimal(18, 6)) as psi,
    cast(round(noise_level, 6) as decimal(18, 6)) as noise_level,
    cast(max_psi as decimal(9, 6)) as max_psi,
    cast(
        case
            when max_psi is null then 'not_bounded'
            when psi is null then 'too_few_customers'
            when psi <= max_psi then 'within_bound'
            when psi <= noise_level then 'within_noise'
            when previous_customers < {{ min_customers }} or customers < {{ min_customers }} then 'too_few_customers'
            when days_of_history < 365 then 'short_history'
            when previous_bins < 2 then 'no_spread_before'
            when 10 * previous_tied_customers > previous_customers or 10 * tied_customers > customers then 'tied_at_cut'
            when acknowledged_until is not null then 'acknowledged'
            when acknowledged_until is null then 'drifted'
        end as {{ dbt.type_string() }}
    ) as status,
    acknowledged_by,
    acknowledged_until
from bounded_indices
