{{ config(pre_hook="{{ stop_when_too_much_is_quarantined() }}") }}

-- depends_on: {{ ref('data_quality') }}
-- Every metric starts from here, so nothing is measured on data that did not pass the quarantine gate.

{% for review in review_calendar() %}
select
    cast('{{ review.as_of_date }}' as date) as as_of_date,
    {{ review.is_provisional | lower }} as is_provisional,
    cast({{ "'" ~ review.previous_as_of_date ~ "'" if review.previous_as_of_date else 'null' }} as date) as previous_as_of_date
{{ 'union all' if not loop.last }}
{% endfor %}
