{#- The value of a lever's column in the lever's units, turned so that the lever moves it upwards: a whole number. -#}
{% macro lever_units(lever, relation) -%}
case {{ lever }}
    {% for each in levers() %}
    when '{{ each.lever }}' then cast({{ each.units if each.is_rising else -each.units }} * {{ relation }}.{{ each.indicator }} as bigint)
    {% endfor %}
end
{%- endmacro %}
