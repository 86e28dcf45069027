{#- Why a lever has no step, or not one that is enough, in words. -#}
{% macro step_reasons() %}
    {% do return({
        'does_not_count': {
            'en': 'This lever does not count in the score of this customer',
            'zh': '该杠杆不计入此客户的得分',
        },
        'counts_the_other_way': {
            'en': 'The policy counts more of this as worse',
            'zh': '按现行规则，该指标越高反而越差',
        },
        'nothing_overdue': {
            'en': 'Nothing is overdue',
            'zh': '没有逾期款',
        },
        'not_enough': {
            'en': 'Even the best value is not enough by itself',
            'zh': '即使达到最佳值，仅靠这一项也不够',
        },
        'cap_on_the_way': {
            'en': 'A cap of the policy would act before the change is enough',
            'zh': '在变化足够之前会触发规则上限',
        },
        'weights_move': {
            'en': 'Not computed: the weights themselves follow from the values of all customers',
            'zh': '不计算：权重本身由所有客户的数值决定',
        },
        'scale_moves': {
            'en': 'Not computed: the scale itself follows from the values of all customers',
            'zh': '不计算：标度本身由所有客户的数值决定',
        },
        'places_of_another_day': {
            'en': 'Not computed: values are placed among those of a past day',
            'zh': '不计算：数值按过去某日的分布定位',
        },
        'value_decides': {
            'en': 'Not computed: cumulative value decides the tiers, not the score',
            'zh': '不计算：等级由累计价值决定，而不是得分',
        },
        'directions_differ': {
            'en': 'Not computed: industries count this indicator in opposite directions',
            'zh': '不计算：不同行业对该指标的方向相反',
        },
        'days_overdue_count': {
            'en': 'Not computed: a payment would change the days overdue as well, which count in the score',
            'zh': '不计算：付款还会改变计入得分的逾期天数',
        },
    }) %}
{% endmacro %}
