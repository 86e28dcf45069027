-- What: the ABC classes cover the whole contribution once: cumulative_value rises from above 0 to 1 in the last class, each name once.
-- Why: a gap leaves customers without a class, an overlap gives them two.
-- How to mend: correct cumulative_value or the name in seeds/policy/abc_classes.csv; one class that ends at 1 is the least.
{% set text = dbt.type_string() %}
with ordered_classes as (
    select
        abc_class,
        cumulative_value,
        count(*) over (partition by abc_class) as same_name_count,
        count(*) over (partition by cumulative_value) as same_end_count
    from {{ ref('abc_classes') }}
)

select
    'abc_classes' as seed,
    'class ' || abc_class as row_key,
    'cumulative_value ' || cast(cumulative_value as {{ text }}) as found,
    'above 0, at most 1, an end of its own' as bound,
    'let cumulative_value rise from class to class, to 1 in the last' as remedy
from ordered_classes
where cumulative_value <= 0 or cumulative_value > 1 or same_end_count > 1
union all
select
    'abc_classes' as seed,
    'class ' || abc_class as row_key,
    'abc_class ' || abc_class as found,
    'once' as bound,
    'give the class a name of its own' as remedy
from ordered_classes
where same_name_count > 1
union all
select
    'abc_classes' as seed,
    'the last class' as row_key,
    'cumulative_value ends at ' || coalesce(cast(max(cumulative_value) as {{ text }}), 'nothing') as found,
    '1' as bound,
    'let the last class end at 1' as remedy
from ordered_classes
having coalesce(max(cumulative_value), 0) <> 1
{{ 'limit 0' if flags.EMPTY }}
