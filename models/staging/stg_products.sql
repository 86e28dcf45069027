with {{ input_rows('products') }},

checked_rows as (
    select
        typed_rows.*,
        {% call quarantine_reason('products') %}{% endcall %} as quarantine_reason
    from typed_rows
)

select
    product_id,
    product_name,
    category,
    price_band,
    {{ judged_columns('products') }}
from checked_rows
