"""Weightings and scalings on both engines, against published cases and against pymcdm, scikit-criteria, AHPy and NumPy.

One build for each engine: the project's own models from the raw values and judgements to the weights, on made-up
metrics. The published cases print scaled values, so these stand in place of the warehouse's own.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import ahpy
import numpy
import pymcdm.weights
import pytest
import yaml
from project import ROOT, Database, PostgresSchema, build, project_with, query
from reference import principal_weights, review_weights, scaled_value
from skcriteria.preprocessing import weighters

PUBLISHED_DAY, RANDOM_DAY, CALIBRATION_DAY = date(2025, 1, 31), date(2025, 6, 30), date(2024, 12, 31)
MODELS = "industry_indicators judgement_matrices judgement_weights customer_metrics review_policies"
MODELS += (
    " customer_industries calibration_breakpoints calibrated_places quantile_ranges indicator_rules scored_customers"
)
MODELS += " raw_values own_scaled_values scaled_values own_values indicator_values"
MODELS += " indicator_correlations policy_weights indicator_weights"

# --- the published cases: policy -> weighting, scaled values by indicator, expected weights, decimals printed ---


def min_maxed(column: list[float]) -> list[str]:
    low, high = min(column), max(column)
    return [f"{(value - low) / (high - low):.9f}" for value in column]


ENTROPY = {"a": [1, 4], "b": [2, 16]}  # entropy looks at shares of a sum only, so all divided by 16
CRITIC = {
    "a": [61, 20.7, 16.3, 9, 5.4, 4, -6.1, -34.6],
    "b": [1.08, 0.26, 1.98, 3.29, 2.77, 4.12, 3.52, 3.31],
    "c": [4.33, 4.34, 2.53, 1.65, 2.33, 1.21, 2.1, 0.98],
}
DEVIATION = {
    "a": [0, 0.39, 0.17, 0.35, 0.3, 0.84, 1],
    "b": [0, 0.3, 0.36, 0.29, 0.4, 0.71, 1],
    "c": [0, 0.77, 0.8, 0.93, 0.94, 1, 0.99],
}
PUBLISHED: dict[str, tuple[str, dict[str, list[str]], dict[str, float], int]] = {
    # scikit-criteria, tests/preprocessing/test_weighters.py at 35f17ee
    "skcriteria": (
        "entropy",
        {name: [f"{value / 16:.9f}" for value in column] for name, column in ENTROPY.items()},
        {"a": 0.358889, "b": 0.641111},
        6,
    ),
    # Diakoulaki, Mavrotas & Papayannakis, Computers & Operations Research 22 (1995)
    "diakoulaki": (
        "critic",
        {name: min_maxed(column) for name, column in CRITIC.items()},
        {"a": 0.20222554, "b": 0.48090173, "c": 0.31687273},
        6,
    ),
    # Jahan & Edwards, Materials & Design 53 (2013)
    "jahan": (
        "std",
        {name: [f"{value:.9f}" for value in column] for name, column in DEVIATION.items()},
        {"a": 0.35, "b": 0.31, "c": 0.34},
        2,
    ),
}
# Liu & Shih, Information & Management 42 (2005), table 3: recency, frequency, monetary; Saaty's index of 1980.
LIU_SHIH = {("recency_days", "frequency_12m"): "5", ("recency_days", "monetary_12m"): "7"}
LIU_SHIH |= {("monetary_12m", "frequency_12m"): "1/3"}
LIU_SHIH_WEIGHTS = {"recency_days": 0.7306446713611295, "frequency_12m": 0.18839409663911977}
LIU_SHIH_WEIGHTS |= {"monetary_12m": 0.08096123199975071}
LIU_SHIH_RATIO = 0.055937568855879034

# --- random cases ---

INDICATORS = {
    "monetary_12m": "higher_is_better",
    "overdue_amount": "lower_is_better",
    "recency_days": "lower_is_better",
    "frequency_12m": "higher_is_better",
    "return_rate_12m": "lower_is_better",
    "cost_to_serve_12m": "higher_is_better",  # the same for all
}
WEIGHTINGS = ("entropy", "critic", "std", "blend")
SCALINGS = ("percentile", "quintile", "min_max")
VARYING = [name for name in INDICATORS if name != "cost_to_serve_12m"]


def random_metrics() -> list[dict]:
    generator = random.Random("weights and scales")
    rows = []
    for day, customers in ((RANDOM_DAY, 60), (CALIBRATION_DAY, 45)):
        for number in range(customers):
            size = generator.lognormvariate(6, 1.5)
            rows.append(
                {
                    "as_of_date": day,
                    "customer_id": f"C{number:03d}",
                    "purchase_count": 1,
                    "monetary_12m": Decimal(f"{size:.2f}"),
                    "overdue_amount": Decimal(f"{generator.choice((0, 0, size / 3)):.2f}"),
                    "recency_days": generator.randint(0, 365),
                    "frequency_12m": generator.choice((1, 1, 1, 2, 3, 8)),
                    "return_rate_12m": Decimal(f"{generator.random():.6f}"),
                    "cost_to_serve_12m": Decimal("7.00"),
                }
            )
    return rows


METRICS = random_metrics()
BIG_MATRIX = [f"criterion_{number:02d}" for number in range(15)]


def random_judgements(names: list[str]) -> dict[tuple[str, str], str]:
    """Nearly consistent: the ratio of two importances, now and then a step off, on Saaty's scale."""
    generator = random.Random(len(names))
    importance = {name: generator.randint(1, 9) for name in names}
    judged = {}
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            high, low = sorted((one, other), key=lambda name: -importance[name])
            times = round(importance[high] / importance[low]) + generator.choice((0, 0, 0, 1))
            judged[(high, low) if generator.random() < 0.5 else (low, high)] = f"{min(times, 9)}"
    return {pair: text if importance[pair[0]] >= importance[pair[1]] else f"1/{text}" for pair, text in judged.items()}


MATRICES = {"liu_shih": LIU_SHIH} | {
    f"judged_{size}": random_judgements(BIG_MATRIX[:size]) for size in (2, 3, 5, 10, 11, 15)
}


def values_model(rows: list[dict], types: dict[str, str]) -> str:
    """A model of these rows, or of none."""
    casts = ", ".join(f"cast({name} as {data_type}) as {name}" for name, data_type in types.items())
    rows_or_dummy = rows or [dict.fromkeys(types)]
    lines = [
        "(" + ", ".join("null" if row.get(name) is None else f"'{row[name]}'" for name in types) + ")"
        for row in rows_or_dummy
    ]
    end = "" if rows else " where 1 = 0"
    return f"select {casts} from (values {', '.join(lines)}) as given ({', '.join(types)}){end}"


def policies() -> list[dict]:
    rows = [
        {"as_of_date": PUBLISHED_DAY, "policy_id": name, "weighting": case[0], "scaling": "given"}
        for name, case in PUBLISHED.items()
    ]
    rows += [{"as_of_date": PUBLISHED_DAY, "policy_id": name, "weighting": "ahp"} for name in MATRICES]
    for scaling in SCALINGS:
        rows += [
            {"as_of_date": RANDOM_DAY, "policy_id": f"{name}_{scaling}", "weighting": name, "scaling": scaling}
            for name in WEIGHTINGS
        ]
        rows.append(
            {
                "as_of_date": RANDOM_DAY,
                "policy_id": f"then_{scaling}",
                "weighting": "std",
                "scaling": scaling,
                "calibrated_on": CALIBRATION_DAY,
            }
        )
    for row in rows:
        row |= {"min_purchases": 1, "is_succession": False, "is_scored": True, "is_learned_from": False}
        if row["weighting"] == "blend":
            row |= {"blend_with": "entropy", "blend_share": "0.3"}
    return rows


def seeds() -> dict[str, str]:
    indicators = ["policy_id,indicator,direction,weight,indicator_group,when_missing"]
    judgements = ["policy_id,indicator,compared_with,judgement"]
    tier_policies = [
        "policy_id,role,valid_from,description,weighting,scaling,cut,value_measure,incumbent_margin,downgrade_band,"
        "downgrade_grace_reviews,min_purchases"
    ]
    for policy in policies():
        name = policy["policy_id"]
        tier_policies.append(f"{name},challenger,1900-01-01,,{policy['weighting']},percentile,share,,,,,1")
        if name in PUBLISHED:
            directions = dict.fromkeys(PUBLISHED[name][1], "higher_is_better")
        elif name in MATRICES:
            directions = dict.fromkeys(sorted({one for pair in MATRICES[name] for one in pair}), "higher_is_better")
            judgements += [f"{name},{one},{other},{text}" for (one, other), text in MATRICES[name].items()]
        else:
            directions = INDICATORS
        for number, (indicator, direction) in enumerate(directions.items()):
            indicators.append(f"{name},{indicator},{direction},{0.5 if number < 2 else 0},financial,reweight")
    tables = {"tier_policies": tier_policies, "policy_indicators": indicators, "policy_judgements": judgements}
    return {f"seeds/policy/{table}.csv": "\n".join(rows) + "\n" for table, rows in tables.items()}


def project(folder: Path) -> Path:
    metrics_yml = yaml.safe_load((ROOT / "models" / "metrics" / "_metrics.yml").read_text("utf-8"))
    (metrics,) = [model for model in metrics_yml["models"] if model["name"] == "customer_metrics"]
    required = [column["name"] for column in metrics["columns"] if column.get("constraints")]
    given_values = [
        {"policy_id": name, "scored_no": f"{-1000 * place - number}", "indicator": indicator, "scaled_value": value}
        for place, (name, (_, columns, _, _)) in enumerate(PUBLISHED.items(), 1)
        for indicator, column in columns.items()
        for number, value in enumerate(column)
    ] + [
        {"policy_id": name, "scored_no": "-1", "indicator": indicator, "scaled_value": "0.5"}
        for name, matrix in MATRICES.items()
        for indicator in sorted({one for pair in matrix for one in pair})
    ]
    for row in given_values:
        row |= {"as_of_date": PUBLISHED_DAY, "raw_value": "1"}
    value_types = {"as_of_date": "date", "policy_id": "text", "scored_no": "integer", "indicator": "text"}
    value_types |= {"raw_value": "decimal(28, 6)", "scaled_value": "decimal(12, 9)"}
    # numbers below 0 belong to nobody else; a customer is told from those of other policies by its number alone
    given = values_model(given_values, value_types)
    policy_types = {"as_of_date": "date", "policy_id": "text", "weighting": "text", "blend_with": "text"}
    policy_types |= {"blend_share": "decimal(9, 6)", "scaling": "text", "calibrated_on": "date"}
    policy_types |= {"min_purchases": "integer"}
    policy_types |= dict.fromkeys(("is_succession", "is_scored", "is_learned_from"), "boolean")
    industry_types = {"as_of_date": "date", "policy_id": "text", "customer_id": "text", "industry": "text"}
    scores = ROOT / "models" / "scoring" / "scores"
    own_values = (scores / "indicator_values.sql").read_text("utf-8")
    own_scaled_values = (scores / "scaled_values.sql").read_text("utf-8")
    rules = "inner join {{ ref('indicator_rules') }} as rules using (as_of_date, policy_id, indicator)"
    files = {
        "models/metrics/customer_metrics.sql": values_model(
            [dict.fromkeys(required, 0) | row for row in METRICS],
            {column["name"]: column["data_type"] for column in metrics["columns"]},
        ),
        "models/scoring/policies/review_policies.sql": values_model(policies(), policy_types),
        "models/scoring/policies/customer_industries.sql": values_model([], industry_types),
        "models/scoring/own_values.sql": own_values,
        "models/scoring/own_scaled_values.sql": own_scaled_values,
        "models/scoring/scores/scaled_values.sql": "select rule_no, raw_value, customers, half_place, customer_count,"
        " scaled_value from {{ ref('own_scaled_values') }} union all"
        " select rules.rule_no, given.raw_value, 1, cast(null as bigint), cast(null as bigint), given.scaled_value"
        f" from ({given}) as given {rules}",
        "models/scoring/scores/indicator_values.sql": "select as_of_date, policy_id, industry, scored_no, rule_no,"
        " indicator, raw_value, scaled_value from {{ ref('own_values') }} union all"
        " select given.as_of_date, given.policy_id, rules.industry, given.scored_no, rules.rule_no, given.indicator,"
        f" given.raw_value, given.scaled_value from ({given}) as given {rules}",
    }
    return project_with(folder, files | seeds())


@dataclass(frozen=True)
class Found:
    """What one engine found: weights and rows of indicator_weights by policy, scaled values by policy and indicator."""

    weights: dict[str, dict[str, Decimal]]
    ratios: dict[str, Decimal | None]
    scaled: dict[str, dict[str, dict[str, Decimal | None]]]
    effective: dict[str, dict[str, Decimal | None]]


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp(request.param)
    database: Database = folder / "weights.duckdb"
    if request.param == "postgres":
        name: Callable[[], PostgresSchema] = request.getfixturevalue("new_postgres_schema")
        database = name()
    build(
        database,
        command="build --exclude-resource-type test",
        select=f"tier_policies policy_indicators policy_judgements {MODELS}",
        project_dir=project(folder),
        target_path=folder / "target",
    ).require_success()
    schema = "main" if isinstance(database, Path) else database.schema
    result = Found({}, {}, {}, {})
    for row in query(database, "select * from indicator_weights"):
        result.weights.setdefault(row["policy_id"], {})[row["indicator"]] = row["weight"]
        result.effective.setdefault(row["policy_id"], {})[row["indicator"]] = row["effective_share"]
        result.ratios[row["policy_id"]] = row["consistency_ratio"]
    scored = f'"{schema}_scoring".scored_customers'
    lines = f'"{schema}_scoring".indicator_values as lines left join {scored} as scored using (scored_no)'
    for row in query(database, f"select lines.*, coalesce(customer_id, '-') as customer_id from {lines}"):
        columns = result.scaled.setdefault(row["policy_id"], {})
        columns.setdefault(row["indicator"], {})[row["customer_id"]] = row["scaled_value"]
    return result


@pytest.mark.parametrize("case", PUBLISHED)
def test_published_weights(case: str, found: Found) -> None:
    _, _, expected, decimals = PUBLISHED[case]
    for indicator, weight in expected.items():
        # The printed digits, within one unit in the last place for what the source itself rounded before.
        assert abs(float(found.weights[case][indicator]) - weight) < 10**-decimals, indicator


def test_published_judgements(found: Found) -> None:
    for indicator, weight in LIU_SHIH_WEIGHTS.items():
        assert abs(float(found.weights["liu_shih"][indicator]) - weight) <= 1e-6
    assert abs(float(found.ratios["liu_shih"]) - LIU_SHIH_RATIO) <= 5e-7


SAATY = {3: (0.58, 0.52), 5: (1.12, 1.11), 10: (1.49, 1.49), 11: (1.51, 1.52), 15: (1.59, 1.59)}


@pytest.mark.parametrize("size", SAATY)
def test_judgements_against_ahpy(size: int, found: Found) -> None:
    policy = f"judged_{size}"
    comparisons = {pair: float(Fraction(text)) for pair, text in MATRICES[policy].items()}
    theirs = ahpy.Compare("c", comparisons, precision=9, random_index="saaty", iterations=1000, tolerance=1e-12)
    for indicator, weight in theirs.target_weights.items():
        assert abs(float(found.weights[policy][indicator]) - weight) <= 1.1e-6
    # AHPy divides by Saaty's random index of 2005, we by that of 1980.
    index_1980, index_2005 = SAATY[size]
    assert abs(float(found.ratios[policy]) * index_1980 - theirs.consistency_ratio * index_2005) <= 1e-6


@pytest.mark.parametrize("policy", MATRICES)
def test_judgements_against_the_reference(policy: str, found: Found) -> None:
    judgements = {pair: Fraction(text) for pair, text in MATRICES[policy].items()}
    names = sorted({one for pair in MATRICES[policy] for one in pair})
    weights, ratio = principal_weights(names, judgements)
    assert found.ratios[policy] == ratio
    assert all(abs(found.weights[policy][name] - weights[name]) <= Decimal("0.000002") for name in names)
    assert sum(found.weights[policy].values()) == 1


@pytest.mark.parametrize("scaling", SCALINGS)
def test_scaled_values(scaling: str, found: Found) -> None:
    for policy, day in ((f"std_{scaling}", RANDOM_DAY), (f"then_{scaling}", CALIBRATION_DAY)):
        for indicator, direction in INDICATORS.items():
            population = sorted(row[indicator] for row in METRICS if row["as_of_date"] == day)
            for row in METRICS:
                if row["as_of_date"] == RANDOM_DAY:
                    expected = scaled_value(scaling, row[indicator], population, direction == "higher_is_better")
                    assert found.scaled[policy][indicator][row["customer_id"]] == expected, (policy, indicator, row)


def test_min_max_against_numpy(found: Found) -> None:
    for indicator in VARYING:
        values = {row["customer_id"]: float(row[indicator]) for row in METRICS if row["as_of_date"] == RANDOM_DAY}
        low, high = numpy.quantile(list(values.values()), [0.01, 0.99])
        for customer_id, value in values.items():
            expected = min(max((value - low) / (high - low), 0), 1)
            if INDICATORS[indicator] == "lower_is_better":
                expected = 1 - expected
            assert abs(float(found.scaled["std_min_max"][indicator][customer_id]) - expected) < 1e-8


def matrix_of(found: Found, policy: str) -> numpy.ndarray:
    columns = [found.scaled[policy][name] for name in VARYING]
    return numpy.array([[float(column[customer]) for column in columns] for customer in sorted(columns[0])])


# pymcdm and scikit-criteria take 0 ln 0 as unknown, and only percentiles are never 0: entropy is compared there.
@pytest.mark.parametrize(
    ("weighting", "scaling"),
    [("entropy", "percentile")] + [(weighting, scaling) for weighting in ("critic", "std") for scaling in SCALINGS],
)
def test_weights_against_libraries(weighting: str, scaling: str, found: Found) -> None:
    policy = f"{weighting}_{scaling}"
    matrix = matrix_of(found, policy)
    ours = [float(found.weights[policy][name]) for name in VARYING]
    pymcdm_name = {"std": "standard_deviation"}.get(weighting, weighting)
    theirs = getattr(pymcdm.weights, f"{pymcdm_name}_weights")(matrix)
    assert numpy.abs(theirs - ours).max() < 2e-6
    more = {"objectives": [1] * len(VARYING)} if weighting == "critic" else {}
    others = getattr(weighters, f"{weighting}_weights")(matrix, **more)
    assert numpy.abs(others / others.sum() - ours).max() < 2e-6
    assert found.weights[policy]["cost_to_serve_12m"] == 0  # it is the same for all


@pytest.mark.parametrize("policy", [f"{weighting}_{scaling}" for weighting in WEIGHTINGS for scaling in SCALINGS])
def test_weights_against_the_reference(policy: str, found: Found) -> None:
    weighting = policy.partition("_")[0]
    given = {name: Decimal("0.5") if number < 2 else Decimal(0) for number, name in enumerate(INDICATORS)}
    scaled = {name: found.scaled[policy][name] for name in sorted(INDICATORS)}
    assert found.weights[policy] == review_weights(weighting, given, scaled, {}, "entropy", Decimal("0.3"))


@pytest.mark.parametrize("policy", [f"{weighting}_{scaling}" for weighting in WEIGHTINGS for scaling in SCALINGS])
def test_effective_share(policy: str, found: Found) -> None:
    effects = {
        name: float(found.weights[policy][name]) * numpy.std([float(value) for value in column.values()])
        for name, column in found.scaled[policy].items()
    }
    for name, effect in effects.items():
        assert abs(float(found.effective[policy][name]) - effect / sum(effects.values())) < 1e-6
