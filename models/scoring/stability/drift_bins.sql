-- One row per review but the first: its champion, and the last final review before it. That one has scores of the same policy also
-- where another champion decided then (a succession), so a change of policy is never taken for a drift.
with comparisons as (
    select
        later.as_of_date,
        later.policy_id,
        later.previous_as_of_date
    from {{ ref('review_policies') }} as later
    inner join {{ ref('review_policies') }} as earlier
        on later.previous_as_of_date = earlier.as_of_date
        and later.policy_id = earlier.policy_id
    where later.is_champion
),

-- one row per review date, policy, measure and scored customer
measured_values as (
    select
        as_of_date,
        policy_id,
        'score' as measure,
        cast(score as decimal(28, 6)) as measured_value
    from {{ ref('customer_scores') }}
    union all
    select
        as_of_date,
        policy_id,
        indicator as measure,
        raw_value as measured_value
    from {{ ref('indicator_values') }}
),

decile_arrays as (
    select
        comparisons.as_of_date,
        comparisons.policy_id,
        comparisons.previous_as_of_date,
        measured_values.measure,
        {{ deciles('measured_values.measured_value') }} as deciles
    from comparisons
    inner join measured_values
        on comparisons.previous_as_of_date = measured_values.as_of_date
        and comparisons.policy_id = measured_values.policy_id
    group by comparisons.as_of_date, comparisons.policy_id, comparisons.previous_as_of_date, measured_values.measure
),

-- one row per comparison and measure: where the bins end
bin_ends as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        measure,
        deciles[1] as end_1,
        deciles[2] as end_2,
        deciles[3] as end_3,
        deciles[4] as end_4,
        deciles[5] as end_5,
        deciles[6] as end_6,
        deciles[7] as end_7,
        deciles[8] as end_8,
        deciles[9] as end_9
    from decile_arrays
),

-- One row per review date, policy, measure and pair of bins: the one as the later review of a comparison, and the one as the earlier
-- review of the next. Both at once, so that the values are read once.
value_counts as (
    select
        measured_values.as_of_date,
        measured_values.policy_id,
        measured_values.measure,
        {{ bin_number('measured_values.measured_value', 'bin_ends') | indent(8) }} as later_bin,
        {{ bin_number('measured_values.measured_value', 'next_bin_ends') | indent(8) }} as earlier_bin,
        count(*) as customers
    from measured_values
    left join bin_ends
        on measured_values.as_of_date = bin_ends.as_of_date
        and measured_values.policy_id = bin_ends.policy_id
        and measured_values.measure = bin_ends.measure
    left join bin_ends as next_bin_ends
        on measured_values.as_of_date = next_bin_ends.previous_as_of_date
        and measured_values.policy_id = next_bin_ends.policy_id
        and measured_values.measure = next_bin_ends.measure
    where bin_ends.measure is not null or next_bin_ends.measure is not null
    group by 1, 2, 3, 4, 5
),

-- the tiers are bins by themselves; who is tied at a cut is counted, since such a group moves from tier to tier as a whole
tier_counts as (
    select
        as_of_date,
        policy_id,
        'tiers' as measure,
        tier_code as bin,
        count(*) as customers,
        sum(case when is_tie_at_cut then 1 else 0 end) as tied_customers
    from {{ ref('tier_decisions') }}
    where score is not null
    group by as_of_date, policy_id, tier_code
),

bin_counts as (
    select
        as_of_date,
        policy_id,
        measure,
        cast(later_bin as {{ dbt.type_string() }}) as bin,
        0 as previous_customers,
        0 as previous_tied_customers,
        customers,
        0 as tied_customers
    from value_counts
    where later_bin is not null
    union all
    select
        bin_ends.as_of_date,
        value_counts.policy_id,
        value_counts.measure,
        cast(value_counts.earlier_bin as {{ dbt.type_string() }}) as bin,
        value_counts.customers as previous_customers,
        0 as previous_tied_customers,
        0 as customers,
        0 as tied_customers
    from value_counts
    inner join bin_ends
        on value_counts.as_of_date = bin_ends.previous_as_of_date
        and value_counts.policy_id = bin_ends.policy_id
        and value_counts.measure = bin_ends.measure
    union all
    select
        comparisons.as_of_date,
        tier_counts.policy_id,
        tier_counts.measure,
        tier_counts.bin,
        0 as previous_customers,
        0 as previous_tied_customers,
        tier_counts.customers,
        tier_counts.tied_customers
    from comparisons
    inner join tier_counts
        on comparisons.as_of_date = tier_counts.as_of_date
        and comparisons.policy_id = tier_counts.policy_id
    union all
    select
        comparisons.as_of_date,
        tier_counts.policy_id,
        tier_counts.measure,
        tier_counts.bin,
        tier_counts.customers as previous_customers,
        tier_counts.tied_customers as previous_tied_customers,
        0 as customers,
        0 as tied_customers
    from comparisons
    inner join tier_counts
        on comparisons.previous_as_of_date = tier_counts.as_of_date
        and comparisons.policy_id = tier_counts.policy_id
)

select
    bin_counts.as_of_date,
    comparisons.previous_as_of_date,
    bin_counts.policy_id,
    cast(bin_counts.measure as {{ dbt.type_string() }}) as measure,
    bin_counts.bin,
    cast(sum(bin_counts.previous_customers) as bigint) as previous_customers,
    cast(sum(bin_counts.customers) as bigint) as customers,
    cast(sum(bin_counts.previous_tied_customers) as bigint) as previous_tied_customers,
    cast(sum(bin_counts.tied_customers) as bigint) as tied_customers
from bin_counts
inner join comparisons
    on bin_counts.as_of_date = comparisons.as_of_date
    and bin_counts.policy_id = comparisons.policy_id
group by bin_counts.as_of_date, comparisons.previous_as_of_date, bin_counts.policy_id, bin_counts.measure, bin_counts.bin
