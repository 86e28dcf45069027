"""The report's charts, as Altair draws them: as wide as their place on the page, each figure a hover away."""

import json
from collections.abc import Mapping
from typing import Any

import altair as alt

from customer_tiering.report.figures import AGEING, Figures, Row, total

INK, MUTED, GRID = "#1f2933", "#6b7785", "#e4e8ec"
BEST, LOWEST, STATE = "#0b3c6f", "#a9cbe8", "#c3c8ce"  # tiers from the best to the lowest; customers without a score
REVENUE, PROFIT = "#0b3c6f", "#d9822b"
LATE = ["#f6d99a", "#eea35b", "#d9662f", "#9d1c1c"]  # the later, the redder
ROW = 44  # pixels of a bar and the space around it
Texts = Mapping[str, str]


def all_charts(figures: Figures, texts: Texts) -> dict[str, dict[str, Any]]:
    """Return the Vega-Lite specification of each chart for which there are figures, by name."""
    charts = {
        "pyramid": tier_pyramid(figures, texts),
        "shares": tier_shares(figures, texts),
        "concentration": concentration_curve(figures, texts) if figures.concentration else None,
        "migration": migration_map(figures, texts) if figures.migration else None,
        "rfm": rfm_map(figures, texts) if figures.rfm else None,
        "ageing": ageing_by_tier(figures, texts) if figures.ageing else None,
    }
    return {name: _finished(chart, texts[f"{name}_note"]) for name, chart in charts.items() if chart is not None}


def _finished(chart: alt.Chart | alt.LayerChart, description: str) -> dict[str, Any]:
    font = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
    return (
        chart.properties(
            width="container", description=description, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
        )
        .configure(font=font, background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            **{
                "labelColor": INK,
                "labelFontSize": 12,
                "labelPadding": 6,
                "gridColor": GRID,
                "domain": False,
                "ticks": False,
            },
            **{"titleColor": MUTED, "titleFontSize": 12, "titleFontWeight": "normal"},
        )
        .configure_legend(orient="top", title=None, labelColor=INK, labelFontSize=12, symbolType="square")
        .configure_text(fontSize=12, color=INK)
        .to_dict()
    )


def _data(rows: list[Row]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def tier_colours(tiers: list[Row]) -> dict[str, str]:
    """Return a colour for each tier: the better, the darker; grey for customers without a score."""
    ranked = [row["tier"] for row in tiers if row["tier_rank"] is not None]
    best, lowest = ([int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in (BEST, LOWEST))
    colours = {row["tier"]: STATE for row in tiers}
    for place, tier in enumerate(ranked):
        part = place / max(len(ranked) - 1, 1)
        mixed = (round(dark + (light - dark) * part) for dark, light in zip(best, lowest, strict=True))
        colours[tier] = "#" + "".join(f"{channel:02x}" for channel in mixed)
    return colours


def ink_on(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "white" if 299 * red + 587 * green + 114 * blue < 140_000 else INK


def _tier_colour(figures: Figures, legend: bool) -> alt.Color:
    colours = tier_colours(figures.tiers)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    # The codes alone: a telephone has no place for more, and the names stand beside the same colours in the pyramid.
    short = {row["tier"]: row["tier"] if row["tier_rank"] is None else row["tier_code"] for row in figures.tiers}
    names = alt.Legend(columns=4, labelExpr=f"{json.dumps(short)}[datum.label]")
    return alt.Color("tier:N", scale=scale, legend=names if legend else None)


def _tier_axis(figures: Figures) -> alt.Y:
    return alt.Y("tier:N", sort=[row["tier"] for row in figures.tiers], title=None, axis=alt.Axis(labelLimit=130))


def tier_pyramid(figures: Figures, texts: Texts) -> alt.LayerChart:
    rows = [row | {"left": -row["customer_share"] / 2, "right": row["customer_share"] / 2} for row in figures.tiers]
    widest = max(row["right"] for row in rows)
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[-widest, widest * 3], nice=False))
    tooltip = [
        alt.Tooltip("tier:N", title=texts["tier"]),
        alt.Tooltip("customers:Q", title=texts["customers"], format=","),
    ]
    for name in (
        "customer_share",
        "revenue",
        "revenue_share",
        "profit",
        "profit_share",
        "overdue_amount",
        "overdue_share",
    ):
        if total(rows, name) is not None:
            tooltip.append(alt.Tooltip(f"{name}:Q", title=texts[name], format=".1%" if "share" in name else ",.2f"))
    base = alt.Chart(_data(rows)).encode(y=_tier_axis(figures), tooltip=tooltip)
    bars = base.mark_bar(size=ROW - 8).encode(x=x, x2="right:Q", color=_tier_colour(figures, legend=False))
    label = alt.expr.format(alt.datum.customers, ",") + "  ·  " + alt.expr.format(alt.datum.customer_share, ".1%")
    text = base.transform_calculate(label=label).mark_text(align="left", dx=8).encode(x="right:Q", text="label:N")
    return alt.layer(bars, text).properties(height=ROW * len(rows))


def tier_shares(figures: Figures, texts: Texts) -> alt.LayerChart:
    """Bars of 100 %; a tier that loses money lies to the left of 0."""
    colours = tier_colours(figures.tiers)
    rows = []
    for measure, share in (
        ("customers", "customer_share"),
        ("revenue", "revenue_share"),
        ("profit", "profit_share"),
        ("overdue_amount", "overdue_share"),
    ):
        ends = {True: 0.0, False: 0.0}
        for row in figures.tiers:
            if (part := row[share]) is None:
                continue
            start = ends[part >= 0]
            ends[part >= 0] = round(start + part, 6)
            rows.append(
                {
                    **{"measure": texts[measure], "tier": row["tier"], "amount": row[measure], "share": part},
                    **{
                        "start": start,
                        "end": ends[part >= 0],
                        "middle": start + part / 2,
                        "ink": ink_on(colours[row["tier"]]),
                    },
                }
            )
    y = alt.Y("measure:N", sort=list(dict.fromkeys(row["measure"] for row in rows)), title=None)
    base = alt.Chart(_data(rows)).encode(
        y=y,
        tooltip=[
            alt.Tooltip("measure:N", title=texts["measure"]),
            alt.Tooltip("tier:N", title=texts["tier"]),
            alt.Tooltip("amount:Q", title=texts["amount"], format=",.2~f"),
            alt.Tooltip("share:Q", title=texts["share"], format=".1%"),
        ],
    )
    x = alt.X("start:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(nice=False))
    bars = base.mark_bar(size=ROW - 14).encode(x=x, x2="end:Q", color=_tier_colour(figures, legend=True))
    text = (
        base.transform_filter(alt.datum.share >= 0.09)
        .mark_text()
        .encode(
            x="middle:Q",
            text=alt.Text("share:Q", format=".0%"),
            color=alt.Color("ink:N", scale=None),
        )
    )
    return alt.layer(bars, text).properties(height=ROW * len({row["measure"] for row in rows}))


def concentration_curve(figures: Figures, texts: Texts) -> alt.LayerChart:
    rows = [row | {"measure": texts[row["measure"]]} for row in figures.concentration]
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    start = [{"measure": name, "cumulative_customer_share": 0, "cumulative_share": 0} for name in measures]
    x = alt.X(
        "cumulative_customer_share:Q",
        title=texts["cumulative_customer_share"],
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    y = alt.Y("cumulative_share:Q", title=texts["cumulative_share"], axis=alt.Axis(format=".0%", tickCount=5))
    colour = alt.Color("measure:N", scale=alt.Scale(domain=measures, range=[REVENUE, PROFIT][: len(measures)]))
    even = alt.Chart(_data([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=MUTED, strokeDash=[4, 4], strokeWidth=1
    )
    lines = (
        alt.Chart(_data(start + rows)).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, order="percentile:Q")
    )
    points = alt.Chart(_data(rows)).encode(x=x, y=y, color=colour)
    # The figure of the upper curve stands above it, that of the lower one below.
    at_20 = {row["measure"]: row["cumulative_share"] for row in rows if row["percentile"] == 20}
    upper = max(at_20, key=lambda name: at_20[name])
    best = points.transform_filter(alt.datum.percentile == 20)
    texts_at_20 = [
        best.transform_filter(alt.datum.measure == name)
        .mark_text(
            align="right" if name == upper else "left", dx=-8 if name == upper else 8, dy=-8 if name == upper else 8
        )
        .encode(text=alt.Text("cumulative_share:Q", format=".0%"))
        for name in at_20
    ]
    hover = points.mark_circle(size=90, opacity=0).encode(
        tooltip=[
            alt.Tooltip("measure:N", title=texts["measure"]),
            alt.Tooltip("percentile:Q", title=texts["percentile"]),
            alt.Tooltip("cumulative_customer_share:Q", title=texts["cumulative_customer_share"], format=".1%"),
            alt.Tooltip("cumulative_share:Q", title=texts["cumulative_share"], format=".1%"),
        ]
    )
    dots = best.mark_circle(size=70, opacity=1)
    return alt.layer(even.encode(x="x:Q", y="y:Q"), lines, dots, *texts_at_20, hover).properties(height=300)


def migration_map(figures: Figures, texts: Texts) -> alt.LayerChart:
    names = {row["tier_code"]: row["tier"] if row["tier_rank"] is None else row["tier_code"] for row in figures.tiers}
    codes = {row[f"{side}_tier_code"] for row in figures.migration for side in ("from", "to")}
    known = [*names, *sorted(codes - set(names) - {"new", "gone"})]
    states = [code for code in known if code in codes or code in names]

    def name(code: str) -> str:
        return names.get(code) or texts.get(code, code)

    left = [name(code) for code in [*states, *({"new"} & codes)]]
    right = [name(code) for code in [*states, *({"gone"} & codes)]]
    row_totals: dict[str, int] = {}
    for row in figures.migration:
        row_totals[row["from_tier_code"]] = row_totals.get(row["from_tier_code"], 0) + row["customers"]
    rows = [
        {
            **{"from": name(row["from_tier_code"]), "to": name(row["to_tier_code"]), "customers": row["customers"]},
            "share": round(row["customers"] / row_totals[row["from_tier_code"]], 6),
            "revenue": "–" if row["revenue"] is None else f"{row['revenue']:z,.2f}",
        }
        for row in figures.migration
    ]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "to:N",
            sort=right,
            scale=alt.Scale(domain=right),
            title=texts["to"],
            axis=alt.Axis(orient="top", labelAngle=0, labelLimit=80),
        ),
        y=alt.Y("from:N", sort=left, scale=alt.Scale(domain=left), title=texts["from"]),
        tooltip=[
            alt.Tooltip("from:N", title=texts["from"]),
            alt.Tooltip("to:N", title=texts["to"]),
            alt.Tooltip("customers:Q", title=texts["customers"], format=","),
            alt.Tooltip("share:Q", title=texts["row_share"], format=".1%"),
            alt.Tooltip("revenue:N", title=texts["revenue"]),
        ],
    )
    return _heat_map(base, "share", "customers").properties(height=ROW * len(left) + 24)


def rfm_map(figures: Figures, texts: Texts) -> alt.LayerChart:
    revenue = total(figures.rfm, "revenue") or 0
    has_shares = revenue > 0  # of a loss nobody has a share: all fields are as light
    rows = [row | {"share": round(row["revenue"] / revenue, 6) if has_shares else 0} for row in figures.rfm]
    classes = [1, 2, 3, 4, 5]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "recency_class:O",
            scale=alt.Scale(domain=classes),
            title=texts["recency_class"],
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("frequency_class:O", scale=alt.Scale(domain=classes[::-1]), title=texts["frequency_class"]),
        tooltip=[
            alt.Tooltip("recency_class:O", title=texts["recency_class"]),
            alt.Tooltip("frequency_class:O", title=texts["frequency_class"]),
            alt.Tooltip("classes:N", title=texts["classes"]),
            alt.Tooltip("customers:Q", title=texts["customers"], format=","),
            alt.Tooltip("revenue:Q", title=texts["revenue"], format=",.2f"),
            *([alt.Tooltip("share:Q", title=texts["revenue_share"], format=".1%")] if has_shares else []),
        ],
    )
    return _heat_map(base, "share", "customers").properties(height=ROW * 5 + 24)


def _heat_map(base: alt.Chart, colour: str, text: str) -> alt.LayerChart:
    """The darker, the more; the number in the field is readable on both ends."""
    scale = alt.Scale(range=["#eef4fa", BEST], domainMin=0)
    fields = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(f"{colour}:Q", scale=scale, legend=None)
    )
    highest = max((row[colour] or 0 for row in base.data.values), default=0)
    ink = alt.condition(alt.datum[colour] > highest * 0.55, alt.value("white"), alt.value(INK))
    return alt.layer(fields, base.mark_text(fontSize=13).encode(text=alt.Text(f"{text}:Q", format=","), color=ink))


def ageing_by_tier(figures: Figures, texts: Texts) -> alt.Chart:
    tiers = {row["tier_code"]: row["tier"] for row in figures.tiers}
    rows = [
        {
            **{
                "tier": tiers[row["tier_code"]],
                "bucket": texts[f"ageing_{bucket}"],
                "place": place,
                "amount": row[bucket],
            },
            **{"overdue_amount": row["overdue_amount"], "not_due": row["not_due"]},
        }
        for row in figures.ageing
        for place, bucket in enumerate(AGEING)
    ]
    buckets = [texts[f"ageing_{bucket}"] for bucket in AGEING]
    return (
        alt.Chart(_data(rows))
        .mark_bar(size=ROW - 14)
        .encode(
            x=alt.X("amount:Q", title=None, axis=alt.Axis(format="~s", tickCount=5)),
            y=_tier_axis(figures),
            color=alt.Color("bucket:N", scale=alt.Scale(domain=buckets, range=LATE), legend=alt.Legend(columns=2)),
            order="place:Q",
            tooltip=[
                alt.Tooltip("tier:N", title=texts["tier"]),
                alt.Tooltip("bucket:N", title=texts["bucket"]),
                alt.Tooltip("amount:Q", title=texts["amount"], format=",.2f"),
                alt.Tooltip("overdue_amount:Q", title=texts["overdue_amount"], format=",.2f"),
                alt.Tooltip("not_due:Q", title=texts["not_due"], format=",.2f"),
            ],
        )
        .properties(height=ROW * len(figures.ageing))
    )
