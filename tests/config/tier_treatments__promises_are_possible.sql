-- What: a treatment's days between contacts are at least 1, its other promises not negative, and its discount a share from 0 to 1.
-- Why: a contact every 0 days, or a discount of 5 for 5 %, would plan work and money that nobody has.
-- How to mend: correct the value in seeds/policy/tier_treatments.csv, or leave it empty when nothing is promised.
{% set text = dbt.type_string() %}
{% set columns = [
    'tier_code', 'lifecycle_stage', 'contact_every_days', 'response_target_hours', 'credit_terms_days', 'discount_rate', 'cost_ceiling',
] %}
{% for column, lowest, highest in [
    ('contact_every_days', 1, none), ('response_target_hours', 0, none), ('credit_terms_days', 0, none), ('discount_rate', 0, 1), ('cost_ceiling', 0, none),
    ('winback_cost', 0, none),
] %}
select
    'tier_treatments' as seed,
    'tier ' || tier_code || ', stage ' || lifecycle_stage as row_key,
    '{{ column }} ' || cast({{ column }} as {{ text }}) as found,
    'at least {{ lowest }}{{ ", at most " ~ highest if highest is not none }}' as bound,
    'correct {{ column }}, or leave it empty' as remedy
from {{ seed_rows('tier_treatments', columns, {'winback_cost': 'decimal(18, 2)'}) }} as tier_treatments
where {{ column }} < {{ lowest }}{{ " or " ~ column ~ " > " ~ highest if highest is not none }}
{{ 'union all' if not loop.last }}
{% endfor %}
