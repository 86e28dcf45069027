{#- An error naming both dates when the first review comes before the first champion: no policy says what a tier was then. -#}
{% macro stop_before_the_first_champion() %}
    {% if execute and not flags.EMPTY %}
        {% set first_review = run_query("select min(as_of_date) from " ~ ref('review_dates') ~ " where is_review").rows[0][0] %}
        {% set first_champion = run_query("select min(valid_from) from " ~ ref('tier_policies') ~ " where role = 'champion'").rows[0][0] %}
        {% if first_champion is none or first_review < first_champion %}
            {% do exceptions.raise_compiler_error(
                'the first review is on ' ~ first_review ~ ', but the first champion in seeds/policy/tier_policies.csv is valid from '
                ~ (first_champion or 'no day: there is none') ~ '. Give a champion an earlier valid_from, or set history_start to a later day.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
