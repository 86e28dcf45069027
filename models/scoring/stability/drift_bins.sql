{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

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
    where later.is_champion and later.is_due
),

scored_reviews as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_scored and is_champion
),

-- one row per measure that an earlier review of a comparison orders, and customer
measured_values as (
    select
        comparisons.as_of_date,
        comparisons.policy_id,
        comparisons.previous_as_of_date,
        'score' as measure,
        cast(customer_scores.score as decimal(28, 6)) as measured_value
    from comparisons
    inner join {{ ref('customer_scores') }} as customer_scores
        on comparisons.previous_as_of_date = customer_scores.as_of_date
        and comparisons.policy_id = customer_scores.policy_id
    union all
    select
        comparisons.as_of_date,
        comparisons.policy_id,
        comparisons.previous_as_of_date,
        indicator_rules.indicator as measure,
        raw_values.raw_value as measured_value
    from comparisons
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on comparisons.previous_as_of_date = indicator_rules.as_of_date
        and comparisons.policy_id = indicator_rules.policy_id
        and indicator_rules.is_higher_better is not null
    inner join {{ ref('raw_values') }} as raw_values
        on indicator_rules.rule_no = raw_values.rule_no
),

decile_arrays as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        measure,
        {{ deciles('measured_value') }} as deciles
    from measured_values
    group by as_of_date, policy_id, previous_as_of_date, measure
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

-- one row per review date, policy, measure and value; of a value that industries share one for each
value_counts as (
    select
        as_of_date,
        policy_id,
        'score' as measure,
        cast(score as decimal(28, 6)) as measured_value,
        count(*) as customers
    from {{ ref('customer_scores') }}
    where as_of_date in (select scored_reviews.as_of_date from scored_reviews)
    group by as_of_date, policy_id, score
    union all
    select
        indicator_rules.as_of_date,
        indicator_rules.policy_id,
        indicator_rules.indicator as measure,
        scaled_values.raw_value as measured_value,
        scaled_values.customers
    from {{ ref('scaled_values') }} as scaled_values
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on scaled_values.rule_no = indicator_rules.rule_no
        and indicator_rules.is_higher_better is not null
),

-- One row per review date, policy, measure and pair of bins: the one as the later review of a comparison, and the one as the earlier
-- review of the next. Both at once, so that the values are read once.
bin_pairs as (
    select
        value_counts.as_of_date,
        value_counts.policy_id,
        value_counts.measure,
        {{ bin_number('value_counts.measured_value', 'bin_ends') | indent(8) }} as later_bin,
        {{ bin_number('value_counts.measured_value', 'next_bin_ends') | indent(8) }} as earlier_bin,
        sum(value_counts.customers) as customers
    from value_counts
    left join bin_ends
        on value_counts.as_of_date = bin_ends.as_of_date
        and value_counts.policy_id = bin_ends.policy_id
        and value_counts.measure = bin_ends.measure
    left join bin_ends as next_bin_ends
        on value_counts.as_of_date = next_bin_ends.previous_as_of_date
        and value_counts.policy_id = next_bin_ends.policy_id
        and value_counts.measure = next_bin_ends.measure
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
    where
        score is not null
        and as_of_date in (select scored_reviews.as_of_date from scored_reviews)
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
    from bin_pairs
    where later_bin is not null
    union all
    select
        bin_ends.as_of_date,
        bin_pairs.policy_id,
        bin_pairs.measure,
        cast(bin_pairs.earlier_bin as {{ dbt.type_string() }}) as bin,
        bin_pairs.customers as previous_customers,
        0 as previous_tied_customers,
        0 as customers,
        0 as tied_customers
    from bin_pairs
    inner join bin_ends
        on bin_pairs.as_of_date = bin_ends.previous_as_of_date
        and bin_pairs.policy_id = bin_ends.policy_id
        and bin_pairs.measure = bin_ends.measure
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
