{#- A whole number from 0 to 2^28 - 1 drawn from a text: the first seven hexadecimal digits of its MD5, the same on every engine. -#}
{% macro hash_number(text) -%}
    {{ adapter.dispatch('hash_number')(text) }}
{%- endmacro %}


{% macro default__hash_number(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 7), 16, 10) as bigint)
{%- endmacro %}


{% macro duckdb__hash_number(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 7) as bigint)
{%- endmacro %}


{% macro postgres__hash_number(text) -%}
    cast(cast('x0' || substr(md5({{ text }}), 1, 7) as bit(32)) as bigint)
{%- endmacro %}
