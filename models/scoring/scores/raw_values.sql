-- Numbers only: written and joined many million times, a text key costs several times as much.
select
    scored_customers.scored_no,
    indicator_rules.rule_no,
    {{ metric_value('indicator_rules.indicator', 'customer_metrics') | indent(4) }} as raw_value
from {{ ref('scored_customers') }} as scored_customers
inner join {{ ref('customer_metrics') }} as customer_metrics
    on scored_customers.as_of_date = customer_metrics.as_of_date
    and scored_customers.customer_id = customer_metrics.customer_id
inner join {{ ref('indicator_rules') }} as indicator_rules
    on scored_customers.set_no = indicator_rules.set_no
