"""What passes between company and customers beside trade: service, campaigns, surveys, referrals, wallets, points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from customer_tiering.sample_company import catalogue
from customer_tiering.sample_company.records import (
    FIRST_DAY,
    LAST_DAY,
    Company,
    Customer,
    Dice,
    Interaction,
    Order,
    Survey,
)

SERVICE_KINDS = ("complaint", "support", "visit", "call", "contact")
YEAR_START = date(2025, 1, 1)

# Service events of a customer in 2023, 2024 and 2025: what the new customers take in 2025 comes on top.
EVENTS_A_YEAR = {
    "best": (2.4, 2.8, 3.0),
    "core": (1.3, 1.7, 1.8),
    "small": (0.4, 0.6, 0.7),
    "individual": (0.3, 0.3, 0.3),
    "quiet_leaver": (2.0, 2.5, 2.5),
    "lost_key": (2.0, 2.5, 0.0),
    "won_back": (2.0, 2.0, 2.0),
    "slow": (0.8, 0.8, 0.8),
    "late": (1.5, 2.5, 3.5),
    "unpaid": (1.0, 2.0, 4.5),
    "busy": (12.0, 24.0, 27.0),
    "prospect": (0.0, 1.6, 1.8),
    "twin": (1.5, 1.5, 1.5),
    "exact": (1.0, 1.0, 1.0),
    "single": (0.0, 2.0, 0.0),
}
KIND_WEIGHTS = {
    "best": {"complaint": 14, "support": 32, "visit": 12, "call": 24, "contact": 18},
    "core": {"complaint": 10, "support": 32, "visit": 5, "call": 30, "contact": 23},
    "busy": {"complaint": 26, "support": 44, "visit": 4, "call": 16, "contact": 10},
    "new": {"complaint": 16, "support": 40, "visit": 9, "call": 20, "contact": 15},
    "late": {"complaint": 8, "support": 14, "visit": 4, "call": 52, "contact": 22},
    "unpaid": {"complaint": 14, "support": 8, "visit": 8, "call": 50, "contact": 20},
    "prospect": {"visit": 8, "call": 42, "contact": 50},
}


def service_event(customer: Customer, day: date, kind: str, dice: Dice) -> Interaction:
    """One event in working hours; complaints and support have an answer, which the best customers wait for longest."""
    moment = datetime.combine(day, time(dice.whole(9, 17), dice.whole(0, 59)))
    event = Interaction(customer, moment, kind)
    if kind in ("complaint", "support"):
        hours = dice.between(15, 46) if customer.group == "best" else dice.between(0.5, 9)
        event.first_response = moment + timedelta(minutes=int(hours * 60))
        event.resolved = event.first_response + timedelta(minutes=int(dice.between(1, 70) * 60))
        if event.resolved.date() > LAST_DAY:
            event.resolved = None
        if event.first_response.date() > LAST_DAY:
            event.first_response = None
    elif kind in ("visit", "call"):
        event.minutes = 5 * (dice.whole(9, 36) if kind == "visit" else dice.whole(1, 7))
    return event


def contact_span(customer: Customer, year: int) -> tuple[date, date]:
    """The days of a year on which the customer and the company have to do with each other."""
    first, last = customer.first_day, customer.last_day
    if customer.group == "prospect":
        first, last = customer.registered, LAST_DAY
    elif customer.group in ("late", "unpaid"):
        last = LAST_DAY
    first = max(first - timedelta(days=15), customer.registered, FIRST_DAY)
    if customer.group == "won_back" and year == 2025:
        first, last = date(2025, 10, 13), LAST_DAY
    elif customer.group not in ("quiet_leaver", "lost_key", "won_back"):
        last = min(LAST_DAY, last + timedelta(days=25))
    return max(first, date(year, 1, 2)), min(last, date(year, 12, 30))


def old_service(customer: Customer) -> list[Interaction]:
    dice = Dice("service", customer.dice_key)
    events = []
    for year, wanted in zip((2023, 2024, 2025), EVENTS_A_YEAR.get(customer.group, (0.0, 0.0, 0.0)), strict=True):
        first, last = contact_span(customer, year)
        if first > last:
            continue
        expected = wanted * (last - first).days / 365 * dice.between(0.4, 1.6)
        if customer.group == "prospect":
            expected = wanted
        for _ in range(int(expected) + dice.chance(expected % 1)):
            kind = dice.pick_weighted(KIND_WEIGHTS.get(customer.group, KIND_WEIGHTS["core"]))
            day = catalogue.working_day_until(dice.day(first, last))
            if day >= first:
                events.append(service_event(customer, day, kind, dice))
    return events


def plant_last_complaints(company: Company) -> list[Interaction]:
    """Most leavers complained shortly before their last purchase; it took long to get an answer."""
    events = []
    for customer in company.in_group("quiet_leaver", "lost_key"):
        dice = Dice("last complaint", customer.key)
        if dice.chance(0.7):
            day = catalogue.working_day_until(customer.last_day - timedelta(days=dice.whole(3, 25)))
            event = service_event(customer, day, "complaint", dice)
            event.first_response = event.moment + timedelta(minutes=dice.whole(3000, 7000))
            event.resolved = event.first_response + timedelta(days=dice.whole(5, 20))
            events.append(event)
    return events


def serve(company: Company) -> None:
    """Service of three years. In 2025 the new customers take 40 % of it: two events for every three of the others."""
    events = [event for customer in company.customers for event in old_service(customer)]
    events += plant_last_complaints(company)
    surplus = sum(event.moment.date() >= YEAR_START for event in events) % 3
    for event in [one for one in events if one.customer.group == "core" and one.moment.date() >= YEAR_START]:
        if surplus:
            events.remove(event)
            surplus -= 1
    wanted = sum(event.moment.date() >= YEAR_START for event in events) * 2 // 3
    dice = Dice("service of the new")
    new = company.in_group("new")
    weights = {customer: 4 + dice.whole(0, 12) for customer in new}
    for _ in range(wanted):
        customer = dice.pick_weighted(weights)
        first, last = contact_span(customer, 2025)
        day = catalogue.working_day_from(dice.day(first, max(first, last - timedelta(days=5))))
        events.append(service_event(customer, day, dice.pick_weighted(KIND_WEIGHTS["new"]), dice))
    company.interactions += events


CAMPAIGNS = {
    "K2301": date(2023, 5, 16),
    "K2302": date(2023, 10, 17),
    "K2401": date(2024, 4, 16),
    "K2402": date(2024, 10, 15),
    "K2501": date(2025, 4, 15),
    "K2502": date(2025, 10, 14),
}


def run_campaigns(company: Company) -> None:
    """Two mailings a year to customers who allow it, with some answers; visits of the web shop; trade fairs."""
    for campaign_id, day in CAMPAIGNS.items():
        dice = Dice("campaign", campaign_id)
        known = [one for one in company.customers if one.registered < day and one.has_consent and one.is_in_master_data]
        known = [one for one in known if one.group in ("best", "core", "small", "prospect", "quiet_leaver", "slow")]
        for customer in dice.shuffled(known)[:85]:
            sent = datetime.combine(day, time(9, 30))
            company.interactions.append(Interaction(customer, sent, "campaign_sent", campaign_id=campaign_id))
            if dice.chance(0.19):
                answer = sent + timedelta(minutes=dice.whole(30, 8000))
                company.interactions.append(Interaction(customer, answer, "campaign_response", campaign_id=campaign_id))
    for customer in company.in_group("best", "core", "new", "small", "individual"):
        dice = Dice("web", customer.key)
        if dice.chance(0.4):
            for _ in range(dice.whole(1, 2)):
                day = dice.day(customer.first_day, max(customer.first_day, customer.last_day))
                moment = datetime.combine(day, time(dice.whole(8, 22), dice.whole(0, 59)))
                company.interactions.append(Interaction(customer, moment, "web_visit"))
        if dice.chance(0.12) and customer.group in ("best", "core"):
            fair = dice.pick(
                (date(2023, 11, 15), date(2024, 4, 10), date(2024, 11, 13), date(2025, 4, 9), date(2025, 11, 12))
            )
            company.interactions.append(
                Interaction(customer, datetime.combine(fair, time(dice.whole(10, 15), 0)), "event")
            )


def ask(company: Company) -> None:
    """Two surveys a year of some customers; the best expect most and are disappointed by 2025."""
    for year in (2023, 2024, 2025):
        for month in (5, 11):
            dice = Dice("survey", year, month)
            for customer in company.customers:
                asked = date(year, month, 6)
                is_active = customer.first_day < asked <= customer.last_day + timedelta(days=60)
                chance = {"best": 0.24, "core": 0.1, "new": 0.12, "busy": 0.2, "slow": 0.15, "small": 0.05}
                if customer.is_twin or customer.is_internal or not customer.is_in_master_data:
                    continue
                if not is_active or not dice.chance(chance.get(customer.group, 0.08)):
                    continue
                day = catalogue.working_day_from(asked + timedelta(days=dice.whole(0, 18)))
                expected = dice.whole(7, 10) if customer.group == "best" else dice.whole(5, 9)
                disappointment = year - 2023 if customer.group == "best" else dice.whole(-1, 1)
                perceived = max(1, min(10, expected + dice.whole(-1, 2) - disappointment))
                recommend = max(0, min(10, perceived + dice.whole(-2, 2)))
                company.surveys.append(
                    Survey(
                        customer,
                        day,
                        None if dice.chance(0.06) else expected,
                        perceived,
                        None if dice.chance(0.1) else recommend,
                    )
                )
    by_key = {customer.key: customer for customer in company.customers}
    lapsed = by_key["quiet_leaver9"]
    company.surveys.append(Survey(lapsed, lapsed.last_day - timedelta(days=6), 8, 10, 10))
    lapsed.play("satisfied_but_lapsed", "very satisfied in its last survey, then gone")
    modest = by_key["core60"]
    company.surveys.append(Survey(modest, date(2025, 5, 20), 0, 6, 6))
    modest.play("zero_expectation", "expected 0: the ratio of perceived and expected has no value")


def refer(company: Company) -> None:
    """Who brought whom, always an older customer a younger one, but for one circle of three."""
    dice = Dice("referrals")
    pool = [one for one in company.in_group("best", "core", "slow", "small", "won_back") if one.is_in_master_data]
    young = [one for one in company.in_group("new", "best", "core", "small") if one.is_in_master_data]
    young = [one for one in young if one.registered >= date(2023, 1, 10)]
    for referred in sorted(dice.shuffled(young)[:57], key=lambda one: one.customer_id):
        older = [one for one in pool if one.registered < referred.registered - timedelta(days=90)]
        older = [one for one in older if one.last_day > referred.registered]
        favoured = [one for one in older if one.group == "best"]
        referrer = dice.pick(favoured if favoured and dice.chance(0.55) else older)
        company.referrals.append((referrer, referred, referred.registered - timedelta(days=dice.whole(0, 10))))
    circle = [one for one in company.customers if one.key in ("core1", "core44", "core120")]
    for place, customer in enumerate(circle):
        company.referrals.append((customer, circle[(place + 1) % 3], date(2023, 6, 5) + timedelta(days=40 * place)))
        customer.play("referral_circle", "three customers who referred each other in a circle")


def estimate_wallets(company: Company, orders: dict[Customer, list[Order]]) -> None:
    """What some customers spend on such goods a year in all, in thousands of yuan, as the sales people believe."""
    dice = Dice("wallets")
    chosen = dice.shuffled(company.in_group("best"))[:32] + dice.shuffled(company.in_group("core", "slow"))[:14]
    for place, customer in enumerate(sorted(chosen, key=lambda one: one.customer_id)):
        for year in (2024, 2025) if place % 3 == 0 else (2025,):
            bought = yearly_sales(orders.get(customer, []), year)
            if bought <= 0:
                continue
            factor = dice.between(1.1, 3.8)
            if customer.key == chosen[0].key and year == 2025:
                factor = 0.7
                customer.play("wallet_below_sales", "the estimate for 2025 is below what we sold: the share stays at 1")
            spend = max(1, int(bought / 100 * factor / 1000 + 0.5)) * 1000
            source = dice.pick(("sales visit", "annual report", "industry association", "customer interview"))
            company.wallet_estimates.append((customer, year, spend, source))


def yearly_sales(orders: Sequence[Order], year: int) -> float:
    """Cents of yuan, rough: dollars are taken at the day's rate and not rounded."""
    return sum(
        order.net * (catalogue.dollar_rate(order.day) / 10000 if order.customer.currency == "USD" else 1)
        for order in orders
        if order.counts and order.day.year == year
    )


def redeem_points(company: Company, orders: dict[Customer, list[Order]]) -> None:
    """Some customers turn in points: never more than one for each 500 yuan they bought before that day."""
    dice = Dice("points")
    for customer in company.in_group("best", "core", "slow"):
        if not dice.chance(0.5):
            continue
        redeemed = 0
        for _ in range(dice.whole(1, 2)):
            day = dice.day(date(2024, 1, 8), date(2025, 12, 19))
            before = [order for order in orders.get(customer, []) if order.counts and order.day < day]
            bought = sum(order.net for order in before) / 100 / 500
            points = int((bought - redeemed) * dice.between(0.3, 0.9) / 5) * 5
            if points >= 10 and all(day > earlier for one, earlier, _ in company.redemptions if one is customer):
                company.redemptions.append((customer, day, points))
                redeemed += points


def relate(company: Company) -> None:
    orders: dict[Customer, list[Order]] = {}
    for order in company.orders:
        orders.setdefault(order.customer, []).append(order)
    serve(company)
    run_campaigns(company)
    ask(company)
    refer(company)
    estimate_wallets(company, orders)
    redeem_points(company, orders)
