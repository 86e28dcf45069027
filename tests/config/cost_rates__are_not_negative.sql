-- What: no cost rate is negative.
-- Why: customers would earn more the more they are served.
-- How to mend: correct the row in seeds/policy/cost_rates.csv; a driver that costs nothing has the rate 0.
select
    'cost_rates' as seed,
    cost_driver || ' from ' || cast(valid_from as {{ dbt.type_string() }}) as row_key,
    'unit_cost ' || cast(unit_cost as {{ dbt.type_string() }}) as found,
    'at least 0' as bound,
    'correct unit_cost; 0 where it costs nothing' as remedy
from {{ ref('cost_rates') }}
where unit_cost < 0
