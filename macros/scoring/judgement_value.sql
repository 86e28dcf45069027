{#- A judgement such as 3, 0.2 or 1/5 as a double; null when it is not a number above zero or a quotient of two. -#}
{% macro judgement_value(expression) -%}
{%- set double = engine_type('double precision') -%}
{%- set parts = [] -%}
{%- for number in [1, 2] -%}
{%- do parts.append(engine_to_number("trim(split_part(" ~ expression ~ ", '/', " ~ number ~ "))", 'text', 'decimal(18, 6)')) -%}
{%- endfor -%}
case
    when {{ expression }} like '%/%/%' or coalesce({{ parts[0] }}, 0) <= 0 then null
    when {{ expression }} not like '%/%' then cast({{ parts[0] }} as {{ double }})
    when {{ parts[1] }} > 0 then cast({{ parts[0] }} as {{ double }}) / cast({{ parts[1] }} as {{ double }})
end
{%- endmacro %}
