{{ tiers_by_industry() }}
