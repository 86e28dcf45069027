-- What: the value classes cover the scored customers once: ranks 1, 2, 3 and so on, shares above 0 that sum to 1; beside them stands one
-- class without rank and share, for who has potential. Each name once.
-- Why: a gap leaves customers without a class; a second class for potential gives them two.
-- How to mend: correct value_rank, customer_share or the name in seeds/policy/value_classes.csv.
{% set text = dbt.type_string() %}
with numbered_classes as (
    select
        value_class,
        value_rank,
        customer_share,
        row_number() over (order by value_rank nulls last, value_class) as place,
        count(*) over (partition by value_class) as same_name_count
    from {{ ref('value_classes') }}
)

select
    'value_classes' as seed,
    'class ' || value_class as row_key,
    'value_rank ' || coalesce(cast(value_rank as {{ text }}), 'empty')
    || ', customer_share ' || coalesce(cast(customer_share as {{ text }}), 'empty') as found,
    'value_rank ' || cast(place as {{ text }}) || ' and a share above 0, or both empty' as bound,
    'number the classes 1, 2, 3 and so on, each with its share' as remedy
from numbered_classes
where
    (value_rank is null) <> (customer_share is null)
    or value_rank <> place
    or customer_share <= 0
union all
select
    'value_classes' as seed,
    'class ' || value_class as row_key,
    'value_class ' || value_class as found,
    'once' as bound,
    'give the class a name of its own' as remedy
from numbered_classes
where same_name_count > 1
union all
select
    'value_classes' as seed,
    'all rows' as row_key,
    'customer_share sums to ' || coalesce(cast(sum(customer_share) as {{ text }}), 'nothing') as found,
    '1' as bound,
    'change customer_share so that the classes sum to 1' as remedy
from numbered_classes
having coalesce(sum(customer_share), 0) <> 1
union all
select
    'value_classes' as seed,
    'all rows' as row_key,
    cast(count(case when value_rank is null then 1 end) as {{ text }}) || ' classes without a rank' as found,
    'one class without rank and share' as bound,
    'leave rank and share empty in the one class for who has potential' as remedy
from numbered_classes
having count(case when value_rank is null then 1 end) <> 1
{{ 'limit 0' if flags.EMPTY }}
