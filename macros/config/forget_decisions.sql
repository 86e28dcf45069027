{#-
    Takes the rows out of a table of decisions that this run replaces: all but those of the reviews that are kept, which are the ones
    without `due` in the model `reviews` (is_due, or is_scored where the last kept review is written once more). A table that is made
    from nothing while reviews are kept would lack those: an error says what to run instead.
-#}
{% macro forget_decisions(due='is_due', reviews='review_policies') %}
    {% if execute and not flags.EMPTY %}
        {% set kept_reviews = 'select as_of_date from ' ~ ref(reviews) ~ ' where not ' ~ due %}
        {% if is_incremental() %}
            {{ lock_table() }}
            delete from {{ this }}
            where as_of_date not in ({{ kept_reviews }})
        {% elif run_query(kept_reviews ~ ' limit 1').rows %}
            {% do exceptions.raise_compiler_error(
                this.identifier ~ ' would be made anew from the reviews that are due, and lack those that other tables keep. '
                ~ 'Run dbt build --full-refresh --select review_policies+ instead.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
