{#-
    A hash of all that decides how facts are measured, beside the facts themselves: settings, rates, and the SQL of staging
    and metrics. Reviews that were measured under another one are measured again, so that no history mixes two companies,
    two currencies or two versions of a metric.
-#}
{% macro measuring_settings() %}
    {% set settings = settings() %}
    {% set parts = [
        settings.known_at, settings.base_currency, settings.business_timezone, settings.inputs | sort | join(','),
        var('raw_location'), var('raw_format'), var('raw_layout'), var('raw_database'), var('raw_schema'),
    ] %}
    {% if execute %}
        {% for id, node in graph.nodes | dictsort %}
            {% if node.path.startswith('staging/') or node.path.startswith('metrics/') or node.name == 'cost_rates' %}
                {% do parts.append(node.checksum.checksum) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% do return(local_md5(parts | join('|'))) %}
{% endmacro %}
