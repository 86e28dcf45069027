{#-
    Takes out of customer_metrics what this run writes: all but the reviews of kept_reviews, from which review_dates has just taken those
    that are measured anew. That table is made long after this one, so it is looked up and not depended on.
-#}
{% macro forget_metrics() %}
    {% if execute and is_incremental() and not flags.EMPTY %}
        {% set kept_reviews = built_relation('kept_reviews', 'deciding_settings') %}
        {{ lock_table() }}
        delete from {{ this }}
        {% if kept_reviews is not none %}
        where as_of_date not in (select kept_reviews.as_of_date from {{ kept_reviews }} as kept_reviews)
        {% endif %}
    {% endif %}
{% endmacro %}
