{%- set measures = outcome_measures() -%}
{#- a cut that plans no number is looked at in its best fifth -#}
{%- set top_customer_millionths = 'coalesce(backtest_reviews.top_customer_millionths, 200000 * rankings.ranked_customers)' -%}

with backtest_reviews as (
    select
        as_of_date,
        policy_id,
        outcome_until,
        top_customer_millionths
    from {{ ref('backtest_reviews') }}
),

-- one row per review date and ranking; as whole numbers without a bound of 18 digits
totals as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        {% for measure in measures %}
        cast(sum({{ measure }}) as decimal(38, 0)) as {{ measure }},
        cast(sum({{ measure }}_above_cut) as decimal(38, 0)) as {{ measure }}_above_cut,
        sum({{ measure }}_at_cut) as {{ measure }}_at_cut,
        sum({{ measure }}_area) as {{ measure }}_area,
        {% endfor %}
        coalesce(max(tied_at_cut), 1) as tied_at_cut,
        max(ranked_customers) as ranked_customers
    from {{ ref('outcome_rankings') }}
    group by as_of_date, ranking_kind, ranking_id
),

-- one row per review date, ranking and measure; cents
measured_rankings as (
    {% for measure in measures %}
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        '{{ measure }}' as measure,
        ranked_customers,
        {{ measure }} as outcome,
        case when {{ measure }} > 0 then {{ measure }} * tied_at_cut end as whole_outcome,
        {{ measure }}_above_cut * tied_at_cut * 1000000 + {{ measure }}_at_cut as top_outcome_millionths,
        {{ measure }}_area as area
    from totals
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- one row per review date, ranking and measure: the 5th lowest and the 5th highest of the replicates, which hold 95 % of them
ordered_replicates as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        measure,
        gini,
        row_number() over (partition by as_of_date, ranking_kind, ranking_id, measure order by gini) as place_up,
        row_number() over (partition by as_of_date, ranking_kind, ranking_id, measure order by gini desc) as place_down
    from {{ ref('gini_replicates') }}
),

intervals as (
    select
        as_of_date,
        ranking_kind,
        ranking_id,
        measure,
        max(case when place_up = 5 then gini end) as gini_low,
        max(case when place_down = 5 then gini end) as gini_high
    from ordered_replicates
    group by as_of_date, ranking_kind, ranking_id, measure
),

judged_rankings as (
    select
        rankings.as_of_date,
        rankings.ranking_kind,
        rankings.ranking_id,
        rankings.measure,
        backtest_reviews.outcome_until,
        backtest_reviews.policy_id as champion_policy_id,
        {{ top_customer_millionths }} as top_customer_millionths,
        rankings.ranked_customers,
        rankings.outcome,
        {{ whole_ratio(
            'rankings.top_outcome_millionths * rankings.ranked_customers', 'rankings.whole_outcome * ' ~ top_customer_millionths, 6
        ) }} as lift,
        {{ whole_ratio('rankings.top_outcome_millionths', 'rankings.whole_outcome * 1000000', 6) }} as capture,
        case when rankings.outcome > 0 then {{ whole_ratio('rankings.area', 'best_rankings.area', 6) }} end as gini
    from measured_rankings as rankings
    inner join measured_rankings as best_rankings
        on rankings.as_of_date = best_rankings.as_of_date
        and rankings.measure = best_rankings.measure
        and best_rankings.ranking_kind = 'best'
        and rankings.measure = best_rankings.ranking_id
    inner join backtest_reviews
        on rankings.as_of_date = backtest_reviews.as_of_date
    where rankings.ranking_kind <> 'best'
)

select
    judged_rankings.as_of_date,
    cast(judged_rankings.ranking_id as {{ dbt.type_string() }}) as policy_id,
    cast(judged_rankings.measure as {{ dbt.type_string() }}) as measure,
    cast(
        case
            when judged_rankings.ranking_kind = 'baseline' then 'baseline'
            when judged_rankings.ranking_id = judged_rankings.champion_policy_id then 'champion'
            when judged_rankings.ranking_id <> judged_rankings.champion_policy_id then 'challenger'
        end as {{ dbt.type_string() }}
    ) as ranking_role,
    judged_rankings.outcome_until,
    cast(judged_rankings.outcome_until - judged_rankings.as_of_date as integer) as outcome_days,
    cast(judged_rankings.ranked_customers as bigint) as customers,
    cast({{ whole_ratio('judged_rankings.outcome', '100', 2) }} as decimal(18, 2)) as outcome_amount,
    cast({{ whole_ratio(
        'judged_rankings.top_customer_millionths', 'judged_rankings.ranked_customers * 1000000', 6
    ) }} as decimal(9, 6)) as top_share,
    cast(judged_rankings.lift as decimal(18, 6)) as lift,
    cast(judged_rankings.capture as decimal(18, 6)) as capture,
    cast(judged_rankings.gini as decimal(18, 6)) as gini,
    cast(
        case
            when intervals.gini_low <= judged_rankings.gini then intervals.gini_low
            when intervals.gini_low > judged_rankings.gini then judged_rankings.gini
        end as decimal(18, 6)
    ) as gini_low,
    cast(
        case
            when intervals.gini_high >= judged_rankings.gini then intervals.gini_high
            when intervals.gini_high < judged_rankings.gini then judged_rankings.gini
        end as decimal(18, 6)
    ) as gini_high
from judged_rankings
left join intervals
    on judged_rankings.as_of_date = intervals.as_of_date
    and judged_rankings.ranking_kind = intervals.ranking_kind
    and judged_rankings.ranking_id = intervals.ranking_id
    and judged_rankings.measure = intervals.measure
