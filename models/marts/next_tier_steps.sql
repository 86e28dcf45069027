with tier_steps as (
    select
        as_of_date,
        policy_id,
        customer_id,
        tier_rank,
        tier_code,
        override_id,
        lever,
        indicator,
        units,
        status,
        reason_code,
        cap_code,
        current_units,
        change_units,
        payment_units,
        case when lever = 'pay_overdue' and status = 'reachable' then change_units else payment_units end as paid_units
    from {{ ref('tier_steps') }}
),

-- overdue invoices that a payment comes to only after something that is not overdue
later_items as (
    select
        customer_id,
        paid_before_cents,
        paid_cents,
        ahead_cents
    from {{ ref('overdue_items') }}
    where ahead_cents > 0
),

-- only an order has a date, and only amounts have cents
valued_steps as (
    select
        tier_steps.as_of_date,
        tier_steps.policy_id,
        tier_steps.customer_id,
        tier_steps.tier_code,
        next_tiers.tier_code as next_tier_code,
        next_tiers.label_en as next_tier_label_en,
        next_tiers.label_zh as next_tier_label_zh,
        tier_steps.override_id,
        tier_steps.lever,
        tier_steps.indicator,
        tier_steps.units,
        tier_steps.status,
        tier_steps.reason_code,
        tier_steps.cap_code,
        tier_steps.change_units,
        tier_steps.payment_units,
        later_items.ahead_cents,
        cast(
            cast(tier_steps.current_units as decimal(28, 2)) * case tier_steps.units when 1 then 1 when 100 then 0.01 end as decimal(18, 2)
        ) as current_value,
        cast(
            cast(tier_steps.change_units as decimal(28, 2)) * case tier_steps.units when 1 then 1 when 100 then 0.01 end as decimal(18, 2)
        ) as change_value,
        cast(cast(tier_steps.payment_units as decimal(28, 2)) * 0.01 as decimal(18, 2)) as pay_first_amount,
        case
            when tier_steps.paid_units is not null
                then cast(cast(coalesce(later_items.ahead_cents, 0) as decimal(28, 2)) * 0.01 as decimal(18, 2))
        end as pay_ahead_amount,
        case
            when tier_steps.lever = 'order_by_date'
                then cast({{ dbt.dateadd(
                    'day', 'cast(tier_steps.change_units - tier_steps.current_units as integer)', 'tier_steps.as_of_date'
                ) }} as date)
        end as order_by_date
    from tier_steps
    left join {{ ref('tier_codes') }} as next_tiers
        on tier_steps.policy_id = next_tiers.policy_id
        and tier_steps.tier_rank - 1 = next_tiers.tier_rank
        and tier_steps.status in ('reachable', 'not_reachable', 'blocked_by_cap', 'not_supported')
    left join later_items
        on case when tier_steps.paid_units is not null then tier_steps.customer_id end = later_items.customer_id
        and tier_steps.paid_units > later_items.paid_before_cents
        and tier_steps.paid_units <= later_items.paid_cents
),

-- what changes, as text: once for both languages
numbered_steps as (
    select
        valued_steps.*,
        case
            when lever = 'order_by_date' then cast(order_by_date as {{ dbt.type_string() }})
            when units = 100 then {{ cents_text('change_units') | indent(12) }}
            when units = 1 then {{ grouped_number_text('change_units') | indent(12) }}
        end as change_text
    from valued_steps
),

worded_steps as (
    select
        numbered_steps.*,
        {% for language in ['en', 'zh'] %}
        case lever
            {% for lever in levers() %}
            {% set words = lever['step_' ~ language].split('{change}') %}
            when '{{ lever.lever }}' then '{{ words[0] }}' || change_text || '{{ words[1] }}'
            {% endfor %}
        end as change_{{ language }},
        case reason_code
            {% for code, words in step_reasons().items() %}
            when '{{ code }}' then '{{ words[language] }}'
            {% endfor %}
        end as reason_{{ language }},
        {% endfor %}
        {{ cents_text('payment_units') }} as payment_text,
        coalesce(' and ' || {{ cents_text('ahead_cents') }} || ' that is settled before it', '') as ahead_en,
        coalesce('（另付先行结算的 ' || {{ cents_text('ahead_cents') }} || '）', '') as ahead_zh
    from numbered_steps
)

select
    as_of_date,
    policy_id,
    customer_id,
    cast(tier_code as {{ dbt.type_string() }}) as tier_code,
    cast(next_tier_code as {{ dbt.type_string() }}) as next_tier_code,
    cast(lever as {{ dbt.type_string() }}) as lever,
    cast(indicator as {{ dbt.type_string() }}) as indicator,
    cast(status as {{ dbt.type_string() }}) as status,
    cast(reason_code as {{ dbt.type_string() }}) as reason_code,
    cap_code,
    current_value,
    change_value,
    order_by_date,
    pay_first_amount,
    pay_ahead_amount,
    case
        when status = 'reachable' then change_en || ahead_en
        when status = 'blocked_by_cap' and payment_units is null
            then 'Cap ' || cap_code || ' holds: neither this lever nor a payment lifts it'
        when status = 'blocked_by_cap' and change_units = 0
            then 'Pay ' || payment_text || ' of the overdue amount' || ahead_en || ': cap ' || cap_code || ' is all that holds'
        when status = 'blocked_by_cap' and change_units > 0
            then 'First pay ' || payment_text || ' of the overdue amount' || ahead_en || ' to lift cap ' || cap_code || '. ' || change_en
        when status in ('not_reachable', 'not_supported') then reason_en
        when status = 'top_tier' then 'In the best tier'
        when status = 'overridden' then 'Set by override ' || override_id
        when status = 'not_scored' then 'Not scored'
    end as step_en,
    case
        when status = 'reachable' then change_zh || ahead_zh
        when status = 'blocked_by_cap' and payment_units is null
            then '受上限 ' || cap_code || ' 限制：此杠杆和付款均无法解除'
        when status = 'blocked_by_cap' and change_units = 0
            then '偿付逾期款 ' || payment_text || ahead_zh || '：仅受上限 ' || cap_code || ' 限制'
        when status = 'blocked_by_cap' and change_units > 0
            then '先偿付逾期款 ' || payment_text || ahead_zh || ' 以解除上限 ' || cap_code || '。' || change_zh
        when status in ('not_reachable', 'not_supported') then reason_zh
        when status = 'top_tier' then '已是最高等级'
        when status = 'overridden' then '由指定 ' || override_id || ' 决定'
        when status = 'not_scored' then '不评分'
    end as step_zh
from worded_steps
