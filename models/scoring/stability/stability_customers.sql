select
    customer_positions.customer_id,
    cast(row_number() over (order by {{ bytewise('customer_positions.customer_id') }}) as integer) as customer_number
from {{ ref('stability_reviews') }} as stability_reviews
inner join {{ ref('customer_positions') }} as customer_positions
    on stability_reviews.as_of_date = customer_positions.as_of_date
    and stability_reviews.policy_id = customer_positions.policy_id
group by customer_positions.customer_id
