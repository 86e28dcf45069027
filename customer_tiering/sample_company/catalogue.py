"""What the company sells, where and when: price list, places, names, working days, seasons, exchange rates.

All names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from customer_tiering.sample_company.records import FIRST_DAY, LAST_DAY, Dice

INDUSTRIES = {
    "consumer electronics": 30,
    "industrial automation": 24,
    "automotive electronics": 14,
    "telecom": 14,
    "medical devices": 10,
    "education and research": 8,
}

FAVOURITE_CATEGORIES = {
    "consumer electronics": ("microcontrollers", "displays", "passive components", "batteries", "wireless modules"),
    "industrial automation": ("sensors", "power modules", "connectors", "switches and relays", "microcontrollers"),
    "automotive electronics": (
        "connectors",
        "sensors",
        "microcontrollers",
        "printed circuit boards",
        "passive components",
    ),
    "telecom": ("wireless modules", "connectors", "power modules", "printed circuit boards", "passive components"),
    "medical devices": ("sensors", "displays", "power modules", "batteries", "microcontrollers"),
    "education and research": (
        "development kits",
        "test instruments",
        "microcontrollers",
        "sensors",
        "passive components",
    ),
}

CITIES = {
    "South China": {"深圳市": 9, "广州市": 4, "东莞市": 5, "惠州市": 2, "珠海": 2, "佛山市": 2, "中山市": 1, "厦门": 2},
    "East China": {"上海": 6, "苏州": 6, "杭州": 4, "宁波": 3, "南京": 3, "无锡": 3, "合肥": 2, "常州": 2},
    "North China": {"北京": 5, "天津": 3, "青岛": 2, "济南": 1, "石家庄": 1},
    "Central China": {"武汉": 4, "长沙": 2, "郑州": 2, "南昌": 1},
    "West China": {"成都": 4, "重庆": 3, "西安": 3, "昆明": 1},
    "Northeast China": {"沈阳": 2, "大连": 2, "长春": 1},
}
REGION_WEIGHTS = {
    "South China": 34,
    "East China": 32,
    "North China": 12,
    "Central China": 9,
    "West China": 9,
    "Northeast China": 4,
}

NAME_STARTS = "华鑫宏启瑞联恒远博凯盛欣嘉明泰润晶旭立睿正安科亿创天金德星汇锐佳腾信朗思诚格维康宇浩伟海"
NAME_ENDS = "达芯微通源创科泽杰辉图信扬翔捷拓迅威腾晟业星睿航睦尔光域特昌成为邦诺赛隆"
TRADE_WORDS = {
    "consumer electronics": ("电子", "数码", "智能科技", "电子科技", "电器"),
    "industrial automation": ("自动化", "工控设备", "机电", "自动化科技", "智能装备"),
    "automotive electronics": ("汽车电子", "车载电子", "汽车零部件", "车联科技"),
    "telecom": ("通信", "光电", "通讯设备", "网络科技"),
    "medical devices": ("医疗电子", "医疗器械", "生物医疗科技", "医疗设备"),
}
SCHOOL_WORDS = ("电子职业技术学院", "理工学院", "微电子研究所", "智能传感实验室", "工程技术学院", "应用物理研究院")
LEGAL_FORMS = {"有限公司": 80, "股份有限公司": 8, "有限责任公司": 6, "贸易有限公司": 6}

FOREIGN_NAMES = (
    ("Northvale Controls Inc.", "US", "North America"),
    ("Brightwater Instruments LLC", "US", "North America"),
    ("Harrow & Finch Electronics Ltd.", "GB", "Europe"),
    ("Lindqvist Sensorik AB", "SE", "Europe"),
    ("Kestelmann Automation GmbH", "DE", "Europe"),
    ("Moravec Elektro s.r.o.", "CZ", "Europe"),
    ("Van Aalderen Medical B.V.", "NL", "Europe"),
    ("Sunrise Peak Devices Pte. Ltd.", "SG", "Southeast Asia"),
    ("Straits Circuitworks Pte. Ltd.", "SG", "Southeast Asia"),
    ("Bayu Teknologi Sdn. Bhd.", "MY", "Southeast Asia"),
    ("Minh Khang Electronics Co., Ltd.", "VN", "Southeast Asia"),
    ("Hai Phong Assembly JSC", "VN", "Southeast Asia"),
    ("Chao Phraya Motion Co., Ltd.", "TH", "Southeast Asia"),
    ("Deccan Embedded Systems Pvt. Ltd.", "IN", "South Asia"),
    ("Konkan Power Electronics Pvt. Ltd.", "IN", "South Asia"),
    ("Hoshizora Denshi K.K.", "JP", "Northeast Asia"),
    ("Hangang Robotics Co., Ltd.", "KR", "Northeast Asia"),
    ("Wattle Creek Telemetry Pty Ltd", "AU", "Oceania"),
    ("Serra Azul Eletrônica Ltda.", "BR", "South America"),
    ("Anadolu Devre Sanayi A.Ş.", "TR", "Middle East"),
    ("Gulf Meridian Systems FZE", "AE", "Middle East"),
)

OWNERS = {
    "South China": ("陈思远", "林佩珊", "黄志强"),
    "East China": ("周晓雯", "沈嘉伟", "徐静"),
    "North China": ("王立新",),
    "Northeast China": ("王立新",),
    "Central China": ("刘洋",),
    "West China": ("何雨桐",),
}
EXPORT_OWNER = "Grace Tan"
OWNERS_HIRED_IN_2025 = ("赵一鸣", "孙可欣", "吴俊杰", "郑雅文")


@dataclass(frozen=True)
class Product:
    """One article of the price list; prices in cents of yuan at the start of 2023, drift per year."""

    product_id: str
    name: str
    category: str
    price_band: str
    price: int
    cost: int
    price_drift: float
    cost_drift: float


MARGINS = {"economy": 0.17, "standard": 0.23, "premium": 0.31}

ASSORTMENT = {
    "microcontrollers": (
        ("8位微控制器 MC8-20", 420),
        ("8位微控制器 MC8-44", 680),
        ("32位微控制器 MC32-64", 1450),
        ("32位微控制器 MC32-144", 3260),
        ("车规级微控制器 MCA-176", 7850),
        ("边缘计算处理器模组 EP-4", 26800),
    ),
    "connectors": (
        ("排针连接器 2.54毫米", 190),
        ("板对板连接器 0.8毫米", 360),
        ("端子台 5.08毫米", 540),
        ("圆形防水连接器 M12", 2850),
        ("车载高压连接器 HV-2", 9600),
        ("光纤适配器 LC双工", 1280),
    ),
    "sensors": (
        ("温湿度传感器 TH-10", 760),
        ("霍尔电流传感器 HC-50", 2240),
        ("接近开关传感器 NPN", 3480),
        ("压力变送器 4-20毫安", 15600),
        ("激光位移传感器 LD-30", 98000),
        ("血氧光电传感器 SP-2", 5900),
    ),
    "power modules": (
        ("直流降压模块 12V/5V", 850),
        ("隔离电源模块 10W", 3150),
        ("导轨开关电源 120W", 12800),
        ("通信电源模块 1500W", 68500),
        ("医疗级电源 200W", 31500),
    ),
    "passive components": (
        ("贴片电阻 0603 盘装", 1800),
        ("贴片电容 0805 盘装", 3600),
        ("铝电解电容 470微法 盒装", 4200),
        ("功率电感 10微亨 盘装", 9800),
        ("薄膜电容 630V 盒装", 12600),
        ("钽电容 高可靠 盘装", 42000),
    ),
    "displays": (
        ("段码液晶屏 4位", 650),
        ("点阵液晶屏 128x64", 2480),
        ("彩色显示屏 3.5寸", 6900),
        ("彩色触摸屏 7寸", 18600),
        ("工业触摸屏 15寸 高亮", 86000),
    ),
    "printed circuit boards": (
        ("双面电路板 打样", 2500),
        ("双面电路板 批量", 880),
        ("四层电路板 批量", 3900),
        ("六层阻抗电路板", 11800),
        ("柔性电路板", 5200),
        ("高频陶瓷基板", 37500),
    ),
    "wireless modules": (
        ("蓝牙模块 BLE5", 1150),
        ("Wi-Fi 模块 2.4G", 1680),
        ("窄带物联网模块 NB", 3300),
        ("4G 通信模块 Cat1", 4650),
        ("5G 工业网关模组", 58000),
    ),
    "switches and relays": (
        ("轻触开关 6x6", 120),
        ("船型开关 16A", 310),
        ("功率继电器 10A", 580),
        ("固态继电器 40A", 4300),
        ("安全继电器 双通道", 36500),
    ),
    "batteries": (
        ("纽扣电池 CR2032", 140),
        ("锂电池 18650", 1250),
        ("锂电池组 12V 10Ah", 14200),
        ("医疗设备锂电池组", 32500),
    ),
    "development kits": (
        ("单片机学习板", 5800),
        ("传感器实验套件", 16800),
        ("机器视觉开发套件", 128000),
    ),
    "test instruments": (
        ("数字万用表", 13500),
        ("可编程直流电源", 92000),
        ("数字示波器 200MHz", 248000),
        ("防静电镊子套装", 2600),
    ),
}


def price_band(price: int) -> str:
    """Price band of an article by its price in cents."""
    if price < 2000:
        return "economy"
    return "standard" if price < 25000 else "premium"


@cache
def products() -> dict[str, Product]:
    """The price list: one product per article, in the order of the assortment."""
    found = {}
    for category, articles in ASSORTMENT.items():
        for name, price in articles:
            product_id = f"P{len(found) + 1:02d}"
            band = price_band(price)
            dice = Dice("product", product_id)
            cost = int(price * (1 - MARGINS[band] - dice.between(-0.02, 0.02)) + 0.5)
            found[product_id] = Product(
                product_id,
                name,
                category,
                band,
                price,
                cost,
                dice.between(-0.02, 0.03),
                dice.between(-0.01, 0.03),
            )
    return found


def quarters_since_start(day: date) -> int:
    """The price list is renewed every quarter: quarters since the start of 2023."""
    return (day.year - FIRST_DAY.year) * 4 + (day.month - 1) // 3


def list_price(product: Product, day: date) -> float:
    """Price in cents of the quarter's list."""
    return product.price * (1 + product.price_drift * quarters_since_start(day) / 4)


def purchase_cost(product: Product, day: date) -> float:
    """Cost in cents of the quarter; 2025 is a little dearer than its price lists."""
    quarters = quarters_since_start(day)
    return product.cost * (1 + product.cost_drift * quarters / 4) * (1.008 if quarters >= 8 else 1.0)


PUBLIC_HOLIDAYS = (
    (date(2023, 1, 1), date(2023, 1, 2)),
    (date(2023, 1, 21), date(2023, 1, 27)),
    (date(2023, 4, 5), date(2023, 4, 5)),
    (date(2023, 4, 29), date(2023, 5, 3)),
    (date(2023, 6, 22), date(2023, 6, 24)),
    (date(2023, 9, 29), date(2023, 10, 6)),
    (date(2024, 1, 1), date(2024, 1, 1)),
    (date(2024, 2, 9), date(2024, 2, 17)),
    (date(2024, 4, 4), date(2024, 4, 6)),
    (date(2024, 5, 1), date(2024, 5, 5)),
    (date(2024, 6, 10), date(2024, 6, 10)),
    (date(2024, 9, 15), date(2024, 9, 17)),
    (date(2024, 10, 1), date(2024, 10, 7)),
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
)
SPRING_FESTIVALS = (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29))
MONTH_FACTORS = (0.92, 0.85, 1.06, 1.0, 0.97, 1.03, 0.94, 0.96, 1.06, 1.04, 1.18, 1.16)


@cache
def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not any(first <= day <= last for first, last in PUBLIC_HOLIDAYS)


def working_day_from(day: date) -> date:
    """The day itself or the next working day."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_until(day: date) -> date:
    """The day itself or the working day before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def usual_order_day(day: date, may_be_later: bool, dice: Dice) -> date:
    """The day itself if it is a working day, else one of the working days just before or after."""
    direction = 1 if dice.chance(0.5) and may_be_later else -1
    while not is_working_day(day):
        day += timedelta(days=direction * dice.whole(1, 5))
    return day


def season(day: date) -> float:
    """How much busier than an average day: the fourth quarter is high, the weeks round the Spring Festival are low."""
    factor = MONTH_FACTORS[day.month - 1]
    if any(-12 <= (day - festival).days <= 16 for festival in SPRING_FESTIVALS):
        factor *= 0.6
    return factor


RATE_ANCHORS = (
    (date(2022, 12, 30), 6.96),
    (date(2023, 1, 20), 6.78),
    (date(2023, 6, 30), 7.25),
    (date(2023, 9, 8), 7.34),
    (date(2023, 12, 29), 7.10),
    (date(2024, 7, 5), 7.27),
    (date(2024, 9, 27), 7.01),
    (date(2025, 1, 10), 7.33),
    (date(2025, 6, 27), 7.17),
    (date(2025, 12, 26), 7.03),
)


@cache
def exchange_rates() -> tuple[tuple[date, int], ...]:
    """The dollar's rate of every Friday, in ten-thousandths of a yuan; the first one lies before the first order."""
    dice = Dice("exchange rates")
    rates = []
    for (start, start_rate), (end, end_rate) in pairwise(RATE_ANCHORS):
        days = (end - start).days
        for passed in range(0, days, 7):
            rate = start_rate + (end_rate - start_rate) * passed / days + dice.bell() * 0.012
            rates.append((start + timedelta(days=passed), int(rate * 10000 + 0.5)))
    rates.append((RATE_ANCHORS[-1][0], 70312))
    return tuple(rate for rate in rates if rate[0] <= LAST_DAY)


def dollar_rate(day: date) -> int:
    """The last rate known on the day, in ten-thousandths of a yuan."""
    return max(rate for rate in exchange_rates() if rate[0] <= day)[1]
