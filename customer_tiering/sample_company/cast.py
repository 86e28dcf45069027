"""Who is who: about 600 customers, each with a way of buying and paying and with its roles in the answer key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from customer_tiering.sample_company import catalogue
from customer_tiering.sample_company.records import FIRST_DAY, LAST_DAY, Customer, Dice

GROUP_SIZES = {
    "best": 106,
    "core": 168,
    "small": 112,
    "new": 92,
    "quiet_leaver": 14,
    "lost_key": 8,
    "won_back": 4,
    "slow": 12,
    "late": 18,
    "unpaid": 8,
    "busy": 10,
    "prospect": 22,
    "individual": 8,
}
FOREIGN_CUSTOMERS = {"best": 6, "core": 7, "new": 3, "late": 1, "quiet_leaver": 1, "prospect": 2}
LAST_OLD_REGISTRATION = date(2022, 12, 20)


class Namer:
    """Hands out invented company names, none of them twice."""

    def __init__(self) -> None:
        self.dice = Dice("names")
        self.used: set[str] = set()
        self.foreign = iter(catalogue.FOREIGN_NAMES)

    def chinese(self, industry: str, region: str) -> str:
        while True:
            city = self.dice.pick_weighted(catalogue.CITIES[region])
            word = self.dice.pick(catalogue.NAME_STARTS) + self.dice.pick(catalogue.NAME_ENDS)
            if industry == "education and research":
                name = f"{city.removesuffix('市')}{word}{self.dice.pick(catalogue.SCHOOL_WORDS)}"
            else:
                trade = self.dice.pick(catalogue.TRADE_WORDS[industry])
                name = f"{city}{word}{trade}{self.dice.pick_weighted(catalogue.LEGAL_FORMS)}"
            if word[0] != word[1] and word not in self.used:
                self.used.add(word)
                return name


def size_terms(annual_sales: float) -> tuple[int, int]:
    """Payment days and credit limit in yuan that a customer of this size is granted."""
    if annual_sales >= 120_000:
        return 60, int(annual_sales / 4 / 5000 + 1) * 5000
    if annual_sales >= 30_000:
        return 45, int(annual_sales / 4 / 2000 + 1) * 2000
    if annual_sales >= 5_000:
        return 30, int(annual_sales / 4 / 1000 + 1) * 1000
    return 15, 1000


def fill_basket(dice: Dice, industry: str, group: str) -> list[str]:
    """The articles a customer keeps buying: mostly of its industry's categories, with a cheap one among them."""
    articles = list(catalogue.products().values())
    favourites = [article for article in articles if article.category in catalogue.FAVOURITE_CATEGORIES[industry]]
    if group in ("busy", "small", "individual"):
        favourites = [article for article in favourites if article.price_band == "economy"]
    if group == "new":
        favourites = [article for article in favourites if article.price < 60000]
    basket = dice.shuffled(favourites)[: dice.whole(4, 8)]
    basket.append(dice.pick([article for article in articles if article.price_band == "economy"]))
    return list(dict.fromkeys(article.product_id for article in basket))


def trading_life(dice: Dice, group: str, cycle_days: float) -> tuple[date, date]:
    """First day a customer may buy on, and the day of its last purchase."""
    if group == "new":
        first = dice.day(date(2025, 1, 6), date(2025, 9, 30))
        return first, LAST_DAY - timedelta(days=int(min(cycle_days * dice.fraction(), (LAST_DAY - first).days * 0.6)))
    established = FIRST_DAY
    if dice.chance(0.3) and group in ("best", "core", "small", "late", "unpaid"):
        established = dice.day(date(2023, 2, 1), date(2023, 12, 15) if group == "best" else date(2024, 6, 30))
    if group == "busy":
        established = dice.day(date(2024, 1, 8), date(2024, 9, 30))
    stop = LAST_DAY - timedelta(days=int(cycle_days * dice.fraction() * 0.95))
    if group == "slow":
        stop = LAST_DAY - timedelta(days=int(cycle_days * dice.between(0.1, 0.8)))
    if group == "best":
        stop = LAST_DAY - timedelta(days=int(cycle_days * dice.fraction() * 0.9))
    if (group == "core" and dice.chance(0.13)) or (group == "small" and dice.chance(0.45)):
        stop = dice.day(max(established, date(2023, 12, 1)), date(2025, 6, 30))
    return established, stop


def shape_group(group: str) -> Iterator[Customer]:
    """The customers of one group, still without names."""
    size = GROUP_SIZES[group]
    for place in range(size):
        dice = Dice("cast", group, place)
        share = place / size
        jitter = 0.2
        habit = "usual"
        price_factor = dice.between(0.98, 1.03)
        trend = dice.between(-0.06, 0.1)
        if group == "best":
            annual, cycle, jitter = 300_000 / (1 + 0.074 * place), 30 + 32 * share + dice.between(0, 4), 0.13
            habit, price_factor, trend = "on_time", dice.between(0.96, 0.99), dice.between(-0.03, 0.06)
        elif group == "core":
            annual, cycle = 19_000 / (1 + 3.2 * share) * dice.between(0.85, 1.15), dice.between(80, 200)
        elif group in ("small", "individual"):
            annual, cycle, jitter = dice.between(600, 3_800), dice.between(140, 360), 0.27
            price_factor = dice.between(1.04, 1.1)
        elif group == "new":
            annual, cycle = 19_000 / (1 + 1.5 * share), dice.between(32, 75)
            price_factor = dice.between(0.87, 0.91)
            habit = dice.pick_weighted({"usual": 6, "late": 3, "on_time": 1})
        elif group in ("quiet_leaver", "lost_key", "won_back"):
            annual, cycle, jitter = dice.between(48_000, 110_000), dice.between(31, 58), 0.09
            habit, trend = "on_time", 0.0
        elif group == "slow":
            annual, cycle, jitter = dice.between(12_000, 26_000), 122 + 46 * share, 0.03
            habit = "on_time"
        elif group == "late":
            annual, cycle, habit = dice.between(9_000, 26_000), dice.between(42, 75), "late"
        elif group == "unpaid":
            annual, cycle = dice.between(9_000, 30_000), dice.between(35, 65)
        elif group == "busy":
            annual, cycle, jitter = dice.between(7_000, 12_000), dice.between(11, 15), 0.2
            price_factor = dice.between(0.9, 0.93)
        else:
            annual, cycle = dice.between(4_000, 20_000), 60.0
        first, last = trading_life(dice, group, cycle)
        terms, limit = size_terms(annual)
        registered = first - timedelta(days=dice.whole(1, 20))
        if first < date(2023, 9, 1) and group != "new":
            registered = dice.day(date(2013, 3, 1), LAST_OLD_REGISTRATION)
            if first > date(2023, 1, 31) and dice.chance(0.6):
                registered = first - timedelta(days=dice.whole(1, 40))
        if group == "prospect":
            registered = dice.day(date(2024, 1, 8), date(2025, 12, 12))
        yield Customer(
            key=f"{group}{place}",
            group=group,
            name="",
            industry="",
            region="",
            country="CN",
            owner="",
            registered=registered,
            annual_sales=annual,
            cycle_days=cycle,
            jitter=jitter,
            first_day=first,
            last_day=last,
            payment_habit=habit,
            price_factor=price_factor,
            trend=trend,
            terms_days=terms,
            credit_limit=limit,
            seasonal=group in ("best", "core", "small", "late", "unpaid", "new"),
            has_consent=not dice.chance(0.12),
        )


def settle_in(customer: Customer, namer: Namer, foreign: bool) -> None:
    """Give a customer its industry, place, name, account owner and basket."""
    dice = Dice("place", customer.key)
    customer.industry = dice.pick_weighted(catalogue.INDUSTRIES)
    if customer.group in ("best", "quiet_leaver", "lost_key") and customer.industry == "education and research":
        customer.industry = "industrial automation"
    if foreign:
        customer.name, customer.country, customer.region = next(namer.foreign)
        customer.currency, customer.owner = "USD", catalogue.EXPORT_OWNER
        if customer.industry == "education and research":
            customer.industry = "industrial automation"
    else:
        customer.region = dice.pick_weighted(catalogue.REGION_WEIGHTS)
        customer.name = namer.chinese(customer.industry, customer.region)
        customer.owner = dice.pick(catalogue.OWNERS[customer.region])
    if customer.registered >= date(2025, 1, 1) and not foreign:
        customer.owner = dice.pick(catalogue.OWNERS_HIRED_IN_2025)
    customer.basket = fill_basket(dice, customer.industry, customer.group)


INDIVIDUALS = ("王小明", "李雪", "张伟航", "陈晨", "刘子墨", "杨帆", "高洁", "马文涛")


def special_customer(key: str, group: str, name: str, **changes: object) -> Customer:
    """A customer that stands for one single case; unnamed properties are those of a middling business."""
    properties: dict[str, object] = {
        "industry": "industrial automation",
        "region": "South China",
        "country": "CN",
        "owner": "陈思远",
        "registered": date(2021, 5, 17),
        "annual_sales": 15_000.0,
        "cycle_days": 60.0,
        "jitter": 0.15,
        "first_day": date(2023, 1, 9),
        "last_day": date(2025, 12, 5),
        "terms_days": 30,
        "credit_limit": 5000,
    } | changes
    customer = Customer(key=key, group=group, name=name, **properties)  # type: ignore[arg-type]
    customer.basket = fill_basket(Dice("cast", customer.dice_key), customer.industry, group)
    return customer


def special_customers() -> list[Customer]:
    """The single cases: family, twins, odd names, an own department, customers that master data does not know."""
    cast = []

    parent = special_customer(
        "parent", "best", "江澜智造集团股份有限公司", region="East China", owner="周晓雯", annual_sales=90_000.0,
        cycle_days=30.0, payment_habit="on_time", terms_days=60, credit_limit=40000, registered=date(2015, 6, 8),
        price_factor=0.97,
    )  # fmt: skip
    parent.play("parent_company", "has four children; its own row carries only its own facts")
    cast.append(parent)
    children = (
        ("江澜智造苏州电子有限公司", "East China", "沈嘉伟", "best", 72_000.0, 28.0, "on_time"),
        ("江澜智造武汉传感有限公司", "Central China", "刘洋", "best", 48_000.0, 33.0, "on_time"),
        ("江澜智造深圳贸易有限公司", "South China", "林佩珊", "core", 16_000.0, 62.0, "usual"),
        ("江澜智造成都服务有限公司", "West China", "何雨桐", "small", 3_000.0, 120.0, "usual"),
    )
    for place, (name, region, owner, group, annual, cycle, habit) in enumerate(children):
        terms, limit = size_terms(annual)
        child = special_customer(
            f"child{place}", group, name, region=region, owner=owner, annual_sales=annual, cycle_days=cycle,
            payment_habit=habit, parent=parent, terms_days=terms, credit_limit=limit,
            registered=date(2016 + place, 3, 14), last_day=date(2025, 12, 8 + 5 * place),
        )  # fmt: skip
        child.play("child_company", "child of 江澜智造集团")
        cast.append(child)

    own = special_customer("internal", "internal", "本公司展示与样品部", annual_sales=6_000.0, credit_limit=None)
    own.is_internal = True
    own.play("internal_customer", "own demonstration department: its orders are in no mart")
    cast.append(own)

    for place, name in enumerate(("东莞市恒泰双辉电子有限公司", "东莞市嘉安双辉电子有限公司")):
        twin = special_customer(f"twin{place}", "twin", name, industry="consumer electronics", owner="黄志强")
        twin.play("identical_twin", "same facts on the same days as the other twin")
        cast.append(twin)

    exact = special_customer(
        "exact", "exact", "杭州立信格工控设备有限公司", region="East China", owner="徐静", cycle_days=30.0, jitter=0.0,
        first_day=date(2024, 1, 26), last_day=LAST_DAY - timedelta(days=45), seasonal=False, annual_sales=24_000.0,
        payment_habit="on_time",
    )  # fmt: skip
    exact.play("exact_30_days", "standing order every 30 days, the last one 45 days before the end of 2025")
    cast.append(exact)

    single = special_customer(
        "single", "single", "西安泽微光电有限公司", industry="telecom", region="West China", owner="何雨桐",
        first_day=date(2024, 5, 21), last_day=date(2024, 5, 21), registered=date(2024, 5, 9),
    )  # fmt: skip
    single.play("single_purchase", "one purchase ever: no purchase cycle")
    cast.append(single)

    alike = (
        ("深圳市瑞昌芯源电子有限公司", "South China", "the other one has a blank before 有限公司"),
        ("深圳市瑞昌芯源电子 有限公司", "South China", "the other one has no blank before 有限公司"),
        ("苏州启明星达(中国)自动化有限公司", "East China", "the other one has full-width brackets"),
        ("苏州启明星达（中国）自动化有限公司", "East China", "the other one has half-width brackets"),
    )
    for place, (name, region, note) in enumerate(alike):
        customer = special_customer(
            f"alike{place}", "core", name, region=region, owner="林佩珊" if place < 2 else "徐静",
            annual_sales=6_000.0 + 3_500 * place, cycle_days=55.0 + 11 * place, registered=date(2018 + place, 9, 4),
            last_day=date(2025, 11, 17 + 3 * place),
        )  # fmt: skip
        customer.play("similar_name", f"a different customer, {note}")
        cast.append(customer)

    quoted = special_customer(
        "quoted", "core", '上海"芯动力"电子, 科技 😀 有限公司', region="East China", owner="沈嘉伟"
    )
    quoted.play("unusual_name", "quotes, a comma, blanks and an emoji")
    formula = special_customer("formula", "core", "=加号电子元件(广州)有限公司", annual_sales=9_000.0, cycle_days=75.0)
    formula.play("unusual_name", "starts with an equals sign, which spreadsheets take for a formula")
    cast += [quoted, formula]

    returner = special_customer(
        "returner", "returner", "宁波海诺数码有限公司", industry="consumer electronics", region="East China",
        owner="徐静", registered=date(2022, 8, 30),
    )  # fmt: skip
    returner.play("return_only", "sent back goods bought before 2023: no purchase, a prospect")
    cast.append(returner)

    stranger = special_customer("stranger", "core", "", annual_sales=8_000.0, cycle_days=70.0, terms_days=None)
    stranger.play("known_only_from_orders", "absent in customers.csv")
    billed = special_customer("billed", "billed", "", terms_days=None)
    billed.play("known_only_from_invoices", "absent in customers.csv, never ordered")
    for customer in (stranger, billed):
        customer.is_in_master_data = False
        customer.registered = LAST_DAY
    cast += [stranger, billed]
    return cast


def recency_in_cycles(place: int, cycle_days: float) -> int:
    """Days since the last purchase of the quiet leavers: six left 1.6 to 2.9 cycles ago, the others earlier in 2025."""
    if place < 6:
        return int(cycle_days * (1.65 + 0.22 * place) + 0.5)
    return 190 + 14 * (place - 6)


def plant_leavers(customers: list[Customer]) -> None:
    """Set when the leavers left, and when the won-back ones came back."""
    for customer in customers:
        if customer.group == "quiet_leaver":
            place = int(customer.key.removeprefix("quiet_leaver"))
            customer.last_day = LAST_DAY - timedelta(days=recency_in_cycles(place, customer.cycle_days))
            customer.play("quiet_leaver", "profitable and regular, stopped in 2025 without a word")
        elif customer.group == "lost_key":
            place = int(customer.key.removeprefix("lost_key"))
            customer.last_day = date(2024, 12, 12) - timedelta(days=(6 if place < 5 else 38) * place)
            customer.play("lost_key_customer", "formerly among the best, silent for more than a year")
        elif customer.group == "won_back":
            place = int(customer.key.removeprefix("won_back"))
            customer.last_day = date(2024, 12, 19) - timedelta(days=23 * place)
            customer.play("won_back", "silent for most of a year, bought again in autumn 2025")


def assemble() -> list[Customer]:
    """All customers, in the order of their identifiers: by registration, those without master data last."""
    namer = Namer()
    customers = []
    for group in GROUP_SIZES:
        members = list(shape_group(group))
        count = FOREIGN_CUSTOMERS.get(group, 0)
        step = len(members) // (count + 1) if count else 0
        foreign = {step * (turn + 1) for turn in range(count)}
        for place, customer in enumerate(members):
            settle_in(customer, namer, place in foreign)
        customers += members
    for customer, name in zip((one for one in customers if one.group == "individual"), INDIVIDUALS, strict=True):
        customer.name, customer.customer_type, customer.terms_days, customer.credit_limit = name, "consumer", 0, None
        customer.play("consumer", "private buyer, pays at once")
    plant_leavers(customers)
    give_roles(customers)
    customers += special_customers()
    customers.sort(key=lambda customer: (not customer.is_in_master_data, customer.registered, customer.key))
    for number, customer in enumerate(customers, start=1):
        customer.customer_id = f"C{number:04d}"
    return customers


def give_roles(customers: list[Customer]) -> None:
    """The roles that follow from the group, and the habits that single members of a group have."""
    by_key = {customer.key: customer for customer in customers}
    simple_roles = {
        "best": ("best", "big, frequent, regular, profitable, pays on time"),
        "slow": ("steady_slow", "buys every 120 to 170 days without fail"),
        "late": ("late_payer", "pays weeks after the due date"),
        "unpaid": ("non_payer", "stopped paying in 2025"),
        "busy": ("busy_unprofitable", "many small orders, returns and service: costs more to serve than it brings"),
        "new": ("new_customer", "first purchase in 2025"),
        "prospect": ("prospect", "no order yet"),
    }
    for customer in customers:
        if customer.group in simple_roles:
            customer.play(*simple_roles[customer.group])
        if customer.group == "unpaid":
            place = int(customer.key.removeprefix("unpaid"))
            customer.unpaid_from = date(2025, 2, 1) + timedelta(days=23 * place)
            customer.last_day = min(customer.last_day, customer.unpaid_from + timedelta(days=110))
    premium = [one.product_id for one in catalogue.products().values() if one.price_band == "premium"]
    for key in ("best4", "best11", "best19", "best26"):
        customer = by_key[key]
        customer.basket = Dice("premium", key).shuffled(premium)[:6]
        customer.play("frequent_premium_buyer", "buys premium articles only")
    for key in ("busy0", "busy1", "busy2"):
        by_key[key].play("frequent_cheap_buyer", "buys economy articles only")
    for key in ("core3", "core21", "core40", "core66", "core90"):
        by_key[key].payment_habit = "partial"
        by_key[key].play("partial_payer", "pays each invoice in two parts, weeks apart")
    for key in ("core10", "core33", "small5"):
        by_key[key].payment_habit = "prepay"
        by_key[key].play("prepayer", "pays before the invoice; holds an advance payment at the end of 2025")
    for key in ("best2", "best7", "best15", "best24", "best37", "best50"):
        by_key[key].payment_habit = "collective"
        by_key[key].play("collective_invoice", "one invoice a month for all orders, without an order_id")
    for key in ("best1", "best5", "best9", "best13", "best17", "best21", "best29", "best40"):
        by_key[key].payment_habit = "combined"
        by_key[key].play("combined_payment", "one payment settles several invoices")
    by_key["prospect0"].has_registration_day = False
