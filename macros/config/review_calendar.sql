{#-
    The review dates of a run, oldest first, as dictionaries of as_of_date, is_provisional and previous_as_of_date: the
    period ends in [history_start, as_of_date], and as_of_date itself as a provisional review when it lies inside a period.
    Weeks end on Sunday. previous_as_of_date is the last final review, so nothing ever builds on a provisional one.
-#}
{% macro review_calendar() %}
    {% set settings = settings() %}
    {% set one_day = modules.datetime.timedelta(days=1) %}
    {% set reviews = [] %}
    {% set found = namespace(previous=none) %}
    {% for offset in range((settings.as_of_date - settings.history_start).days + 1) %}
        {% set day = settings.history_start + modules.datetime.timedelta(days=offset) %}
        {% set next_day = day + one_day %}
        {% set ends_period = {
            'day': true,
            'week': day.weekday() == 6,
            'month': next_day.day == 1,
            'quarter': next_day.day == 1 and next_day.month in [1, 4, 7, 10],
        }[settings.review_grain] %}
        {% if ends_period or day == settings.as_of_date %}
            {% do reviews.append({'as_of_date': day, 'is_provisional': not ends_period, 'previous_as_of_date': found.previous}) %}
            {% set found.previous = day %}
        {% endif %}
    {% endfor %}
    {% do return(reviews) %}
{% endmacro %}
