{#-
    Every check of data_quality with its severity when it finds something, and how to mend what it found.
    `warn` wants a person's eye; `info` is to be known. A table above max_quarantined_share turns `error` and stops the build.
-#}
{% macro quality_checks() %}
    {% do return({
        'rows_read': ['info', 'Nothing to mend: the rows that were judged, used or quarantined.'],
        'duplicate': ['info', 'Identical rows: one counts. Load each row once.'],
        'conflicting_duplicate': ['warn', 'Rows share a key and differ. Correct the source, or supply loaded_at so that the last version wins.'],
        'missing_key': ['warn', 'Fill the key in the source.'],
        'missing_customer': ['warn', 'Fill customer_id in the source; without it nobody can be credited or charged.'],
        'impossible_date': ['warn', 'Write dates as YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, from 1900 on, and fill required ones.'],
        'not_a_number': ['warn', 'Write numbers with a decimal point and no thousands separator, below 10^12.'],
        'missing_number': ['warn', 'Fill the quantity, price, amount or rate in the source.'],
        'not_a_flag': ['warn', 'Write true or false.'],
        'negative_price': ['warn', 'Write returns as a negative quantity and credits as a negative invoice, never as a negative price or spend.'],
        'too_large': ['warn', 'The quantity is 10^9 or more, or quantity x price or cost 10^12. Correct whichever is wrong: often a bar code in the place of the quantity.'],
        'not_above_zero': ['warn', 'Correct the exchange rate: it must be above zero.'],
        'unknown_currency': ['warn', 'Add a rate for the currency on or before the day to exchange_rates, or correct the currency code.'],
        'orphan_order': ['warn', 'Load the order that the line belongs to, or correct its order_id.'],
        'order_quarantined': ['warn', 'Mend the order that the line belongs to; see its own row in quarantined_rows.'],
        'unknown_customer': ['warn', 'Load the customer into customers, or correct the customer_id.'],
        'orphan_payment': ['warn', 'Load or mend the payment or credit note that the allocation names.'],
        'orphan_invoice': ['warn', 'Load or mend the invoice that the allocation names; a credit note is settled by nothing.'],
        'customer_differs': ['warn', 'Payment and invoice belong to different customers. Correct the allocation.'],
        'currency_differs': ['warn', 'Payment and invoice are in different currencies. Book the exchange first.'],
        'over_allocated': ['warn', 'More is allocated than was paid, or more taken back than had been allocated. Correct the allocation or the payment.'],
        'over_settled': ['warn', 'More is allocated to the invoice than its amount, or more taken back than had been settled. Correct the allocation.'],
        'unknown_kind': ['warn', 'Use one of the kinds of the interface for the interaction.'],
        'out_of_range': ['warn', 'recommend_score goes from 0 to 10, payment_terms_days up to 36,500.'],
        'refers_itself': ['warn', 'A customer cannot refer itself. Correct the referral.'],
        'no_recent_rows': ['warn', 'The latest order lies more than 31 days before as_of_date, so everybody seems to have stopped. Load what is missing, or correct as_of_date.'],
        'order_without_lines': ['warn', 'The order has no usable line, so it has no money. Load its lines.'],
        'unknown_status': ['info', 'The status is none of completed, cancelled; it counts as completed. Cancel what must not count.'],
        'customer_not_in_customers': ['warn', 'The customer is known from orders or invoices only. Add it to customers.'],
        'internal_customer': ['info', 'Internal customers are in no mart. Nothing to mend if they are internal.'],
        'unknown_parent': ['warn', 'parent_customer_id names nobody. Load the parent or clear it.'],
        'unknown_product': ['info', 'The product is not in products; its category is unknown. Add it.'],
        'no_due_date': ['warn', 'No due date and no payment terms: the invoice counts as due on its own day. Supply one of them.'],
        'due_before_invoiced': ['warn', 'The due date lies before the invoice date; it is used as it stands. Correct it.'],
        'column_not_used': ['info', 'The interface knows no such column. Rename it if it was meant to be one.'],
    }) %}
{% endmacro %}
