{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

{%- set text = dbt.type_string() -%}
{%- set causes = {
    'own_behaviour': ('own behaviour', '自身行为'),
    'time_passing': ('time passing', '时间流逝'),
    'others_moving': ('others moving', '其他客户变动'),
    'policy_change': ('policy', '政策变化'),
    'data_correction': ('data correction', '数据更正'),
    'cap': ('cap', '上限'),
    'override': ('override', '人工指定'),
} -%}
{%- set main_causes = dict(causes, grace_ended=('the end of the grace', '宽限期结束')) -%}
{%- set score_causes = ['own_behaviour', 'policy_change', 'time_passing', 'data_correction', 'others_moving'] %}

-- depends_on: {{ ref('review_policies') }}
with tier_moves as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        customer_id,
        coalesce(from_score, 0) as from_score,
        coalesce(to_score, 0) as to_score,
        from_cap_code,
        to_cap_code,
        from_override_id,
        to_override_id,
        from_tier_rank,
        to_tier_rank,
        from_tier_code,
        to_tier_code,
        succession_tier_code,
        coalesce(has_grace_ended, false) as has_grace_ended
    from {{ ref('tier_moves') }}
),

-- the score at the previous review under the policy of now
scores_then as (
    select
        as_of_date,
        policy_id,
        customer_id,
        score
    from {{ ref('customer_scores') }}
),

-- one row per move; without enough purchases there is no score, and no score is 0
substituted_scores as (
    select
        as_of_date,
        customer_id,
        max(case when figures = 'corrected' then score end) as corrected_score,
        max(case when figures = 'aged' then score end) as aged_score,
        max(case when figures = 'own' then score end) as own_score
    from {{ ref('substituted_scores') }}
    group by as_of_date, customer_id
),

-- one row per review that was measured by a later run than the one before it, which was measured once more then
corrected_reviews as (
    select review_date
    from {{ ref('measured_metrics') }}
    where as_of_date < review_date
    group by review_date
),

-- the order in which one thing after the other is put in: policy, corrections, time, own facts, everybody else
stepwise_scores as (
    select
        tier_moves.*,
        coalesce(scores_then.score, 0) as policy_score,
        -- where both reviews were measured by one run there is nothing to correct
        case
            when corrected_reviews.review_date is null then coalesce(scores_then.score, 0)
            when corrected_reviews.review_date is not null then coalesce(substituted_scores.corrected_score, 0)
        end as corrected_score,
        coalesce(substituted_scores.aged_score, 0) as aged_score,
        coalesce(substituted_scores.own_score, 0) as own_score
    from tier_moves
    left join corrected_reviews
        on tier_moves.as_of_date = corrected_reviews.review_date
    left join scores_then
        on tier_moves.previous_as_of_date = scores_then.as_of_date
        and tier_moves.policy_id = scores_then.policy_id
        and tier_moves.customer_id = scores_then.customer_id
    left join substituted_scores
        on tier_moves.as_of_date = substituted_scores.as_of_date
        and tier_moves.customer_id = substituted_scores.customer_id
),

explained_moves as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        customer_id,
        from_tier_code,
        to_tier_code,
        case
            when from_tier_rank > to_tier_rank then 'up'
            when from_tier_rank < to_tier_rank then 'down'
            when from_tier_rank is null and to_tier_rank is not null then 'into_tiers'
            when from_tier_rank is not null and to_tier_rank is null then 'out_of_tiers'
            else 'same_rank' -- another name or state, no other rank
        end as direction,
        from_score,
        to_score,
        own_score - aged_score as own_behaviour,
        aged_score - corrected_score as time_passing,
        to_score - own_score as others_moving,
        policy_score - from_score as policy_change,
        corrected_score - policy_score as data_correction,
        -- a cap or an override moves the tier and leaves the score
        0 as cap,
        0 as override,
        from_cap_code,
        to_cap_code,
        from_override_id,
        to_override_id,
        succession_tier_code,
        has_grace_ended,
        from_tier_rank is null and to_tier_rank is null as is_between_states,
        case when from_tier_rank < to_tier_rank or to_tier_rank is null then -1 else 1 end as sign
    from stepwise_scores
),

-- What the move is put down to: a decision that came or went, else another policy where it alone gives the tier, else the end of a
-- grace, else, from one state to another, what the customer bought or gave back, else the part that did most in the direction of the
-- move, else the others.
decided_moves as (
    select
        explained_moves.*,
        case
            when coalesce(from_override_id, '') <> coalesce(to_override_id, '') then 'override'
            -- a cap only lowers: one that came explains a way down, one that went a way up
            when
                coalesce(from_cap_code, '') <> coalesce(to_cap_code, '')
                and case when sign < 0 then to_cap_code else from_cap_code end is not null
                then 'cap'
            when succession_tier_code = to_tier_code then 'policy_change'
            when has_grace_ended then 'grace_ended'
            when is_between_states then 'own_behaviour'
            {% for cause in score_causes if cause != 'others_moving' %}
            when
                sign * {{ cause }} > 0
                {% for other in score_causes if other != cause %}
                and sign * {{ cause }} >= sign * {{ other }}
                {% endfor %}
                then '{{ cause }}'
            {% endfor %}
            else 'others_moving' -- the others rose or fell: by their scores, or by the places they take
        end as main_cause
    from explained_moves
)

select
    as_of_date,
    cast(policy_id as {{ text }}) as policy_id,
    previous_as_of_date,
    cast(customer_id as {{ text }}) as customer_id,
    cast(from_tier_code as {{ text }}) as from_tier_code,
    cast(to_tier_code as {{ text }}) as to_tier_code,
    cast(direction as {{ text }}) as direction,
    cast(from_score as bigint) as from_score,
    cast(to_score as bigint) as to_score,
    cast(to_score - from_score as bigint) as score_difference,
    {% for cause in causes %}
    cast({{ cause }} as bigint) as {{ cause }},
    {% endfor %}
    cast(main_cause as {{ text }}) as main_cause,
    cast(
        from_tier_code || ' to ' || to_tier_code || ', mainly: '
        || case main_cause
            {% for cause, words in main_causes.items() %}
            when '{{ cause }}' then '{{ words[0] }}'
            {% endfor %}
        end
        || '. Score ' || {{ signed_number_text('to_score - from_score') | indent(8) }}
        {% for cause in score_causes if cause != 'data_correction' %}
        || '{{ ': ' if loop.first else ', ' }}{{ causes[cause][0] }} ' || {{ signed_number_text(cause) | indent(8) }}
        {% endfor %}
        || case when data_correction <> 0 then ', data correction ' || {{ signed_number_text('data_correction') | indent(8) }} else '' end
        as {{ text }}
    ) as reason_en,
    cast(
        from_tier_code || ' 变为 ' || to_tier_code || '，主要原因：'
        || case main_cause
            {% for cause, words in main_causes.items() %}
            when '{{ cause }}' then '{{ words[1] }}'
            {% endfor %}
        end
        || '。得分变化 ' || {{ signed_number_text('to_score - from_score') | indent(8) }}
        {% for cause in score_causes if cause != 'data_correction' %}
        || '{{ '：' if loop.first else '，' }}{{ causes[cause][1] }} ' || {{ signed_number_text(cause) | indent(8) }}
        {% endfor %}
        || case when data_correction <> 0 then '，数据更正 ' || {{ signed_number_text('data_correction') | indent(8) }} else '' end
        as {{ text }}
    ) as reason_zh,
    cast(from_cap_code as {{ text }}) as from_cap_code,
    cast(to_cap_code as {{ text }}) as to_cap_code,
    cast(from_override_id as {{ text }}) as from_override_id,
    cast(to_override_id as {{ text }}) as to_override_id
from decided_moves
