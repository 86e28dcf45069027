-- What: per review, the customers' cost to serve is the sum of its drivers' parts, and the order part is the number of orders x rate.
-- Why: cost must be allocated to the cent: no event charged twice, none charged to nobody.
-- Mend: compare the drivers' columns of customer_metrics with service_metrics.
select
    as_of_date,
    sum(cost_to_serve_12m) as cost_to_serve,
    sum(
        order_cost_12m + order_line_cost_12m + return_line_cost_12m + complaint_cost_12m + support_cost_12m + visit_cost_12m
        + call_cost_12m + contact_cost_12m
    ) as cost_of_drivers
from {{ ref('customer_metrics') }}
where cost_to_serve_12m is not null
group by as_of_date
having
    -- each stored figure is rounded by itself, by half a cent at most
    abs(
        sum(cost_to_serve_12m)
        - sum(
            order_cost_12m + order_line_cost_12m + return_line_cost_12m + complaint_cost_12m + support_cost_12m + visit_cost_12m
            + call_cost_12m + contact_cost_12m
        )
    ) > count(*) * 0.045
