{{ config(materialized='view') }}

select
    review_dates.as_of_date,
    described_customers.customer_id,
    described_customers.customer_name,
    described_customers.parent_customer_id,
    described_customers.customer_type,
    described_customers.industry,
    described_customers.region,
    described_customers.country,
    described_customers.account_owner,
    described_customers.credit_limit,
    described_customers.payment_terms_days,
    described_customers.marketing_consent,
    described_customers.is_in_customers
from {{ ref('review_dates') }} as review_dates
inner join {{ ref('described_customers') }} as described_customers
    on review_dates.as_of_date = described_customers.review_date
