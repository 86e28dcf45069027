{#- The tier states of customers that are not scored, with their labels, as dictionaries. -#}
{% macro tier_states() %}
    {% do return([
        {'tier_code': 'prospect', 'label_en': 'Prospect', 'label_zh': '潜在客户'},
        {'tier_code': 'not_enough_history', 'label_en': 'Not enough history', 'label_zh': '历史不足'},
    ]) %}
{% endmacro %}
