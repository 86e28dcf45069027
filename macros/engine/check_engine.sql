{#- Stops a run whose session computes otherwise than the project needs it to. -#}
{% macro check_engine() %}
    {% do adapter.dispatch('check_engine')() %}
{% endmacro %}


{% macro default__check_engine() %}
{% endmacro %}


{#- The profile sets these; a server may have settings of its own. -#}
{% macro spark__check_engine() %}
    {% for name, wanted in {
        'spark.sql.session.timeZone': 'UTC',
        'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
    }.items() %}
        {% set value = run_query('set ' ~ name).columns[1].values()[0] %}
        {% if value | lower != wanted | lower %}
            {% do exceptions.raise_compiler_error(
                name ~ ' is ' ~ value ~ ' in this session, and has to be ' ~ wanted
                ~ '. Set it under server_side_parameters in profiles.yml, or on the server.'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
