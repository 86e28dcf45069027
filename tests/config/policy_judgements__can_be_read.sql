-- What: a judgement is a number or fraction from 1/9 (0.11 is close enough) to 9, 1 of an indicator with itself, given once, and
-- compares two indicators of its policy and industry.
-- Why: anything else would be left out, and the weights would come from fewer judgements than were made.
-- How to mend: correct the row in seeds/policy/policy_judgements.csv.
{% set text = dbt.type_string() %}
with judgements as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator,
        compared_with,
        judgement,
        {{ judgement_value('judgement') | indent(8) }} as judgement_value
    from
        {{ seed_rows('policy_judgements', ['policy_id', 'indicator', 'compared_with', 'judgement'], {'industry': text}) | indent(8) }}
            as policy_judgements
),

indicators as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator
    from {{ seed_rows('policy_indicators', ['policy_id', 'indicator'], {'industry': text}) | indent(4) }} as policy_indicators
),

-- judgements of an industry without indicators of its own are about those of any
judged_indicators as (
    select
        judgements.policy_id,
        judgements.industry,
        judgements.indicator,
        judgements.compared_with,
        case when count(own_indicators.indicator) > 0 then judgements.industry else 'any' end as indicator_industry
    from judgements
    left join indicators as own_indicators
        on judgements.policy_id = own_indicators.policy_id
        and judgements.industry = own_indicators.industry
    group by judgements.policy_id, judgements.industry, judgements.indicator, judgements.compared_with
),

named_indicators as (
    select
        policy_id,
        industry,
        indicator,
        compared_with,
        indicator_industry,
        indicator as named_indicator
    from judged_indicators
    union all
    select
        policy_id,
        industry,
        indicator,
        compared_with,
        indicator_industry,
        compared_with as named_indicator
    from judged_indicators
)

select
    'policy_judgements' as seed,
    policy_id || ', industry ' || industry || ', ' || indicator || ' with ' || compared_with as row_key,
    'judgement ' || coalesce(judgement, 'empty') as found,
    'a number or fraction from 1/9 to 9' as bound,
    'write how many times as important the first is, such as 3 or 1/3' as remedy
from judgements
where judgement_value is null or judgement_value < 0.11 or judgement_value > 9
union all
select
    'policy_judgements' as seed,
    policy_id || ', industry ' || industry || ', ' || indicator || ' with ' || compared_with as row_key,
    'judgement ' || judgement as found,
    '1, since it is compared with itself' as bound,
    'write 1, or remove the row' as remedy
from judgements
where indicator = compared_with and judgement_value <> 1
union all
select
    'policy_judgements' as seed,
    policy_id || ', industry ' || industry || ', ' || indicator || ' with ' || compared_with as row_key,
    cast(count(*) as {{ text }}) || ' rows' as found,
    'one row' as bound,
    'remove all but one' as remedy
from judgements
group by policy_id, industry, indicator, compared_with
having count(*) > 1
union all
select
    'policy_judgements' as seed,
    named_indicators.policy_id || ', industry ' || named_indicators.industry || ', ' || named_indicators.indicator || ' with '
    || named_indicators.compared_with as row_key,
    named_indicators.named_indicator as found,
    'an indicator of the policy for ' || named_indicators.indicator_industry || ' in policy_indicators' as bound,
    'correct the name, or add the indicator to policy_indicators' as remedy
from named_indicators
left join indicators
    on named_indicators.policy_id = indicators.policy_id
    and named_indicators.indicator_industry = indicators.industry
    and named_indicators.named_indicator = indicators.indicator
where indicators.indicator is null
