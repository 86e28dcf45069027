{{ config(materialized='incremental', pre_hook='{{ forget_reviews() }}') }}

-- depends_on: {{ ref('review_dates') }}
select
    review_date,
    customer_id,
    customer_name,
    parent_customer_id,
    customer_type,
    industry,
    region,
    country,
    account_owner,
    credit_limit,
    payment_terms_days,
    marketing_consent,
    is_in_customers,
    cast('{{ measuring_settings() }}' as {{ dbt.type_string() }}) as measuring_settings
from {{ ref('measured_customers') }}
where as_of_date = review_date and facts_until = review_date
