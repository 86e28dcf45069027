{{ config(materialized='view') }}

select
    as_of_date,
    customer_id,
    customer_number,
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
    is_in_customers
from {{ ref('measured_customers') }}
where facts_until = as_of_date
