"""A challenger is computed beside the champion on the same day: what it would change, by customer and by tier."""

import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from project import ROOT, BuildResult, build, exact_rows, project_with, query

POLICY = ROOT / "seeds" / "policy"
CHAMPION = "distributor_default"
# The two challengers, their policies and their tiers as rows of the seeds. Both have the indicators of the champion.
# What their cut does not read is empty.
CHALLENGERS = {
    "patient": "challenger,1900-01-01,,fixed,percentile,share,,0,,,5",
    "metals": "challenger,1900-01-01,,equal,percentile,score,,,0,0,1",
}
TIERS = """\
patient,1,A,Key customer,重点客户,0.20,,
patient,2,B,Main customer,主要客户,0.30,,
patient,3,C,Standard customer,普通客户,0.50,,
metals,1,gold,Gold,金,,700000,
metals,2,silver,Silver,银,,600000,
metals,3,iron,Iron,铁,,400000,
metals,4,C,Other,其他,,0,
"""
POLICY_COLUMNS = (
    "policy_id,role,valid_from,description,weighting,scaling,cut,value_measure,incumbent_margin,downgrade_band,"
    "downgrade_grace_reviews,min_purchases"
)
TIER_COLUMNS = "policy_id,tier_rank,tier_code,label_en,label_zh,customer_share,min_score,cumulative_value"
TREATMENT_COLUMNS = (
    "tier_code,lifecycle_stage,service_policy_en,service_policy_zh,contact_every_days,response_target_hours,"
    "credit_terms_days,discount_rate,owner_role,cost_ceiling"
)
TREATMENTS = """\
gold,any,Personal service,专属服务,7,4,60,0.05,key account manager,9000
silver,any,Regular service,常规服务,,24,30,0.02,sales,
iron,any,Standard service,标准服务,365,24,30,,sales,100
"""


def rows_of_seed(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((POLICY / f"{name}.csv").read_text(encoding="utf-8"))))


def lines_of_seed(name: str, columns: str, text: str) -> str:
    """Rows given in `columns` as lines of the seed, whose other columns stay empty."""
    rows = csv.DictReader(io.StringIO(f"{columns}\n{text}"))
    lines = io.StringIO()
    header = (POLICY / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    csv.DictWriter(lines, header, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def with_copy_of_the_champion(name: str) -> str:
    """The seed with each of the champion's rows again, for the challenger `copy`."""
    rows = rows_of_seed(name)
    copies = [row | {"policy_id": "copy"} for row in rows if row["policy_id"] == CHAMPION]
    copies = [row | {"role": "challenger"} if "role" in row else row for row in copies]
    text = io.StringIO()
    header = (POLICY / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *copies])
    return text.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildResult]:
    """The sample with three challengers; the project's own tests run with them."""
    folder = tmp_path_factory.mktemp("challengers")
    names = [path.stem for path in POLICY.glob("*.csv") if "policy_id" in path.read_text("utf-8").splitlines()[0]]
    seeds = {name: with_copy_of_the_champion(name) for name in names}
    assert "policy_tiers" in seeds
    for challenger, policy in CHALLENGERS.items():
        seeds["tier_policies"] += lines_of_seed("tier_policies", POLICY_COLUMNS, f"{challenger},{policy}\n")
        for row in rows_of_seed("policy_indicators"):
            seeds["policy_indicators"] += ",".join((row | {"policy_id": challenger}).values()) + "\n"
    seeds["policy_tiers"] += lines_of_seed("policy_tiers", TIER_COLUMNS, TIERS)
    treatments = (POLICY / "tier_treatments.csv").read_text(encoding="utf-8")
    seeds["tier_treatments"] = treatments + lines_of_seed("tier_treatments", TREATMENT_COLUMNS, TREATMENTS)
    project = project_with(folder, {f"seeds/policy/{name}.csv": content for name, content in seeds.items()})
    database = folder / "sample.duckdb"
    # The sample's answer key speaks of the champion's marts; they stay as they are.
    return database, build(database, project_dir=project)


def test_every_test_holds_beside_challengers(built: tuple[Path, BuildResult]) -> None:
    _, result = built
    result.require_success()
    for test in ("policy_comparison__is_what_differs", "policy_comparison_summary__adds_up"):
        assert result.nodes[test].status == "pass"


def test_a_copy_of_the_champion_differs_for_nobody(built: tuple[Path, BuildResult]) -> None:
    database, _ = built
    found = query(database, "select count(*) as moved from policy_comparison where challenger_policy_id = 'copy'")
    assert found == [{"moved": 0}]
    tiers = query(database, "select * from policy_comparison_summary where challenger_policy_id = 'copy'")
    assert {tier["tier_code"] for tier in tiers} == {"A", "B", "C", "prospect"}
    for tier in tiers:
        assert tier["customers_entering"] == tier["customers_leaving"] == 0
        assert tier["from_tier_rank"] == tier["to_tier_rank"]
        for column, value in tier.items():
            if column.endswith("_before"):
                assert value is not None
                assert tier[column.replace("_before", "_after")] == value


def test_challengers_leave_the_champion_alone(built: tuple[Path, BuildResult], sample_database: Path) -> None:
    database, _ = built
    for mart in ("customer_tiers", "customer_tier_history", "tier_summary", "treatment_plan"):
        assert exact_rows(database, mart) == exact_rows(sample_database, mart)


def test_who_is_not_scored_under_one_policy_only(built: tuple[Path, BuildResult]) -> None:
    database, _ = built
    moved = query(database, "select * from policy_comparison where challenger_policy_id = 'patient'")
    unscored = {row["customer_id"] for row in moved if row["to_tier_code"] == "not_enough_history"}
    few_purchases = query(
        database,
        "select customer_id from customer_metrics where as_of_date = (select max(as_of_date) from customer_metrics)"
        " and purchase_count between 1 and 4",
    )
    assert unscored == {row["customer_id"] for row in few_purchases} != set()
    for row in moved:
        if row["customer_id"] in unscored:
            assert (row["direction"], row["to_tier_rank"], row["to_score"]) == ("out_of_tiers", None, None)
            assert row["to_service_policy_en"].startswith("Too early to judge")
        else:
            assert row["direction"] == ("up" if row["to_tier_rank"] < row["from_tier_rank"] else "down")


def test_tiers_of_other_names(built: tuple[Path, BuildResult]) -> None:
    database, _ = built
    moved = query(database, "select * from policy_comparison where challenger_policy_id = 'metals'")
    # A prospect is one under every policy, and C is a tier of both.
    stayed = query(
        database,
        "select customer_id from customer_tiers"
        " where customer_id not in (select customer_id from policy_comparison where challenger_policy_id = 'metals')",
    )
    assert len(moved) + len(stayed) == 600
    moves = Counter((row["from_tier_code"], row["to_tier_code"], row["direction"]) for row in moved)
    directions = {(before, after): direction for before, after, direction in moves}
    assert len(directions) == len(moves)
    expected = {
        ("A", "gold"): "same_rank",
        ("B", "gold"): "up",
        ("B", "silver"): "same_rank",
        ("C", "iron"): "same_rank",
    }
    assert expected.items() <= directions.items()
    tiers = {
        row["tier_code"]: row
        for row in query(database, "select * from policy_comparison_summary where challenger_policy_id = 'metals'")
    }
    assert set(tiers) == {"A", "B", "C", "gold", "silver", "iron", "prospect"}
    assert {tiers["A"][f"{column}_after"] for column in ("customers", "planned_contacts", "revenue", "profit")} == {0}
    gold, silver = tiers["gold"], tiers["silver"]
    assert gold["cost_ceiling_after"] == 9000 * gold["customers_after"] > 0
    assert abs(gold["planned_contacts_after"] - Decimal(365 * gold["customers_after"]) / 7) < Decimal("0.01")
    # No contact is promised, and there is no ceiling: a sum of ceilings would look like one.
    assert (silver["planned_contacts_after"], silver["cost_ceiling_after"]) == (0, None)
    assert silver["customers_after"] > 0
    assert (tiers["C"]["tier_label_en"], tiers["C"]["from_tier_rank"], tiers["C"]["to_tier_rank"]) == (
        "Standard customer",
        3,
        4,
    )
