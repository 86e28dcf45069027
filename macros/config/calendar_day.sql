{#- The date that a var's text names; an error naming the var when there is no such day, or windows around it would leave the calendar. -#}
{% macro calendar_day(name, value) %}
    {% set day = existing_day(value | string) %}
    {% if day is none or day.year > 2199 %}
        {% do setting_error(name, value, days_allowed() ~ ' to 2199-12-31') %}
    {% endif %}
    {% do return(day) %}
{% endmacro %}


{% macro days_allowed() %}
    {% do return('a day that exists, YYYY-MM-DD, from 1900-01-01') %}
{% endmacro %}


{#- The date that a text names; none when it is written in another way or there is no such day. -#}
{% macro existing_day(text) %}
    {% if not modules.re.match('^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', text) %}
        {% do return(none) %}
    {% endif %}
    {% set first_of_month = modules.datetime.date(text[:4] | int, text[5:7] | int, 1) %}
    {% set day = first_of_month + modules.datetime.timedelta(days=(text[8:] | int) - 1) %}
    {% do return(day if day.month == first_of_month.month else none) %}
{% endmacro %}


{#- 29 February has no same day a year before: the day before it is taken. -#}
{% macro same_day_a_year_before(day) %}
    {% if day.month == 2 and day.day == 29 %}
        {% set day = day - modules.datetime.timedelta(days=1) %}
    {% endif %}
    {% do return(day.replace(year=day.year - 1)) %}
{% endmacro %}
