{{ config(materialized='view') }}

with {{ currency_numbers() }},

invoices as (
    select
        invoices.invoice_id,
        company_customers.customer_number,
        {{ account_number('company_customers.customer_number') }} as account_number,
        invoices.invoice_date,
        -- without a due date and without terms an invoice is due on its own day (reported in data_quality)
        coalesce(
            invoices.due_date,
            cast({{ dbt.dateadd('day', 'coalesce(company_customers.payment_terms_days, 0)', 'invoices.invoice_date') }} as date)
        ) as due_date,
        -- terms that are written down after the invoice do not hold for reviews before
        case
            when invoices.due_date is null and company_customers.registered_date > invoices.invoice_date
                then company_customers.registered_date
        end as terms_known_from,
        cast(invoices.amount as decimal(18, 6)) as amount,
        invoices.rate_to_base,
        invoices.is_disputed
    from {{ ref('stg_invoices') }} as invoices
    inner join {{ ref('company_customers') }} as company_customers
        on invoices.customer_id = company_customers.customer_id
    left join currency_numbers
        on invoices.currency = currency_numbers.currency
    where invoices.row_state = 'used' and invoices.amount > 0
)

select
    invoice_id,
    customer_number,
    account_number,
    invoice_date,
    due_date,
    terms_known_from,
    amount,
    rate_to_base,
    is_disputed,
    -- where the invoice ends on its account's line of money, oldest invoice first: also its name within the account
    sum(amount) over (
        partition by account_number
        order by invoice_date, {{ bytewise('invoice_id') }}
        rows unbounded preceding
    ) as stretch_end
from invoices
