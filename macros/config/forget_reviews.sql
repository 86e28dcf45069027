{#-
    Takes the rows out of a table of measured reviews that this run replaces: those of reviews that are due, that were
    measured under other settings, or that are in the past and reviews no more, such as a provisional one. All of them when
    an earlier version of the project wrote the table.
-#}
{% macro forget_reviews() %}
    {% if execute and is_incremental() and not flags.EMPTY %}
        delete from {{ this }}
        {% if built_relation(this.identifier, 'measuring_settings') is not none %}
        where
            measuring_settings <> '{{ measuring_settings() }}'
            or review_date in (select due_reviews.as_of_date from {{ ref('review_dates') }} as due_reviews where due_reviews.is_due)
            or (
                review_date <= cast('{{ settings().as_of_date }}' as date)
                and review_date not in (select all_reviews.as_of_date from {{ ref('review_dates') }} as all_reviews)
            )
        {% endif %}
    {% endif %}
{% endmacro %}
