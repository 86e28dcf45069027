-- What: every customer of the latest review has a treatment (treatment_plan has none twice) with a service policy, and its next contact
-- is not due before the review and not later than the promise.
-- Why: D5, D8: each of the best has one policy and a next contact; the standard process covers the rest.
-- How to mend: look at seeds/policy/tier_treatments.csv and at treatment_plan.
select
    customer_tiers.customer_id,
    treatment_plan.tier_code,
    treatment_plan.service_policy_en,
    treatment_plan.next_contact_due as found,
    treatment_plan.as_of_date as bound
from {{ ref('customer_tiers') }} as customer_tiers
left join {{ ref('treatment_plan') }} as treatment_plan
    on customer_tiers.customer_id = treatment_plan.customer_id
    and customer_tiers.tier_code = treatment_plan.tier_code
where
    treatment_plan.service_policy_en is null
    or treatment_plan.next_contact_due < treatment_plan.as_of_date
    or treatment_plan.next_contact_due > treatment_plan.as_of_date + treatment_plan.contact_every_days
