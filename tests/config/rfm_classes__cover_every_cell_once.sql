-- What: each of the 125 cells of recency, frequency and monetary quintiles lies in exactly one class.
-- Why: a cell in no class leaves customers without a name, a cell in two gives them two rows.
-- How to mend: change the ranges in seeds/policy/rfm_classes.csv.
{% set text = dbt.type_string() %}
with quintiles as (
    select numbers.quintile
    from (values (1), (2), (3), (4), (5)) as numbers (quintile)
)

select
    'rfm_classes' as seed,
    'recency ' || cast(recency.quintile as {{ text }}) || ', frequency ' || cast(frequency.quintile as {{ text }})
    || ', monetary ' || cast(monetary.quintile as {{ text }}) as row_key,
    'in ' || cast(count(rfm_classes.rfm_class) as {{ text }}) || ' classes' as found,
    'in one class' as bound,
    'change the ranges so that each cell lies in one class' as remedy
from quintiles as recency
cross join quintiles as frequency
cross join quintiles as monetary
left join {{ ref('rfm_classes') }} as rfm_classes
    on recency.quintile between rfm_classes.recency_from and rfm_classes.recency_to
    and frequency.quintile between rfm_classes.frequency_from and rfm_classes.frequency_to
    and monetary.quintile between rfm_classes.monetary_from and rfm_classes.monetary_to
group by recency.quintile, frequency.quintile, monetary.quintile
having count(rfm_classes.rfm_class) <> 1
{{ 'limit 0' if flags.EMPTY }}
