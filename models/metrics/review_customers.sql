with review_dates as (
    select as_of_date
    from {{ ref('review_dates') }}
),

described_customers as (
    select
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
        is_internal,
        registered_date
    from {{ ref('stg_customers') }}
    where row_state = 'used'
),

all_customers as (
    select
        known_customers.customer_id,
        known_customers.customer_number,
        described_customers.customer_id is not null as is_described,
        described_customers.registered_date,
        known_customers.first_fact_date
    from {{ ref('stg_known_customers') }} as known_customers
    left join described_customers
        on known_customers.customer_id = described_customers.customer_id
    where not coalesce(described_customers.is_internal, false)
),

-- what was not registered yet is not known at the review, neither its name nor its industry; internal customers are in no review
customers_at_review as (
    select
        review_dates.as_of_date,
        all_customers.customer_id,
        all_customers.customer_number,
        all_customers.is_described
        and coalesce(all_customers.registered_date <= review_dates.as_of_date, true) as is_in_customers,
        coalesce(all_customers.first_fact_date <= review_dates.as_of_date, false) as has_facts
    from review_dates
    cross join all_customers
)

select
    customers_at_review.as_of_date,
    customers_at_review.customer_id,
    customers_at_review.customer_number,
    described_customers.customer_name,
    described_customers.parent_customer_id,
    described_customers.customer_type,
    described_customers.industry,
    described_customers.region,
    described_customers.country,
    described_customers.account_owner,
    described_customers.credit_limit,
    described_customers.payment_terms_days,
    coalesce(described_customers.marketing_consent, false) as marketing_consent,
    customers_at_review.is_in_customers
from customers_at_review
left join described_customers
    on customers_at_review.customer_id = described_customers.customer_id
    and customers_at_review.is_in_customers
where customers_at_review.is_in_customers or customers_at_review.has_facts
