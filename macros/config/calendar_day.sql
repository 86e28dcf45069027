{#- The date that a var's text names; an error naming the var when there is no such day. -#}
{% macro calendar_day(name, value) %}
    {% set text = value | string %}
    {% set allowed = 'a day that exists, YYYY-MM-DD, from 1900-01-01 on' %}
    {% set parts = modules.re.match('^(19|[2-9]\\d)\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', text) %}
    {% if not parts %}
        {% do setting_error(name, text, allowed) %}
    {% endif %}
    {% set first_of_month = modules.datetime.date(text[:4] | int, text[5:7] | int, 1) %}
    {% set day = first_of_month + modules.datetime.timedelta(days=(text[8:10] | int) - 1) %}
    {% if day.month != first_of_month.month %}
        {% do setting_error(name, text, allowed) %}
    {% endif %}
    {% do return(day) %}
{% endmacro %}


{#- 29 February has no same day a year before: the day before it is taken. -#}
{% macro same_day_a_year_before(day) %}
    {% if day.month == 2 and day.day == 29 %}
        {% set day = day - modules.datetime.timedelta(days=1) %}
    {% endif %}
    {% do return(day.replace(year=day.year - 1)) %}
{% endmacro %}
