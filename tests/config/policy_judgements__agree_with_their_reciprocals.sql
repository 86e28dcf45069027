-- What: where a pair is judged in both directions, one judgement is the reciprocal of the other within 5 %: 0.14 stands for 1/7.
-- Why: two different answers to one question; only one of them could count.
-- How to mend: correct one of the two rows in seeds/policy/policy_judgements.csv, or remove it: one direction is enough.
with judgements as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator,
        compared_with,
        judgement,
        {{ judgement_value('judgement') | indent(8) }} as judgement_value
    from
        {{ seed_rows(
            'policy_judgements', ['policy_id', 'indicator', 'compared_with', 'judgement'], {'industry': dbt.type_string()}
        ) | indent(8) }} as policy_judgements
)

select
    'policy_judgements' as seed,
    given.policy_id || ', industry ' || given.industry || ', ' || given.indicator || ' with ' || given.compared_with as row_key,
    'judgement ' || given.judgement || ', the other way ' || reversed.judgement as found,
    'reciprocals of each other' as bound,
    'correct one of the two, or remove it' as remedy
from judgements as given
inner join judgements as reversed
    on given.policy_id = reversed.policy_id
    and given.industry = reversed.industry
    and given.indicator = reversed.compared_with
    and given.compared_with = reversed.indicator
    and given.indicator < given.compared_with
where abs(given.judgement_value * reversed.judgement_value - 1) > 0.05
