-- The lines judged by themselves, before anybody asks for their orders: order_values adds them up, and only then are the few
-- orders known that cannot be used. Joining every line to its order first would cost more than all the sums.
with {{ input_rows('order_lines') }}

select
    typed_rows.*,
    {% call quarantine_reason('order_lines') %}
        when unit_price < 0 then 'negative_price'
        when abs(quantity) >= 1000000000 then 'too_large'
        when abs(cast(quantity as decimal(20, 6))) * greatest(unit_price, abs(coalesce(unit_cost, 0))) >= 1000000000000 then 'too_large'
    {% endcall %} as own_reason
from typed_rows
