{#-
    The gate between the raw data and everything that decides something: an error that names the table, how much of it
    is quarantined, the most frequent reason and where to look. Runs when data_quality has just been built.
-#}
{% macro stop_when_too_much_is_quarantined() %}
    {% if execute and not flags.EMPTY %}
        {% set failures = run_query(
            "select table_name, max(rows_seen) - sum(case when check_name = 'duplicate' then rows_quarantined else 0 end),"
            ~ " sum(case when check_name <> 'duplicate' then rows_quarantined else 0 end) from " ~ ref('data_quality')
            ~ " where severity = 'error' group by table_name order by table_name"
        ).rows %}
        {% set messages = [] %}
        {% for row in failures %}
            {% set worst = run_query(
                "select check_name, rows_quarantined, example_key, remedy from " ~ ref('data_quality') ~ " where table_name = '" ~ row[0]
                ~ "' and check_name <> 'duplicate' order by rows_quarantined desc, check_name limit 1"
            ).rows[0] %}
            {% do messages.append(
                row[0] ~ ': ' ~ row[2] ~ ' of ' ~ row[1] ~ ' rows (' ~ '%.1f' | format(100 * row[2] / row[1]) ~ ' %) are quarantined, most of them ' ~ worst[0] ~ ' (' ~ worst[1]
                ~ ' rows, for example ' ~ worst[2] ~ '). ' ~ worst[3]
            ) %}
        {% endfor %}
        {% if messages %}
            {% do exceptions.raise_compiler_error(
                'more of a raw table is quarantined than max_quarantined_share (' ~ settings().max_quarantined_share
                ~ ') allows; no tier was made.\n' ~ messages | join('\n') ~ '\nSee every row in quarantined_rows, all checks in data_quality. '
                ~ 'Mend the source, or raise max_quarantined_share when the loss is known and accepted.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
