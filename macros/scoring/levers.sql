{#-
    What a customer can do to be in a better tier: the one column of customer_metrics that each lever moves, whether upwards, how many
    units of change make 1 of the column (100: cents), and the words for a change, with {change} where it stands.
    A lever that lowers its column cannot lower it below 0.
-#}
{% macro levers() %}
    {% do return([
        {
            'lever': 'spend_more', 'indicator': 'monetary_12m', 'is_rising': true, 'units': 100,
            'step_en': 'Spend {change} more in 12 months', 'step_zh': '12 个月内多采购 {change}',
        },
        {
            'lever': 'order_more_often', 'indicator': 'frequency_12m', 'is_rising': true, 'units': 1,
            'step_en': 'Purchases to add in 12 months: {change}', 'step_zh': '12 个月内多下单 {change} 次',
        },
        {
            'lever': 'order_by_date', 'indicator': 'recency_days', 'is_rising': false, 'units': 1,
            'step_en': 'Last purchase on {change} or later', 'step_zh': '最近一次购买在 {change} 或之后',
        },
        {
            'lever': 'pay_overdue', 'indicator': 'overdue_amount', 'is_rising': false, 'units': 100,
            'step_en': 'Pay {change} of the overdue amount', 'step_zh': '偿付逾期款 {change}',
        },
    ]) %}
{% endmacro %}
