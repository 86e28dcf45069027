"""Policies whose weights, judgements, industries or calibration contradict themselves are found, each by its own test.

The seeds of test_settings have no optional column; those here have all of them. Models are built whatever a test says,
so that one run shows every fault; another run shows that a build stops.
"""

import json
from pathlib import Path

import pytest
from project import build, project_with, query

ORDERS = "order_id,customer_id,ordered_at,amount\nO1,K1,2025-05-02,100.00\nO2,K2,2025-06-01,50.00\n"
CUSTOMERS = "customer_id,industry\nK1,school\nK2,retail\n"

POLICIES = """\
policy_id,role,valid_from,description,weighting,blend_with,blend_share,scaling,calibrated_on,cut,value_measure,incumbent_margin,downgrade_band,downgrade_grace_reviews,min_purchases
late,champion,1900-01-01,,fixed,,,percentile,2025-06-15,share,,0,0,0,1
strange,challenger,1900-01-01,,blend,guesswork,1,percentile,,share,,0,0,0,1
shared,challenger,1900-01-01,,fixed,std,,percentile,,share,,0,0,0,1
alone,challenger,1900-01-01,,equal,,,percentile,,share,,0,0,0,1
holes,challenger,1900-01-01,,ahp,,,percentile,,share,,0,0,0,1
words,challenger,1900-01-01,,ahp,,,percentile,,share,,0,0,0,1
circle,challenger,1900-01-01,,blend,ahp,,percentile,,share,,0,0,0,1
"""
INDICATORS = """\
policy_id,industry,indicator,direction,weight,indicator_group,when_missing
late,,monetary_12m,higher_is_better,1,financial,reweight
late,schol,monetary_12m,higher_is_better,0.9,financial,reweight
strange,any,monetary_12m,higher_is_better,1,financial,reweight
shared,any,monetary_12m,higher_is_better,1,financial,reweight
alone,school,monetary_12m,higher_is_better,,financial,reweight
holes,any,monetary_12m,higher_is_better,,financial,reweight
holes,any,recency_days,lower_is_better,,behavioural,reweight
holes,any,frequency_12m,higher_is_better,,behavioural,reweight
holes,retail,monetary_12m,higher_is_better,,financial,reweight
words,any,monetary_12m,higher_is_better,,financial,reweight
words,any,recency_days,lower_is_better,,behavioural,reweight
words,any,frequency_12m,higher_is_better,,behavioural,reweight
circle,any,monetary_12m,higher_is_better,0.5,financial,reweight
circle,any,recency_days,lower_is_better,0.25,behavioural,reweight
circle,any,frequency_12m,higher_is_better,0.25,behavioural,reweight
"""
# A circle: money over recency 3, recency over frequency 3, frequency over money 3 times as important.
JUDGEMENTS = """\
policy_id,industry,indicator,compared_with,judgement
holes,any,monetary_12m,recency_days,3
holes,any,frequency_12m,recency_days,2
holes,retail,monetary_12m,recency_days,2
words,,monetary_12m,recency_days,three
words,,recency_days,monetary_12m,1/10
words,,monetary_12m,frequency_12m,9.5
words,,frequency_12m,recency_days,4
words,,recency_days,frequency_12m,1/2
words,,frequency_12m,frequency_12m,2
words,,monetary_12m,profit,2
words,,monetary_12m,profit,2
circle,any,monetary_12m,recency_days,9
circle,any,recency_days,frequency_12m,3
circle,any,monetary_12m,frequency_12m,1/3
"""
TIERS = "policy_id,tier_rank,tier_code,label_en,label_zh,customer_share,min_score,cumulative_value\n" + "".join(
    f"{line.split(',')[0]},1,A,All,全部,1,,\n" for line in POLICIES.splitlines()[1:]
)

# What is wrong -> the test that fails, and what one of its rows says: seed, row, value, remedy.
WRONG = {
    "weights of an industry that sum to 0.9": (
        "policy_indicators__weights_sum_to_one",
        ("policy_indicators", "late, industry schol", "sum 0.900000", "sum to 1"),
    ),
    "an industry that no customer has": (
        "policy_indicators__industries_exist",
        ("policy_indicators", "late, industry schol", "as customers has it"),
    ),
    "an industry without the others": (
        "policy_indicators__each_once_per_set",
        ("policy_indicators", "alone", "rows for school only", "industry any or empty"),
    ),
    "a blend with nothing known": (
        "tier_policies__choices_are_known",
        ("tier_policies", "strange", "blend_with guesswork", "blend_share 1.000000", "write a name and a share"),
    ),
    "a mixture that is no blend": ("tier_policies__choices_are_known", ("tier_policies", "shared", "blend_with std")),
    "a calibration after the review": (
        "review_policies__calibrated_on_the_past",
        ("tier_policies", "late", "calibrated_on 2025-06-15", "at most 2025-05-31", "earlier calibrated_on"),
    ),
    "a word for a judgement": (
        "policy_judgements__can_be_read",
        ("policy_judgements", "words, industry any, monetary_12m with recency_days", "judgement three", "such as 3"),
    ),
    "a judgement below the scale": ("policy_judgements__can_be_read", ("judgement 1/10", "from 1/9 to 9")),
    "a judgement above the scale": ("policy_judgements__can_be_read", ("judgement 9.5", "from 1/9 to 9")),
    "an indicator more important than itself": (
        "policy_judgements__can_be_read",
        ("frequency_12m with frequency_12m", "judgement 2", "write 1, or remove the row"),
    ),
    "a judgement twice": ("policy_judgements__can_be_read", ("monetary_12m with profit", "2 rows", "all but one")),
    "a judgement of an unknown indicator": (
        "policy_judgements__can_be_read",
        ("words", "profit", "an indicator of the policy for any", "correct the name"),
    ),
    "a judgement of an indicator that the industry lacks": (
        "policy_judgements__can_be_read",
        ("holes, industry retail", "recency_days", "an indicator of the policy for retail"),
    ),
    "two answers to one question": (
        "policy_judgements__agree_with_their_reciprocals",
        ("policy_judgements", "frequency_12m with recency_days", "judgement 4, the other way 1/2", "correct one"),
    ),
    "a pair without a judgement": (
        "judgement_matrices__are_complete",
        ("policy_judgements", "holes, industry any", "frequency_12m with monetary_12m", "add a row"),
    ),
    # In a circle of three the eigenvalue is 1 + x + 1/x, x the cube root of 9 x 3 x 3: (5.55787 - 3) / 2 / 0.58.
    # Each is x times what would fit, so the first by name is told: 3 / 4.3267.
    "judgements in a circle": (
        "judgement_weights__are_consistent",
        ("circle, industry any, frequency_12m with monetary_12m", "judgement 3.00", "ratio 2.20506", "0.69 would fit"),
    ),
}


def seeds() -> dict[str, str]:
    tables = {
        "tier_policies": POLICIES,
        "policy_indicators": INDICATORS,
        "policy_judgements": JUDGEMENTS,
        "policy_tiers": TIERS,
        "policy_caps": "policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh\n",
        "policy_life_cycle": "policy_id,stage,min_days,cycle_multiple\n",
    }
    return {f"seeds/policy/{name}.csv": content for name, content in tables.items()}


def own_data(folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    return {
        "raw_location": str(folder),
        "inputs": ["orders", "customers"],
        "as_of_date": "2025-06-30",
        "history_start": "2025-05-31",
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The rows of each failing config test, as text."""
    folder = tmp_path_factory.mktemp("weightings")
    project, target = project_with(folder, seeds()), folder / "target"
    database, own = folder / "company.duckdb", own_data(folder / "raw")
    models = "build --exclude-resource-type test"
    build(
        database, command=models, select="+review_policies", vars=own, project_dir=project, target_path=target
    ).require_success()
    build(database, command="test", select="path:tests/config", vars=own, project_dir=project, target_path=target)
    rows = {}
    for node in json.loads((target / "run_results.json").read_text())["results"]:
        assert node["status"] != "error", node["message"]
        if node["status"] in ("fail", "warn"):
            said = query(database, node["compiled_code"])
            rows[node["unique_id"].split(".")[2]] = ["; ".join(map(str, row.values())) for row in said]
    return rows


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_weighting_is_found(case: str, found: dict[str, list[str]]) -> None:
    test, words = WRONG[case]
    rows = found.get(test, [])
    assert any(all(word in row for word in words) for row in rows), f"{test} found {rows or 'nothing'}"


def test_contradicting_judgements_make_no_tier(tmp_path: Path) -> None:
    """The ratio is known only when the weights are computed, which is still before any tier; the least fitting
    judgement is the one that was made wrong."""
    names = ("monetary_12m", "recency_days", "frequency_12m", "units_12m")
    policy = "judged,champion,1900-01-01,,ahp,,,percentile,,share,,0,0,0,1\n"
    indicators = "".join(f"judged,any,{name},higher_is_better,,financial,reweight\n" for name in names)
    # All fit importances of 8, 4, 2 and 1, but for the first and the last, which should be 8 and is turned around.
    judged = {(0, 1): "2", (0, 2): "4", (0, 3): "1/8", (1, 2): "2", (1, 3): "4", (2, 3): "2"}
    judgements = "".join(f"judged,any,{names[one]},{names[other]},{text}\n" for (one, other), text in judged.items())
    files = seeds() | {
        "seeds/policy/tier_policies.csv": POLICIES.splitlines()[0] + "\n" + policy,
        "seeds/policy/policy_indicators.csv": INDICATORS.splitlines()[0] + "\n" + indicators,
        "seeds/policy/policy_judgements.csv": JUDGEMENTS.splitlines()[0] + "\n" + judgements,
        "seeds/policy/policy_tiers.csv": TIERS.splitlines()[0] + "\njudged,1,A,All,全部,1,,\n",
    }
    project = project_with(tmp_path, files)
    own = own_data(tmp_path / "raw")
    # The shipped treatments name tiers that this policy has not: their test is not this test's matter.
    result = build(
        tmp_path / "company.duckdb",
        vars=own,
        project_dir=project,
        select="+tier_decisions",
        exclude="tier_treatments__every_tier_has_one",
    )
    assert [node.name for node in result.failed()] == ["judgement_weights__are_consistent"], result.text[-2000:]
    assert result.nodes["review_policies"].status == "skipped"
    assert result.nodes["tier_decisions"].status == "skipped"
    assert "units_12m with monetary_12m" in result.text
    assert "think it over" in result.text
