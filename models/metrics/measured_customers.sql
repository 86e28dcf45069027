{{ config(materialized='view') }}

{#- A view: everybody at every measured date, with all that is written about them, would be the largest table of a long history. -#}
{%- set attributes = [
    'customer_name', 'parent_customer_id', 'customer_type', 'industry', 'region', 'country', 'account_owner', 'credit_limit',
    'payment_terms_days',
] -%}

with measured_dates as (
    select
        review_date,
        as_of_date,
        facts_until,
        block_no
    from {{ ref('measured_dates') }}
),

-- what was not registered yet is not known then, neither its name nor its industry
known_then as (
    select
        measured_dates.review_date,
        measured_dates.as_of_date,
        measured_dates.facts_until,
        measured_dates.block_no,
        company_customers.customer_id,
        company_customers.customer_number,
        {% for attribute in attributes %}
        company_customers.{{ attribute }},
        {% endfor %}
        company_customers.marketing_consent,
        company_customers.is_described
        and coalesce(company_customers.registered_date <= measured_dates.facts_until, true) as is_in_customers,
        coalesce(company_customers.first_fact_date <= measured_dates.facts_until, false) as has_facts
    from measured_dates
    cross join {{ ref('company_customers') }} as company_customers
)

select
    review_date,
    as_of_date,
    facts_until,
    block_no,
    customer_id,
    customer_number,
    {% for attribute in attributes %}
    case when is_in_customers then {{ attribute }} end as {{ attribute }},
    {% endfor %}
    coalesce(is_in_customers and marketing_consent, false) as marketing_consent,
    is_in_customers
from known_then
where is_in_customers or has_facts
