with measured_dates as (
    select
        review_date,
        as_of_date,
        facts_until
    from {{ ref('measured_dates') }}
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
        registered_date
    from {{ ref('stg_customers') }}
    where row_state = 'used'
),

-- whoever is internal always was, so a row dated after as_of_date says it as well
internal_customers as (
    select customer_id
    from {{ ref('stg_customers') }}
    where row_state in ('used', 'later') and is_internal
    group by customer_id
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
    left join internal_customers
        on known_customers.customer_id = internal_customers.customer_id
    where internal_customers.customer_id is null
),

-- what was not registered yet is not known then, neither its name nor its industry; internal customers are nowhere
known_then as (
    select
        measured_dates.review_date,
        measured_dates.as_of_date,
        measured_dates.facts_until,
        all_customers.customer_id,
        all_customers.customer_number,
        all_customers.is_described
        and coalesce(all_customers.registered_date <= measured_dates.facts_until, true) as is_in_customers,
        coalesce(all_customers.first_fact_date <= measured_dates.facts_until, false) as has_facts
    from measured_dates
    cross join all_customers
)

select
    known_then.review_date,
    known_then.as_of_date,
    known_then.facts_until,
    known_then.customer_id,
    known_then.customer_number,
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
    known_then.is_in_customers
from known_then
left join described_customers
    on known_then.customer_id = described_customers.customer_id
    and known_then.is_in_customers
where known_then.is_in_customers or known_then.has_facts
