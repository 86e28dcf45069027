"""Ten customers small enough to work out on paper, and what the warehouse has to say about them.

Every expected figure was worked out by hand; the arithmetic stands beside it. The review date is 2025-06-30, so
the window of the `_12m` columns is 2024-07-01 to 2025-06-30. Money is in yuan.

    H01 buys every 30 days, the last time 45 days ago: cycle 30, ratio 1.5; one invoice 15 days overdue
    H02 a single purchase: no cycle, never 0; half cents that round once; an invoice due today is not overdue
    H03 several orders a day, a return and an even exchange: three purchases on two days
    H04 a late payer: every ageing band at its border (30, 60, 90, 91 days), a dispute, a partial payment
    H05 dollars at the day's rate, a credit note, an unapplied rest
    H06 time stamps around midnight, a cancelled order, a first day outside the window: won back
    H07 only ever returned something: a prospect with a credit
    H08 has no row in `customers`: no terms, no costs, a payment larger than its invoice
    H09 busy and small: a negative profit; a bounced payment, an allocation of more than was paid
    H10 versions, copies, conflicts and broken rows around three good orders

The gaps of all customers, sorted: 1 10 15 20 25 | 30 30 30 30 | 40 60 60 70 364. There are 14; the 7th and the 8th are
30, so the reference cycle is 30 days. No industry has 30 gaps of its own.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

AS_OF_DATE = date(2025, 6, 30)
BASE_CURRENCY = "CNY"
BUSINESS_TIMEZONE = "Asia/Shanghai"

_TABLES = {
    "customers": """
        customer_id,customer_name,industry,registered_at,credit_limit,payment_terms_days,is_internal
        H01,Thirty Days,retail,2025-01-01,10000,30,false
        H02,Once,retail,2025-06-01,,,false
        H03,Back and Forth,repair,2025-01-02,500,,false
        H04,Late Payer,repair,2024-06-01,2000,,
        H05,Two Currencies,,2025-01-10,1000,,false
        H06,Midnight,retail,2024-01-01,,,false
        H07,Only Returns,,2025-04-01,100,,false
        H09,Busy Small,repair,2025-04-30,200,14,false
        H10,Many Versions,,,0,,false
        H99,Own Warehouse,retail,2024-01-01,,,true
    """,
    "exchange_rates": """
        currency,rate_date,rate_to_base
        USD,2024-12-31,7.0
        USD,2025-02-01,7.2
        USD,2025-05-01,7.1
    """,
    "orders": """
        order_id,customer_id,ordered_at,status,currency,loaded_at
        O0101,H01,2025-02-15,completed,CNY,
        O0102,H01,2025-03-17,completed,,
        O0103,H01,2025-04-16,completed,,
        O0104,H01,2025-05-16,completed,,
        O0201,H02,2025-06-10,completed,,
        O0301,H03,2025-01-10 09:00,completed,,
        O0302,H03,2025-01-10 15:30,completed,,
        O0303,H03,2025-01-30,completed,,
        O0304,H03,2025-03-01,completed,,
        O0305,H03,2025-03-02,completed,,
        O0401,H04,2025-01-05,completed,,
        O0402,H04,2025-02-14,completed,,
        O0501,H05,2025-01-15,completed,USD,
        O0502,H05,2025-03-16,completed,USD,
        O0503,H05,2025-05-15,completed,CNY,
        O0601,H06,2024-06-30 23:59:59,completed,,
        O0602,H06,2024-06-30T16:00:00Z,completed,,
        O0603,H06,2025-06-30T15:59:59Z,completed,,
        O0604,H06,2025-06-30T16:00:00Z,completed,,
        O0605,H06,2025-06-29 12:00,Cancelled ,,
        O0701,H07,2025-05-01,completed,,
        O0801,H08,2025-04-01,completed,,
        O0802,H08,2025-04-11,completed,,
        O0803,H08,2025-06-20,completed,,
        O0901,H09,2025-05-01,completed,,
        O0902,H09,2025-05-16,completed,,
        O0903,H09,2025-06-10,completed,,
        O1001,H10,2025-04-01,completed,,2025-04-02 08:00
        O1001,H10,2025-04-03,completed,,2025-04-05 08:00
        O1002,H10,2025-05-03,completed,,
        O1003,H10,2025-05-03,completed,,
        O1003,H10,2025-05-03,completed,,
        O1004,H10,2025-06-01,completed,,
        O1004,H10,2025-06-02,completed,,
        O1005,,2025-06-03,completed,,
        O1006,H10,2025-02-30,completed,,
        O1007,H10,2025-06-04,completed,XYZ,
        ,H10,2025-06-05,completed,,
        O9901,H99,2025-06-01,completed,,
        O9902,H99,2025-06-02,completed,,
    """,
    "order_lines": """
        order_line_id,order_id,product_id,quantity,unit_price,discount_amount,unit_cost
        L0101,O0101,P1,10,100.00,,80.00
        L0102,O0102,P1,10,100.00,,80.00
        L0103,O0103,P1,10,100.00,0,80.00
        L0104,O0104,P1,10,100.00,,80.00
        L0201,O0201,P1,3,19.99,5.00,12.50
        L0202,O0201,P2,1,0.05,,
        L0301,O0301,P1,2,250.00,,200.00
        L0302,O0302,P2,1,100.00,10.00,60.00
        L0303,O0303,P2,4,50.00,,30.00
        L0304,O0304,P1,-1,250.00,,200.00
        L0305,O0305,P2,1,100.00,,60.00
        L0306,O0305,P2,-1,100.00,,60.00
        L0401,O0401,P1,5,200.00,,150.00
        L0402,O0402,P1,5,200.00,,150.00
        L0501,O0501,P1,10,10.00,,6.00
        L0502,O0502,P1,5,12.345,0.725,
        L0503,O0503,P1,1,333.33,,111.11
        L0601,O0601,P1,1,1000.00,,900.00
        L0602,O0602,P1,2,30.00,,20.00
        L0603,O0603,P1,3,40.00,,25.00
        L0604,O0604,P1,7,40.00,,25.00
        L0605,O0605,P1,100,100.00,,80.00
        L0701,O0701,P1,-2,25.00,,20.00
        L0801,O0801,P1,1,100.00,,
        L0802,O0802,P1,1,100.00,,
        L0803,O0803,P1,1,100.00,,
        L0901,O0901,P1,1.5,20.00,,12.00
        L0902,O0901,P1,0,50.00,,10.00
        L0903,O0901,P2,2,0.00,,5.00
        L0904,O0902,P1,1,70.00,,40.00
        L0905,O0903,P1,1,50.00,,45.00
        L1001,O1001,P1,1,100.00,,60.00
        L1002,O1002,P1,1,200.00,,150.00
        L1002,O1002,P1,1,200.00,,150.00
        L1003,O1003,P1,1,10.00,,4.00
        L1004,O1004,P1,1,10.00,,4.00
        L1005,O1002,P1,abc,10.00,,4.00
        L1006,O1002,P1,1,-10.00,,4.00
        L1007,O7777,P1,1,10.00,,4.00
        L1008,O1002,P1,1,,,4.00
        L9901,O9901,P1,1,500.00,,400.00
        L9902,O9902,P1,1,500.00,,400.00
    """,
    "invoices": """
        invoice_id,customer_id,invoiced_at,due_at,amount,currency,is_disputed
        I0101,H01,2025-02-15,,1000.00,,false
        I0102,H01,2025-03-17,,1000.00,,false
        I0103,H01,2025-04-16,,1000.00,,false
        I0104,H01,2025-05-16,,1000.00,,false
        I0201,H02,2025-06-10,2025-06-30,55.02,,false
        I0401,H04,2025-01-05,2025-03-31,1000.00,,false
        I0402,H04,2025-02-14,2025-04-01,500.00,,false
        I0403,H04,2025-03-01,2025-05-01,300.00,,false
        I0404,H04,2025-05-01,2025-05-31,200.00,,
        I0405,H04,2025-06-01,2025-07-01,100.00,,
        I0406,H04,2025-01-20,2025-02-20,400.00,,true
        I0501,H05,2025-01-15,2025-02-14,100.00,USD,false
        I0502,H05,2025-03-16,2025-04-15,61.00,USD,false
        I0503,H05,2025-05-15,2025-06-14,333.33,CNY,false
        C0501,H05,2025-04-01,,-11.00,USD,false
        C0701,H07,2025-05-01,,-50.00,,false
        I0801,H08,2025-04-01,,100.00,,false
        I0802,H08,2025-06-20,,100.00,,false
        I0901,H09,2025-05-01,,30.00,,false
        I0902,H09,2025-05-16,,70.00,,false
        I1001,H10,2025-04-03,2025-04-30,100.00,,false
        I1002,H10,2025-07-01,2025-07-31,900.00,,false
        I1003,H10,2025-06-01,2025-06-31,100.00,,false
    """,
    "payments": """
        payment_id,customer_id,paid_at,amount,currency
        P0101,H01,2025-03-17,1000.00,
        P0102,H01,2025-04-16,1000.00,
        P0103,H01,2025-05-16,1000.00,
        P0201,H02,2025-06-15,20.00,
        P0401,H04,2025-04-10,600.00,
        P0501,H05,2025-02-24,100.00,USD
        P0502,H05,2025-05-05,70.00,USD
        P0601,H06,2025-06-01,50.00,
        P0801,H08,2025-04-06,150.00,
        P0901,H09,2025-05-10,30.00,
        P0902,H09,2025-05-20,-30.00,
        P0903,H09,2025-06-10,80.00,
        P1001,H10,2025-06-25,40.00,
        P1002,H10,2025-07-05,60.00,
        P9901,NOBODY,2025-06-01,10.00,
    """,
    "payment_allocations": """
        payment_id,invoice_id,allocated_at,amount
        P0101,I0101,2025-03-17,1000.00
        P0102,I0102,2025-04-16,1000.00
        P0103,I0103,2025-05-16,1000.00
        P0201,I0201,2025-06-15,20.00
        P0401,I0401,2025-04-10,600.00
        P0501,I0501,2025-02-24,100.00
        C0501,I0502,2025-04-01,11.00
        P0502,I0502,2025-05-05,40.00
        P0801,I0801,2025-04-06,100.00
        P0903,I0902,2025-06-10,70.00
        P0903,I0901,2025-06-12,20.00
        P1001,I1001,2025-06-28,40.00
        P1002,I1001,2025-06-29,60.00
        P0201,I7777,2025-06-15,1.00
    """,
    "interactions": """
        interaction_id,customer_id,occurred_at,kind
        N0201,H02,2025-06-11 10:00,call
        N0301,H03,2025-03-05 10:00,complaint
        N0401,H04,2024-12-30,visit
        N0402,H04,2025-03-03,visit
        N0403,H04,2024-06-30,visit
        N0901,H09,2025-05-02,support
        N0902,H09,2025-06-30,support
        N0903,H09,2025-06-30 23:00,complaint
        N0904,H09,2025-05-10,visit
        N0905,H09,2025-07-01,visit
        N0906,H09,2025-06-02,web_visit
        N9901,NOBODY,2025-06-02,visit
    """,
}

_POLICY = {
    "tier_policies": """
        policy_id,role,valid_from,description,weighting,scaling,cut,value_measure,incumbent_margin,downgrade_band,downgrade_grace_reviews,min_purchases
        hand,champion,1900-01-01,Two indicators of equal weight,equal,percentile,share,,0,,,1
    """,
    "policy_indicators": """
        policy_id,indicator,direction,weight,indicator_group,when_missing
        hand,monetary_12m,higher_is_better,0.5,financial,worst
        hand,overdue_amount,lower_is_better,0.5,financial,worst
    """,
    "policy_judgements": "policy_id,indicator,compared_with,judgement",
    "policy_tiers": """
        policy_id,tier_rank,tier_code,label_en,label_zh,customer_share,min_score,cumulative_value
        hand,1,A,Key,关键,0.2,,
        hand,2,B,Main,主要,0.3,,
        hand,3,C,Standard,普通,0.5,,
    """,
    "policy_caps": """
        policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh
        hand,over_90,ageing_over_90,0.01,3,More than 90 days overdue,逾期超过90天
    """,
    "tier_overrides": "override_id,customer_id,tier_code,valid_from,expires_on,decided_by,reason",
    "policy_life_cycle": """
        policy_id,stage,min_days,cycle_multiple
        hand,lost,365,6
        hand,silent,180,3
        hand,at_risk,45,1.5
        hand,new,90,
        hand,growing,365,
    """,
    "tier_treatments": """
        tier_code,lifecycle_stage,service_policy_en,service_policy_zh,contact_every_days,response_target_hours,credit_terms_days,discount_rate,owner_role,cost_ceiling
        A,any,Personal service,专属服务,30,4,60,0.05,key_account_manager,5000
        B,any,Regular service,常规服务,60,24,30,0.02,sales,1000
        C,any,Standard process,标准化服务,90,48,0,0,service_desk,100
        prospect,any,Standard process,标准化服务,90,48,0,0,service_desk,100
        not_enough_history,any,Standard process,标准化服务,90,48,0,0,service_desk,100
    """,
    # The call's half cent shows that money is rounded once, when the metric is stored.
    "cost_rates": """
        cost_driver,unit_cost,valid_from
        order,2.00,1900-01-01
        order,3.00,2025-01-01
        order_line,0.50,1900-01-01
        return_line,4.00,1900-01-01
        complaint,20.00,1900-01-01
        support,30.00,1900-01-01
        visit,100.00,1900-01-01
        call,5.005,1900-01-01
    """,
}

# What has to be in quarantine, with payment_allocations supplied: table, key (parts joined by " / "), reason.
EXPECTED_QUARANTINE = [
    ("orders", "O1003", "duplicate"),  # the second of two identical rows
    ("orders", "O1004", "conflicting_duplicate"),  # two rows, two days, nothing to order them
    ("orders", "O1004", "conflicting_duplicate"),
    ("orders", "O1005", "missing_customer"),
    ("orders", "O1006", "impossible_date"),  # 30 February
    ("orders", "O1007", "unknown_currency"),
    ("orders", None, "missing_key"),
    ("order_lines", "L1002", "duplicate"),
    ("order_lines", "L1004", "order_quarantined"),
    ("order_lines", "L1005", "not_a_number"),
    ("order_lines", "L1006", "negative_price"),
    ("order_lines", "L1007", "orphan_order"),
    ("order_lines", "L1008", "missing_number"),
    ("invoices", "I1003", "impossible_date"),  # 31 June
    ("payments", "P9901", "unknown_customer"),
    ("payment_allocations", "P0903 / I0901 / 2025-06-12", "over_allocated"),  # 70 + 20 = 90 of the 80 that were paid
    ("payment_allocations", "P0201 / I7777 / 2025-06-15", "orphan_invoice"),
    ("interactions", "N9901", "unknown_customer"),
]


def _d(text: str) -> Decimal:
    return Decimal(text)


_NO_ARREARS = {
    "open_amount": _d("0"),
    "overdue_amount": _d("0"),
    "disputed_amount": _d("0"),
    "unapplied_amount": _d("0"),
    "overdue_ratio": None,
    "max_days_overdue": 0,
    "weighted_days_late": None,
    "ageing_current": _d("0"),
    "ageing_1_30": _d("0"),
    "ageing_31_60": _d("0"),
    "ageing_61_90": _d("0"),
    "ageing_over_90": _d("0"),
    "credit_used_ratio": None,
}

# The `customer_metrics` row of each customer at 2025-06-30, and its stage of the life cycle, with
# payment_allocations supplied.
EXPECTED: dict[str, dict[str, object]] = {
    "H01": {
        # four orders of 10 x 100.00 at a cost of 10 x 80.00
        "first_purchase_date": date(2025, 2, 15),
        "last_purchase_date": date(2025, 5, 16),
        "recency_days": 45,  # May 15 + June 30
        "tenure_days": 135,  # February 13 + March 31 + April 30 + May 31 + June 30
        "purchase_count": 4,
        "purchase_days": 4,
        "frequency_12m": 4,
        "monetary_12m": _d("4000.00"),
        "monetary_lifetime": _d("4000.00"),
        "units_12m": _d("40"),
        "average_order_value_12m": _d("1000"),
        "gross_margin_12m": _d("800.00"),  # 4 x (1000 - 800)
        "cost_to_serve_12m": _d("14.00"),  # 4 orders x 3.00 + 4 lines x 0.50
        "net_profit_12m": _d("786.00"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("30"),  # 15 February + 30 = 17 March; + 30 = 16 April; + 30 = 16 May
        "expected_cycle_days": _d("30"),  # (3 x 30 + 3 x 30) / 6
        "cycle_variation": _d("0"),
        "cycle_overdue_ratio": _d("1.5"),  # 45 / 30
        "expected_next_purchase_date": date(2025, 6, 15),
        # Terms of 30 days: the first three invoices were paid on their due days, the fourth was due on 15 June.
        **_NO_ARREARS,
        "open_amount": _d("1000.00"),
        "overdue_amount": _d("1000.00"),
        "overdue_ratio": _d("1"),
        "max_days_overdue": 15,
        "weighted_days_late": _d("3.75"),  # 1000 x 15 / 4000
        "ageing_1_30": _d("1000.00"),
        "credit_used_ratio": _d("0.1"),  # 1000 / 10000
        "lifecycle_stage": "growing",  # 45 is not above 45 (at risk); tenure 135 is above 90
    },
    "H02": {
        # 3 x 19.99 - 5.00 = 54.97, and 1 x 0.05 without a cost
        "first_purchase_date": date(2025, 6, 10),
        "last_purchase_date": date(2025, 6, 10),
        "recency_days": 20,
        "tenure_days": 20,
        "purchase_count": 1,
        "purchase_days": 1,
        "frequency_12m": 1,
        "monetary_12m": _d("55.02"),
        "monetary_lifetime": _d("55.02"),
        "units_12m": _d("4"),
        "average_order_value_12m": _d("55.02"),
        "gross_margin_12m": _d("17.47"),  # 54.97 - 3 x 12.50; the line without a cost stays out
        "cost_to_serve_12m": _d("9.01"),  # 3.00 + 2 x 0.50 + one call 5.005 = 9.005
        "net_profit_12m": _d("8.47"),  # 17.47 - 9.005 = 8.465
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": None,
        "expected_cycle_days": _d("30"),  # the reference alone
        "cycle_variation": None,
        "cycle_overdue_ratio": _d("0.666667"),  # 20 / 30
        "expected_next_purchase_date": date(2025, 7, 10),
        **_NO_ARREARS,
        "open_amount": _d("35.02"),  # 55.02 - 20.00, due today: not overdue
        "overdue_ratio": _d("0"),
        "weighted_days_late": _d("0"),
        "ageing_current": _d("35.02"),
        "lifecycle_stage": "new",
    },
    "H03": {
        # 10 January: 2 x 250.00 = 500 and 1 x 100.00 - 10.00 = 90; 30 January: 4 x 50.00 = 200;
        # 1 March: a return of 250; 2 March: one out, one back = 0, which is no purchase
        "first_purchase_date": date(2025, 1, 10),
        "last_purchase_date": date(2025, 1, 30),
        "recency_days": 151,  # January 1 + February 28 + March 31 + April 30 + May 31 + June 30
        "tenure_days": 171,  # 151 + 20
        "purchase_count": 3,
        "purchase_days": 2,
        "frequency_12m": 3,
        "monetary_12m": _d("540.00"),  # 500 + 90 + 200 - 250 + 0
        "monetary_lifetime": _d("540.00"),
        "units_12m": _d("6"),  # 2 + 1 + 4 - 1 + 1 - 1
        "average_order_value_12m": _d("180"),  # 540 / 3
        "gross_margin_12m": _d("160.00"),  # (500 - 400) + (90 - 60) + (200 - 120) + (-250 + 200) + (40 - 40)
        "cost_to_serve_12m": _d("45.00"),  # 5 orders x 3.00 + 4 lines x 0.50 + 2 returned x 4.00 + a complaint 20.00
        "net_profit_12m": _d("115.00"),
        "return_rate_12m": _d("0.316456"),  # 250 / 790 = 0.3164556...
        "purchase_cycle_days": _d("20"),  # one gap
        "expected_cycle_days": _d("27.5"),  # (1 x 20 + 3 x 30) / 4
        "cycle_variation": None,  # one gap has no standard deviation
        "cycle_overdue_ratio": _d("5.490909"),  # 151 / 27.5 = 5.490909...
        "expected_next_purchase_date": date(2025, 2, 27),  # 27.5 rounds to 28: January 1 + February 27
        **_NO_ARREARS,  # no invoice at all
        "credit_used_ratio": _d("0"),  # 0 / 500
        "lifecycle_stage": "at_risk",  # 151 is above 45 and 41.25, not above 180
    },
    "H04": {
        # two orders of 5 x 200.00 at a cost of 5 x 150.00
        "first_purchase_date": date(2025, 1, 5),
        "last_purchase_date": date(2025, 2, 14),
        "recency_days": 136,  # February 14 + March 31 + April 30 + May 31 + June 30
        "tenure_days": 176,  # 136 + 40
        "purchase_count": 2,
        "purchase_days": 2,
        "frequency_12m": 2,
        "monetary_12m": _d("2000.00"),
        "monetary_lifetime": _d("2000.00"),
        "units_12m": _d("10"),
        "average_order_value_12m": _d("1000"),
        "gross_margin_12m": _d("500.00"),  # 2 x (1000 - 750)
        "cost_to_serve_12m": _d("207.00"),  # 2 x 3.00 + 2 x 0.50 + 2 visits x 100.00; 2024-06-30 is outside
        "net_profit_12m": _d("293.00"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("40"),  # January 26 + February 14
        "expected_cycle_days": _d("32.5"),  # (1 x 40 + 3 x 30) / 4
        "cycle_variation": None,
        "cycle_overdue_ratio": _d("4.184615"),  # 136 / 32.5 = 4.1846153...
        "expected_next_purchase_date": date(2025, 3, 19),  # 33 days: February 14 + March 19
        # Days past due at 30 June: I0401 of 31 March 91; I0402 of 1 April 90; I0403 of 1 May 60; I0404 of 31 May 30;
        # I0405 of 1 July none; I0406, disputed, of 20 February 130. 600 of I0401 were paid on 10 April, 10 days late.
        "open_amount": _d("1900.00"),  # 400 + 500 + 300 + 200 + 100 + 400
        "overdue_amount": _d("1400.00"),  # 400 + 500 + 300 + 200
        "disputed_amount": _d("400.00"),
        "unapplied_amount": _d("0"),
        "overdue_ratio": _d("0.736842"),  # 1400 / 1900 = 0.7368421...
        "max_days_overdue": 91,
        # (600 x 10 + 400 x 91 + 500 x 90 + 300 x 60 + 200 x 30 + 400 x 130) / 2500
        # = (6000 + 36400 + 45000 + 18000 + 6000 + 52000) / 2500 = 163400 / 2500
        "weighted_days_late": _d("65.36"),
        "ageing_current": _d("100.00"),
        "ageing_1_30": _d("200.00"),
        "ageing_31_60": _d("300.00"),
        "ageing_61_90": _d("500.00"),
        "ageing_over_90": _d("400.00"),
        "credit_used_ratio": _d("0.95"),  # 1900 / 2000
        "lifecycle_stage": "at_risk",  # 136 is above 45 and 48.75, not above 180
    },
    "H05": {
        # 100.00 dollars x 7.0 = 700; (5 x 12.345 - 0.725) = 61.00 dollars x 7.2 = 439.20; 333.33 yuan
        "first_purchase_date": date(2025, 1, 15),
        "last_purchase_date": date(2025, 5, 15),
        "recency_days": 46,  # May 16 + June 30
        "tenure_days": 166,  # 46 + 60 + 60
        "purchase_count": 3,
        "purchase_days": 3,
        "frequency_12m": 3,
        "monetary_12m": _d("1472.53"),
        "monetary_lifetime": _d("1472.53"),
        "units_12m": _d("16"),
        "average_order_value_12m": _d("490.843333"),  # 1472.53 / 3
        "gross_margin_12m": _d("502.22"),  # (100 - 60) x 7.0 + 222.22; the second order has no cost
        "cost_to_serve_12m": _d("10.50"),  # 3 x 3.00 + 3 x 0.50
        "net_profit_12m": _d("491.72"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("60"),  # January 16 + February 28 + March 16; March 15 + April 30 + May 15
        "expected_cycle_days": _d("42"),  # (2 x 60 + 3 x 30) / 5
        "cycle_variation": _d("0"),
        "cycle_overdue_ratio": _d("1.095238"),  # 46 / 42 = 1.0952380...
        "expected_next_purchase_date": date(2025, 6, 26),  # May 16 + June 26
        # I0502 has 61 - 11 (credit note) - 40 = 10 dollars open, at the 7.2 of its day 72.00, 76 days past due.
        # I0503 has 333.33 open, 16 days past due. Of P0502 70 - 40 = 30 dollars are unapplied, at 7.1 213.00.
        "open_amount": _d("405.33"),
        "overdue_amount": _d("405.33"),
        "disputed_amount": _d("0"),
        "unapplied_amount": _d("213.00"),
        "overdue_ratio": _d("1"),
        "max_days_overdue": 76,  # April 15 + May 31 + June 30
        # I0501 700 x 10; I0502 11 dollars early, 40 x 7.2 x 20, 10 x 7.2 x 76; I0503 333.33 x 16
        # = 7000 + 0 + 5760 + 5472 + 5333.28 = 23565.28, over 700 + 439.20 + 333.33 = 1472.53: 16.0032596...
        "weighted_days_late": _d("16.003260"),
        "ageing_current": _d("0"),
        "ageing_1_30": _d("333.33"),
        "ageing_31_60": _d("0"),
        "ageing_61_90": _d("72.00"),
        "ageing_over_90": _d("0"),
        "credit_used_ratio": _d("0.19233"),  # (405.33 - 213.00) / 1000
        "lifecycle_stage": "growing",  # 46 is above 45 but not above 1.5 x 42 = 63; tenure 166
    },
    "H06": {
        # 2024-06-30 local: 1 x 1000.00, one day before the window. 16:00 in Greenwich is midnight in Shanghai, so
        # 2024-07-01: 2 x 30.00 = 60; 2025-06-30: 3 x 40.00 = 120; one second later is 1 July and does not exist yet.
        "first_purchase_date": date(2024, 6, 30),
        "last_purchase_date": date(2025, 6, 30),
        "recency_days": 0,
        "tenure_days": 365,
        "purchase_count": 3,
        "purchase_days": 3,
        "frequency_12m": 2,
        "monetary_12m": _d("180.00"),
        "monetary_lifetime": _d("1180.00"),
        "units_12m": _d("5"),
        "average_order_value_12m": _d("90"),
        "gross_margin_12m": _d("65.00"),  # 2 x 10 + 3 x 15
        "cost_to_serve_12m": _d("6.00"),  # an order at the 2.00 of 2024, one at 3.00, 2 lines x 0.50
        "net_profit_12m": _d("59.00"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("182.5"),  # (1 + 364) / 2
        "expected_cycle_days": _d("91"),  # (2 x 182.5 + 3 x 30) / 5
        "cycle_variation": _d("1.406464"),  # deviation 363 / root of 2 = 256.679762, over 182.5 = 1.4064644...
        "cycle_overdue_ratio": _d("0"),
        "expected_next_purchase_date": date(2025, 9, 29),  # July 31 + August 31 + September 29
        **_NO_ARREARS,
        "unapplied_amount": _d("50.00"),  # paid without an invoice
        # The last gap, 364, is above 180 and above 3 x (1 x 1 + 3 x 30) / 4 = 68.25: it had been silent.
        "lifecycle_stage": "won_back",
    },
    "H07": {
        # one return: -2 x 25.00 at a cost of -2 x 20.00
        "first_purchase_date": None,
        "last_purchase_date": None,
        "recency_days": None,
        "tenure_days": None,
        "purchase_count": 0,
        "purchase_days": 0,
        "frequency_12m": 0,
        "monetary_12m": _d("-50.00"),
        "monetary_lifetime": _d("-50.00"),
        "units_12m": _d("-2"),
        "average_order_value_12m": None,
        "gross_margin_12m": _d("-10.00"),  # -50 + 40
        "cost_to_serve_12m": _d("7.00"),  # 3.00 + one returned line 4.00
        "net_profit_12m": _d("-17.00"),
        "return_rate_12m": None,
        "purchase_cycle_days": None,
        "expected_cycle_days": _d("30"),  # without an own gap the reference
        "cycle_variation": None,
        "cycle_overdue_ratio": None,
        "expected_next_purchase_date": None,
        **_NO_ARREARS,
        "unapplied_amount": _d("50.00"),  # the credit note
        "credit_used_ratio": _d("-0.5"),  # (0 - 50) / 100
        "lifecycle_stage": "potential",
    },
    "H08": {
        # three orders of 100.00 without costs
        "first_purchase_date": date(2025, 4, 1),
        "last_purchase_date": date(2025, 6, 20),
        "recency_days": 10,
        "tenure_days": 90,  # April 29 + May 31 + June 30
        "purchase_count": 3,
        "purchase_days": 3,
        "frequency_12m": 3,
        "monetary_12m": _d("300.00"),
        "monetary_lifetime": _d("300.00"),
        "units_12m": _d("3"),
        "average_order_value_12m": _d("100"),
        "gross_margin_12m": None,  # no line has a cost
        "cost_to_serve_12m": _d("10.50"),  # 3 x 3.00 + 3 x 0.50
        "net_profit_12m": None,
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("40"),  # between 10 and April 19 + May 31 + June 20 = 70
        "expected_cycle_days": _d("34"),  # (2 x 40 + 3 x 30) / 5
        "cycle_variation": _d("1.060660"),  # deviation 60 / root of 2 = 42.426407, over 40 = 1.0606601...
        "cycle_overdue_ratio": _d("0.294118"),  # 10 / 34 = 0.2941176...
        "expected_next_purchase_date": date(2025, 7, 24),  # June 10 + July 24
        # Without terms an invoice is due on its own day. I0801 was paid 5 days later, out of 150; I0802 is open.
        **_NO_ARREARS,
        "open_amount": _d("100.00"),
        "overdue_amount": _d("100.00"),
        "unapplied_amount": _d("50.00"),
        "overdue_ratio": _d("1"),
        "max_days_overdue": 10,
        "weighted_days_late": _d("7.5"),  # (100 x 5 + 100 x 10) / 200
        "ageing_1_30": _d("100.00"),
        "lifecycle_stage": "new",  # tenure 90 is not above 90
    },
    "H09": {
        # 1.5 x 20.00 + 0 x 50.00 + 2 x 0.00 = 30; 70; 50
        "first_purchase_date": date(2025, 5, 1),
        "last_purchase_date": date(2025, 6, 10),
        "recency_days": 20,
        "tenure_days": 60,  # May 30 + June 30
        "purchase_count": 3,
        "purchase_days": 3,
        "frequency_12m": 3,
        "monetary_12m": _d("150.00"),
        "monetary_lifetime": _d("150.00"),
        "units_12m": _d("5.5"),  # 1.5 + 0 + 2 + 1 + 1
        "average_order_value_12m": _d("50"),
        "gross_margin_12m": _d("37.00"),  # (30 - 18) + 0 + (0 - 10) + (70 - 40) + (50 - 45)
        # 3 orders x 3.00 + 5 lines x 0.50 + 2 support x 30.00 + a complaint 20.00 + a visit 100.00; web visits are free
        "cost_to_serve_12m": _d("191.50"),
        "net_profit_12m": _d("-154.50"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("20"),  # between 15 and May 15 + June 10 = 25
        "expected_cycle_days": _d("26"),  # (2 x 20 + 3 x 30) / 5
        "cycle_variation": _d("0.353553"),  # deviation 10 / root of 2 = 7.071068, over 20 = 0.3535533...
        "cycle_overdue_ratio": _d("0.769231"),  # 20 / 26 = 0.7692307...
        "expected_next_purchase_date": date(2025, 7, 6),  # June 20 + July 6
        # Terms of 14 days: I0901 was due on 15 May, I0902 on 30 May. P0903 settled I0902 11 days late; its second
        # allocation was more than it had. P0901 came back as P0902. Unapplied: 30 - 30 + 80 - 70.
        **_NO_ARREARS,
        "open_amount": _d("30.00"),
        "overdue_amount": _d("30.00"),
        "unapplied_amount": _d("10.00"),
        "overdue_ratio": _d("1"),
        "max_days_overdue": 46,  # May 16 + June 30
        "weighted_days_late": _d("21.5"),  # (30 x 46 + 70 x 11) / 100
        "ageing_31_60": _d("30.00"),
        "credit_used_ratio": _d("0.1"),  # (30 - 10) / 200
        "lifecycle_stage": "new",
    },
    "H10": {
        # The later version moved O1001 to 3 April: 100. 3 May: 200, and 10 from an order that came twice.
        "first_purchase_date": date(2025, 4, 3),
        "last_purchase_date": date(2025, 5, 3),
        "recency_days": 58,  # May 28 + June 30
        "tenure_days": 88,  # 58 + 30
        "purchase_count": 3,
        "purchase_days": 2,
        "frequency_12m": 3,
        "monetary_12m": _d("310.00"),
        "monetary_lifetime": _d("310.00"),
        "units_12m": _d("3"),
        "average_order_value_12m": _d("103.333333"),  # 310 / 3
        "gross_margin_12m": _d("96.00"),  # 40 + 50 + 6
        "cost_to_serve_12m": _d("10.50"),  # 3 x 3.00 + 3 x 0.50
        "net_profit_12m": _d("85.50"),
        "return_rate_12m": _d("0"),
        "purchase_cycle_days": _d("30"),
        "expected_cycle_days": _d("30"),  # (1 x 30 + 3 x 30) / 4
        "cycle_variation": None,
        "cycle_overdue_ratio": _d("1.933333"),  # 58 / 30
        "expected_next_purchase_date": date(2025, 6, 2),
        # Paid on 25 June, allocated on 28 June: it counts from the 28th, 59 days late. P1002 is not paid yet.
        **_NO_ARREARS,
        "open_amount": _d("60.00"),
        "overdue_amount": _d("60.00"),
        "overdue_ratio": _d("1"),
        "max_days_overdue": 61,  # May 31 + June 30
        "weighted_days_late": _d("60.2"),  # (40 x 59 + 60 x 61) / 100
        "ageing_61_90": _d("60.00"),
        "lifecycle_stage": "at_risk",  # 58 is above 45 and 1.5 x 30
    },
}

# What changes without the table payment_allocations, when credits settle the oldest invoices first.
EXPECTED_FIRST_IN_FIRST_OUT: dict[str, dict[str, object]] = {
    "H05": {
        # Dollars: I0501 takes 100 of P0501, I0502 takes 11 of the credit note and 50 of P0502; 20 x 7.1 are left.
        "open_amount": _d("333.33"),
        "overdue_amount": _d("333.33"),
        "unapplied_amount": _d("142.00"),
        "max_days_overdue": 16,
        "ageing_61_90": _d("0"),
        # 700 x 10 + 50 x 7.2 x 20 + 333.33 x 16 = 7000 + 7200 + 5333.28 = 19533.28, over 1472.53: 13.2651151...
        "weighted_days_late": _d("13.265115"),
        "credit_used_ratio": _d("0.19133"),  # (333.33 - 142.00) / 1000
    },
    "H08": {
        # The rest of the payment, 50, settles I0802 on its own day.
        "open_amount": _d("50.00"),
        "overdue_amount": _d("50.00"),
        "unapplied_amount": _d("0"),
        "ageing_1_30": _d("50.00"),
        "weighted_days_late": _d("5"),  # (100 x 5 + 50 x 0 + 50 x 10) / 200
    },
    "H09": {
        # The level: 30 on 10 May, 0 on 20 May, 80 on 10 June. Then I0901 is settled, 26 days late, and 50 of I0902,
        # 11 days late; its last 20 are 31 days past due.
        "open_amount": _d("20.00"),
        "overdue_amount": _d("20.00"),
        "unapplied_amount": _d("0"),
        "max_days_overdue": 31,
        "ageing_31_60": _d("20.00"),
        "weighted_days_late": _d("19.5"),  # (30 x 26 + 50 x 11 + 20 x 31) / 100
        "credit_used_ratio": _d("0.1"),  # 20 / 200
    },
    "H10": {
        # The payment counts from its own day, 25 June: 56 days late.
        "weighted_days_late": _d("59"),  # (40 x 56 + 60 x 61) / 100
    },
}


def _write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerows(line.lstrip().split(",") for line in text.strip().splitlines())


def write_hand_company(folder: Path, with_allocations: bool = True) -> list[str]:
    """Write the raw tables as CSV files; returns the names of the tables written.

    Many rows are broken on purpose: build with `max_quarantined_share: 1`.
    """
    names = [name for name in _TABLES if with_allocations or name != "payment_allocations"]
    for name in names:
        _write(folder, name, _TABLES[name])
    return names


def write_hand_policy(folder: Path) -> None:
    """Write all policy seeds as CSV files: the cost rates that the figures rest on, and a small policy."""
    for name, text in _POLICY.items():
        _write(folder, name, text)
