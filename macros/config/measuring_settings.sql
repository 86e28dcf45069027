{#-
    What decides how facts are measured, beside the facts themselves, as two hashes: of where they come from (measured_source), and of the
    inputs, the time zone, the SQL of staging and metrics and the macros that read and compute (macros/inputs, macros/engine). Reviews
    that were measured under others are measured again, so that no history mixes two companies, two currencies or two versions of a
    metric. Cost rates are facts: one that is added or corrected changes what is measured from then on, and the past where
    restate_from asks for it.
-#}
{% macro measuring_settings() %}
    {% set settings = settings() %}
    {% set parts = [settings.business_timezone, settings.inputs | sort | join(',')] %}
    {% if execute %}
        {% for id, node in graph.nodes | dictsort %}
            {% if node.path.startswith('staging/') or node.path.startswith('metrics/') %}
                {% do parts.append(node.checksum.checksum) %}
            {% endif %}
        {% endfor %}
        {% do parts.extend(project_macros('macros.(inputs|engine).')) %}
    {% endif %}
    {% do return(measured_source() ~ '-' ~ local_md5(parts | join('|'))) %}
{% endmacro %}


{#- A hash of whose history it is: the place of the raw tables, the base currency, and what was known. -#}
{% macro measured_source() %}
    {% set settings = settings() %}
    {% set parts = [
        settings.known_at, settings.base_currency,
        var('raw_location').rstrip('/') if var('raw_location') else none, var('raw_format'), var('raw_layout'), var('raw_database'), var('raw_schema'),
    ] %}
    {% do return(local_md5(parts | join('|'))) %}
{% endmacro %}


{#- The SQL of the project's macros, by name: of all, or of those in files whose path begins as the pattern says. -#}
{% macro project_macros(path='') %}
    {% set texts = [] %}
    {% for name in context.keys() | sort if context[name].macro is defined and context[name].macro.package_name == project_name %}
        {% if modules.re.match(path, context[name].macro.original_file_path) %}
            {% do texts.append(context[name].macro.macro_sql) %}
        {% endif %}
    {% endfor %}
    {% do return(texts) %}
{% endmacro %}
