{#-
    Run after a model that measures the first block of reviews (measured_dates), block_no = 1: its SQL once more for each other block.
    A long history of many customers measured in one statement would need more disk than most machines have; where all
    reviews fit into one block, there is nothing more to do.
-#}
{% macro insert_other_blocks() %}
    {% if execute and not flags.EMPTY %}
        {% set blocks = run_query('select distinct block_no from ' ~ ref('measured_dates') ~ ' where block_no > 1 order by block_no') %}
        {% if blocks.rows %}
            {% set columns = get_columns_in_query(sql) | join(', ') %}
            {% for block in blocks.rows %}
                {% do run_query(
                    'insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ sql | replace('block_no = 1', 'block_no = ' ~ block.block_no)
                ) %}
            {% endfor %}
            {% do return(collect_statistics()) %}
        {% endif %}
    {% endif %}
{% endmacro %}
