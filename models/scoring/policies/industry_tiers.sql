{{ config(materialized='view') }}

{{ tiers_by_industry() }}
