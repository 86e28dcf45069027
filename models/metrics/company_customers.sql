with described_customers as (
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

-- whoever is internal always was, so a row dated after as_of_date says it as well, and one that is set aside for another cell
internal_customers as (
    select customer_id
    from {{ ref('stg_customers') }}
    where is_internal
    group by customer_id
)

select
    known_customers.customer_id,
    known_customers.customer_number,
    known_customers.first_fact_date,
    described_customers.customer_id is not null as is_described,
    described_customers.registered_date,
    described_customers.customer_name,
    described_customers.parent_customer_id,
    described_customers.customer_type,
    described_customers.industry,
    described_customers.region,
    described_customers.country,
    described_customers.account_owner,
    described_customers.credit_limit,
    described_customers.payment_terms_days,
    described_customers.marketing_consent
from {{ ref('stg_known_customers') }} as known_customers
left join described_customers
    on known_customers.customer_id = described_customers.customer_id
left join internal_customers
    on known_customers.customer_id = internal_customers.customer_id
where internal_customers.customer_id is null
