{#-
    Takes the rows out of a table of measured reviews that this run replaces: those of reviews that are due, that were
    measured under other settings, or that are in the past and reviews no more, such as a provisional one. All of them when
    an earlier version of the project wrote the table.
-#}
{% macro forget_reviews() %}
    {% if execute and is_incremental() and not flags.EMPTY %}
        {% do warn_of_another_source() %}
        {{ lock_table() }}
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


{#- One database has the history of one source: what it holds of another is measured anew, and that is said. -#}
{% macro warn_of_another_source() %}
    {% if this.identifier == 'measured_metrics' and built_relation(this.identifier, 'measuring_settings') is not none %}
        {% set reviews = run_query(
            "select count(distinct review_date) as reviews from " ~ this ~ " where measuring_settings not like '" ~ measured_source() ~ "-%'"
        ).columns['reviews'].values()[0] %}
        {% if reviews > 0 %}
            {% do exceptions.warn(
                reviews ~ ' reviews that were measured from another source are dropped, and those of this run measured anew: one of '
                ~ 'raw_location, raw_format, raw_layout, raw_database, raw_schema, known_at and base_currency is not what it was. '
                ~ 'To keep two histories, give each its own database (CUSTOMER_TIERING_DB, or another schema).'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
