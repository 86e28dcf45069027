"""The page: tiles, charts and lists in one file with the code that draws them, so that it opens without a network."""

from pathlib import Path

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from customer_tiering.report.charts import all_charts
from customer_tiering.report.figures import Figures, read_figures, total
from customer_tiering.report.texts import TEXTS, Texts

PARTS = ("pyramid", "shares", "concentration", "migration", "rfm", "ageing")


def write(database: Path, to: Path, language: str) -> None:
    """Write the report. Raise FileNotFoundError without the database, LookupError when it holds no tier."""
    page = render(read_figures(database, language), language)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(page, encoding="utf-8")


def render(figures: Figures, language: str) -> str:
    texts = TEXTS[language]
    # Escapes all that comes from data: a customer's name is text, whatever it holds.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True
    )
    environment.filters |= {"number": _number, "money": _money, "percent": _percent}
    charts = all_charts(figures, texts)
    return environment.get_template("page.html").render(
        language=language,
        texts=texts,
        figures=figures,
        charts=charts,
        parts=sorted(PARTS, key=lambda name: name not in charts),  # what there is comes first
        headlines=headlines(figures, texts),
        notes=notes(figures, texts),
        tiles=tiles(figures, texts),
        tables=[row for row in figures.quality if row["check_name"] == "rows_read"],
        findings=[row for row in figures.quality if row["check_name"] != "rows_read" and row["rows_found"]],
        set_aside=_set_aside(figures),
        javascript=vl_convert.javascript_bundle(),
    )


def tiles(figures: Figures, texts: Texts) -> list[tuple[str, str]]:
    """Return the name and text of the figures at the top."""
    names = ("customers", "revenue", "profit", "overdue_amount", "cost_to_serve")
    totals = {name: total(figures.tiers, name) for name in names}
    return [(texts[name], _money(value)) for name, value in totals.items() if value is not None]


def headlines(figures: Figures, texts: Texts) -> dict[str, str]:
    """Return the title of each part: what is to be seen there, or that there is nothing to be seen."""
    said = {}
    best = figures.tiers[0]
    known = best["revenue_share"] is not None
    title = "pyramid_empty" if not best["customers"] else "pyramid_title" if known else "pyramid_plain"
    said["pyramid"] = texts[title].format(
        tier=best["tier"], customers=_percent(best["customer_share"]), revenue=_percent(best["revenue_share"])
    )
    owing = any(row["overdue_share"] is not None for row in figures.tiers)
    said["shares"] = texts["shares_title" if owing else "shares_plain"]
    at_20 = {row["measure"]: row["cumulative_share"] for row in figures.concentration if row["percentile"] == 20}
    if len(at_20) == 2:
        said["concentration"] = texts["concentration_title"].format(**{name: _percent(at_20[name]) for name in at_20})
    elif "revenue" in at_20:
        said["concentration"] = texts["concentration_plain"].format(revenue=_percent(at_20["revenue"]))
    else:
        said["concentration"] = texts["concentration_none"]
    said["migration"] = _migration_title(figures, texts)
    busy = [row for row in figures.rfm if row["recency_class"] >= 4 and row["frequency_class"] >= 4]
    bought, revenue = sum(row["customers"] for row in figures.rfm), total(figures.rfm, "revenue") or 0
    said["rfm"] = texts["rfm_title" if revenue > 0 else "rfm_plain" if bought else "rfm_none"].format(
        customers=_percent(sum(row["customers"] for row in busy) / bought) if bought else None,
        revenue=_percent((total(busy, "revenue") or 0) / revenue) if revenue > 0 else None,
    )
    overdue, over_90 = total(figures.ageing, "overdue_amount"), total(figures.ageing, "over_90")
    said["ageing"] = (
        texts["ageing_none"]
        if overdue is None
        else texts["ageing_title"].format(overdue=_money(overdue), over_90=_money(over_90))
    )
    lapsed = figures.winback_customers + figures.winback_left_off
    title = "winback_title" if figures.winback else "winback_all_off" if lapsed else "winback_none"
    said["winback"] = texts[title].format(
        all=_number(lapsed),
        customers=_number(figures.winback_customers),
        value=_money(figures.winback_value),
    )
    seen = sum(row["rows_seen"] for row in figures.quality if row["check_name"] == "rows_read")
    set_aside = sum(_set_aside(figures).values())
    said["quality"] = texts["quality_title"].format(
        rows=_number(set_aside), seen=_number(seen), share=f"{set_aside / seen if seen else 0:.2%}"
    )
    return said


def notes(figures: Figures, texts: Texts) -> dict[str, str]:
    """Return how each part is to be read, and which measure has no share of the whole."""
    said = {name: texts[f"{name}_note"] for name in PARTS}
    without = [
        texts[name]
        for name in ("revenue", "profit")
        if total(figures.tiers, name) is not None and total(figures.tiers, f"{name}_share") is None
    ]
    if without:
        said["shares"] += " " + texts["no_share"].format(measures=", ".join(without))
    return said


def _migration_title(figures: Figures, texts: Texts) -> str:
    if not figures.migration:
        return texts["migration_none"]
    up = down = crossed = 0
    for row in figures.migration:
        before, now = row["from_tier_rank"], row["to_tier_rank"]
        if before is None or now is None:
            crossed += row["customers"] if before != now else 0
        elif now < before:
            up += row["customers"]
        elif now > before:
            down += row["customers"]
    return texts["migration_title"].format(
        up=_number(up), down=_number(down), crossed=_number(crossed), date=figures.previous_date
    )


def _set_aside(figures: Figures) -> dict[str, int]:
    """Return the quarantined rows of each raw table."""
    rows: dict[str, int] = {}
    for row in figures.quality:
        rows[row["table_name"]] = rows.get(row["table_name"], 0) + row["rows_quarantined"]
    return rows


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:z,.0f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:z.1%}"
