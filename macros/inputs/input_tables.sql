{#-
    The raw tables of the public interface. Per table: its key, the column that dates its rows (a row dated after
    as_of_date does not exist yet), and its columns as [kind, 'required' or 'optional'].
    Kinds: id and text stay text; code is upper-case text; number is decimal(18, 6); rate is decimal(26, 18);
    whole is a whole number; moment is a time stamp in business time; flag is true or false.
    Every table may also carry loaded_at, the moment at which the warehouse learned the row.
-#}
{% macro input_tables() %}
    {% do return({
        'orders': {
            'key': ['order_id'], 'dated_by': 'ordered_at',
            'columns': {
                'order_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'ordered_at': ['moment', 'required'],
                'status': ['text', 'optional'], 'amount': ['number', 'optional'], 'currency': ['code', 'optional'],
                'channel': ['text', 'optional'],
            },
        },
        'order_lines': {
            'key': ['order_line_id'],
            'columns': {
                'order_line_id': ['id', 'required'], 'order_id': ['id', 'required'], 'product_id': ['id', 'optional'],
                'quantity': ['number', 'required'], 'unit_price': ['number', 'required'],
                'discount_amount': ['number', 'optional'], 'unit_cost': ['number', 'optional'],
            },
        },
        'customers': {
            'key': ['customer_id'], 'dated_by': 'registered_at',
            'columns': {
                'customer_id': ['id', 'required'], 'customer_name': ['text', 'optional'],
                'parent_customer_id': ['id', 'optional'], 'customer_type': ['text', 'optional'],
                'industry': ['text', 'optional'], 'region': ['text', 'optional'], 'country': ['text', 'optional'],
                'registered_at': ['moment', 'optional'], 'credit_limit': ['number', 'optional'],
                'payment_terms_days': ['whole', 'optional'], 'account_owner': ['text', 'optional'],
                'is_internal': ['flag', 'optional'], 'marketing_consent': ['flag', 'optional'],
            },
        },
        'products': {
            'key': ['product_id'],
            'columns': {
                'product_id': ['id', 'required'], 'product_name': ['text', 'optional'], 'category': ['text', 'optional'],
                'price_band': ['text', 'optional'],
            },
        },
        'invoices': {
            'key': ['invoice_id'], 'dated_by': 'invoiced_at',
            'columns': {
                'invoice_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'order_id': ['id', 'optional'],
                'invoiced_at': ['moment', 'required'], 'due_at': ['moment', 'optional'], 'amount': ['number', 'required'],
                'currency': ['code', 'optional'], 'is_disputed': ['flag', 'optional'],
            },
        },
        'payments': {
            'key': ['payment_id'], 'dated_by': 'paid_at',
            'columns': {
                'payment_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'paid_at': ['moment', 'required'],
                'amount': ['number', 'required'], 'currency': ['code', 'optional'],
            },
        },
        'payment_allocations': {
            'key': ['payment_id', 'invoice_id', 'allocated_at'], 'dated_by': 'allocated_at',
            'columns': {
                'payment_id': ['id', 'required'], 'invoice_id': ['id', 'required'], 'allocated_at': ['moment', 'required'],
                'amount': ['number', 'required'],
            },
        },
        'interactions': {
            'key': ['interaction_id'], 'dated_by': 'occurred_at',
            'columns': {
                'interaction_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'occurred_at': ['moment', 'required'],
                'kind': ['text', 'required'], 'minutes': ['number', 'optional'], 'first_response_at': ['moment', 'optional'],
                'resolved_at': ['moment', 'optional'], 'campaign_id': ['id', 'optional'],
            },
        },
        'surveys': {
            'key': ['survey_id'], 'dated_by': 'answered_at',
            'columns': {
                'survey_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'answered_at': ['moment', 'required'],
                'expected_score': ['number', 'optional'], 'perceived_score': ['number', 'optional'],
                'recommend_score': ['number', 'optional'],
            },
        },
        'referrals': {
            'key': ['referrer_customer_id', 'referred_customer_id'], 'dated_by': 'referred_at',
            'columns': {
                'referrer_customer_id': ['id', 'required'], 'referred_customer_id': ['id', 'required'],
                'referred_at': ['moment', 'required'],
            },
        },
        'wallet_estimates': {
            'key': ['customer_id', 'period_start'], 'dated_by': 'period_start',
            'columns': {
                'customer_id': ['id', 'required'], 'period_start': ['moment', 'required'], 'period_end': ['moment', 'required'],
                'category_spend': ['number', 'required'], 'source': ['text', 'required'],
            },
        },
        'point_redemptions': {
            'key': ['redemption_id'], 'dated_by': 'redeemed_at',
            'columns': {
                'redemption_id': ['id', 'required'], 'customer_id': ['id', 'required'], 'redeemed_at': ['moment', 'required'],
                'points': ['number', 'required'],
            },
        },
        'exchange_rates': {
            'key': ['currency', 'rate_date'], 'dated_by': 'rate_date',
            'columns': {
                'currency': ['code', 'required'], 'rate_date': ['moment', 'required'], 'rate_to_base': ['rate', 'required'],
            },
        },
    }) %}
{% endmacro %}


{% macro is_supplied(table) %}
    {% do return(table in settings().inputs) %}
{% endmacro %}
