"""The sample company that ships with the project: an electronics distributor in China, 2023 to 2025.

    python -m customer_tiering.sample_company --to seeds/sample

writes its raw tables and the answer key. The same bytes come out on every run, machine and Python version.

The story: the distributor grew and hired, got busier and earned less. The customers won in 2025 bring 12 % of the
year's revenue and take 40 % of the service; some customers pay late or not at all; good old customers leave unnoticed;
the best customers wait longest for an answer.

Roles of the answer key (`planted_customers.csv`, one row per customer and role):

    best                     big, frequent, regular, profitable, pays on time
    frequent_premium_buyer   one of the best who buys premium articles only
    frequent_cheap_buyer     frequent, but economy articles only
    quiet_leaver             profitable and regular (every 30 to 60 days), stopped in 2025 without a word
    satisfied_but_lapsed     a quiet leaver who was very satisfied in the last survey
    lost_key_customer        formerly among the best, silent for more than a year
    won_back                 long silent, bought again once in autumn 2025
    steady_slow              buys every 120 to 170 days without fail: not a leaver
    late_payer, non_payer    pay weeks late; stopped paying in 2025 (above 90 days overdue at the end)
    partial_payer, prepayer  pay each invoice in two parts; pay in advance
    unapplied_payment        a payment that is allocated to nothing while the invoice stays open
    over_allocated           an allocation above what was paid, which belongs into quarantine
    disputed_invoice         an open invoice in dispute
    open_credit_note         a credit note that settles nothing yet
    settled_credit_note      a credit note that settled part of an invoice
    combined_payment         one payment settles several invoices
    collective_invoice       one invoice a month for all orders, without an order_id
    due_by_terms             invoices without due_at: the customer's payment terms decide
    busy_unprofitable        many small orders, returns and service: cost to serve above gross margin
    new_customer             first purchase in 2025
    prospect, return_only    no order yet; nothing but a return
    consumer                 private buyer
    parent_company, child_company, internal_customer
    identical_twin           two customers with the same facts
    exact_30_days            buys every 30 days, the last time 45 days before the end of 2025
    single_purchase          one purchase ever
    similar_name             different customers whose names differ by a blank or by full-width brackets
    unusual_name             quotes, comma, emoji; a leading equals sign
    known_only_from_orders, known_only_from_invoices
    changed_master_data      two versions in customers.csv
    zero_expectation         a survey with an expectation of 0
    referral_circle          three customers who referred each other in a circle
    wallet_below_sales       a wallet estimate below what was sold

Figures of the answer key (`planted_figures.csv`; customer_id, as_of_date, figure, value): columns of
`customer_metrics` for chosen customers; for the whole company (empty customer_id) `total.<column>`,
`buying_customers_12m`, `service_events_12m` (complaint, support, visit, call, contact), `new_customers` (first purchase
within the year), `new_customer_revenue_share`, `new_customer_service_share`, `mean_first_response_hours.best` and
`.rest` (events of 2025 that have an answer), `raw_rows.<table>` and `quarantined_rows.<table>.<reason>`.
An empty value is null. Units are net of returns; unit costs are in the order's currency.
"""
