{#-
    A hash of all that decides a tier, beside the measurements: the policy as it lies in the database (a seed on disk may not be loaded
    yet), the SQL of scoring and marts, and every macro. Reviews that were decided under another one are decided again.
-#}
{% macro deciding_settings() %}
    {% set parts = [measuring_settings(), settings().ledger_reviews, settings().stability_margins | join(',')] %}
    {% if execute and not flags.EMPTY %}
        {% for id, node in graph.nodes | dictsort %}
            {% if node.resource_type == 'model' and (node.path.startswith('scoring/') or node.path.startswith('marts/')) %}
                {% do parts.append(node.checksum.checksum) %}
            {% elif node.resource_type == 'seed' and node.path.startswith('policy/') %}
                {# by ref: with --defer it lies elsewhere #}
                {% set place = ref(node.name) %}
                {% set seed = adapter.get_relation(database=place.database, schema=place.schema, identifier=place.identifier) %}
                {% if seed is not none %}
                    {% set rows = run_query('select * from ' ~ seed) %}
                    {% do parts.append(node.name ~ rows.column_names | join(',')) %}
                    {% for row in rows.rows %}
                        {% do parts.append(row.values() | join('|')) %}
                    {% endfor %}
                {% endif %}
            {% endif %}
        {% endfor %}
        {% do parts.extend(project_macros()) %}
    {% endif %}
    {% do return(local_md5(parts | join('|'))) %}
{% endmacro %}
