"""The app's charts: how a score comes about, and how it went."""

import altair as alt

from customer_tiering.app.published_copy import Row
from customer_tiering.app.show import ABSENT, number
from customer_tiering.app.texts import Texts, name_of
from customer_tiering.report.charts import BEST, GRID, INK, LOWEST, MUTED, ROW

FONT = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
WHOLE_SCORE = 1_000_000


def waterfall_rows(lines: list[Row], score: int, texts: Texts, language: str) -> list[Row]:
    """Return a bar for each indicator, from where the one before ends, and one for the score, which starts at 0.

    An indicator without weight, such as one that nobody has values of, is none.
    """
    rows = []
    end = 0
    for line in (line for line in lines if line["weight"]):
        start, end = end, end + line["points"]
        possible = round(line["weight"] * WHOLE_SCORE)
        rows.append(
            {
                **{"line": name_of(line["indicator"], language), "points": line["points"], "start": start, "end": end},
                **{"reach": start + possible, "possible": number(possible), "weight": number(line["weight"])},
                **{"value": number(line["raw_value"]), "scaled": number(line["scaled_value"]), "is_score": False},
            }
        )
    total = {"line": texts["score"], "points": score, "start": 0, "end": score, "reach": score, "is_score": True}
    return [*rows, total | {"possible": number(WHOLE_SCORE), "weight": number(1), "value": "–", "scaled": "–"}]


def waterfall(rows: list[Row], next_tier: tuple[str, int] | None, texts: Texts, language: str) -> alt.LayerChart:
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("line:N", sort=None, title=None, axis=alt.Axis(labelLimit=190)),
        tooltip=[
            alt.Tooltip("line:N", title=name_of("indicator", language)),
            alt.Tooltip("points:Q", title=name_of("points", language), format=","),
            alt.Tooltip("possible:N", title=texts["possible_points"]),
            alt.Tooltip("weight:N", title=name_of("weight", language)),
            alt.Tooltip("value:N", title=name_of("raw_value", language)),
            alt.Tooltip("scaled:N", title=name_of("scaled_value", language)),
        ],
    )
    x = alt.X(
        "start:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=5), scale=alt.Scale(domain=[0, WHOLE_SCORE])
    )
    possible = base.mark_bar(size=ROW - 18, color="#e8eef5").encode(x=x, x2="reach:Q")
    colour = alt.condition(alt.datum.is_score, alt.value(BEST), alt.value("#4f86bd"))
    bars = base.mark_bar(size=ROW - 18).encode(x=x, x2="end:Q", color=colour)
    text = base.transform_calculate(
        label="+" + alt.expr.format(alt.datum.points, ","), at=alt.expr.max(alt.datum.end, alt.datum.reach)
    ).transform_filter(~alt.datum.is_score)
    layers = [possible, bars, text.mark_text(align="left", dx=6).encode(x="at:Q", text="label:N")]
    # The score stands in its bar, away from the mark of the next tier; a bar too short for it has it behind.
    is_long = rows[-1]["points"] >= WHOLE_SCORE / 5
    style = {"align": "left", "dx": 8, "fontWeight": "bold", "color": "white" if is_long else INK}
    total = base.transform_filter(alt.datum.is_score).mark_text(**style)
    layers.append(total.encode(x="start:Q" if is_long else "end:Q", text=alt.Text("points:Q", format=",")))
    if next_tier is not None:
        tier, score = next_tier
        said = texts["next_from"].format(tier=tier, score=f"{score:,}")
        mark = alt.Chart(alt.InlineData(values=[{"score": score, "said": said}])).encode(x="score:Q")
        layers.append(mark.mark_rule(color="#d9822b", strokeDash=[5, 4]))
        # on the side where there is room
        side = {"align": "right", "dx": -6} if score > WHOLE_SCORE / 2 else {"align": "left", "dx": 6}
        layers.append(mark.mark_text(color="#a85f12", dy=-8, **side).encode(text="said:N", y=alt.value(0)))
    return _finished(alt.layer(*layers).properties(height=ROW * len(rows)))


def history(rows: list[Row], colours: dict[str, str], language: str) -> alt.LayerChart:
    """The score at each review; the dot's colour says which tier it gave, a letter where that changes, and at last."""
    tiers = [row["tier_code"] for row in rows]
    values = [
        {
            **{name: ABSENT if value is None else value for name, value in row.items()},
            "as_of_date": str(row["as_of_date"]),
            "letter": tier if tier != before or place == len(rows) else "",
        }
        for place, (row, tier, before) in enumerate(zip(rows, tiers, [None, *tiers], strict=False), start=1)
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("as_of_date:O", title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
        y=alt.Y(
            "score:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=5), scale=alt.Scale(zero=False, padding=18)
        ),
        tooltip=[
            alt.Tooltip("as_of_date:N", title=name_of("as_of_date", language)),
            alt.Tooltip("tier_code:N", title=name_of("tier_code", language)),
            alt.Tooltip("score:Q", title=name_of("score", language), format=","),
            alt.Tooltip("score_rank:Q", title=name_of("score_rank", language), format=","),
            alt.Tooltip("cap_code:N", title=name_of("cap_code", language)),
            alt.Tooltip("override_id:N", title=name_of("override_id", language)),
        ],
    )
    shown = {row["tier_code"] for row in rows}
    scale = alt.Scale(
        domain=[tier for tier in colours if tier in shown], range=[colours[tier] for tier in colours if tier in shown]
    )
    return _finished(
        alt.layer(
            base.mark_line(color=LOWEST, strokeWidth=2),
            base.mark_circle(size=170, opacity=1, stroke="white").encode(
                color=alt.Color("tier_code:N", scale=scale, legend=None)
            ),
            base.mark_text(dy=-16, fontWeight="bold").encode(text="letter:N"),
        ).properties(height=260)
    )


def _finished(chart: alt.LayerChart) -> alt.LayerChart:
    axis = {
        "labelColor": INK,
        "labelFontSize": 12,
        "labelPadding": 6,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
    }
    return (
        chart.properties(width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure(font=FONT, background="transparent", padding={"left": 4, "right": 40, "top": 18, "bottom": 4})
        .configure_view(stroke=None)
        .configure_axis(**axis, titleColor=MUTED)
        .configure_text(fontSize=12, color=INK)
    )
