"""What readers read is described: marts under their four heads, their columns, metrics and what they are split by."""

import pytest
import yaml
from project import ROOT

HEADS = ["**Purpose.**", "**Grain and key.**", "**Rules and nuance.**", "**What it is not.**"]
FILES = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "models").rglob("_*.yml"))]
MARTS = {
    model["name"]: model
    for file in FILES
    for model in file.get("models", [])
    if model.get("config", {}).get("contract", {}).get("enforced") or HEADS[0] in model["description"]
}


def test_the_marts_are_found() -> None:
    assert {"customer_tiers", "tier_summary", "customer_metrics", "weight_proposals"} <= set(MARTS)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_described_under_four_heads(mart: str) -> None:
    paragraphs = MARTS[mart]["description"].split("\n\n")
    opened = [head for paragraph in paragraphs for head in HEADS if paragraph.startswith(f"{head} ")]
    assert opened == HEADS
    assert [column["name"] for column in MARTS[mart]["columns"] if not column.get("description")] == []


def test_the_semantic_layer_is_described() -> None:
    metrics = [metric for file in FILES for metric in file.get("metrics", [])]
    models = [model for file in FILES for model in file.get("semantic_models", [])]
    dimensions = [dimension for model in models for dimension in model.get("dimensions", [])]
    assert metrics and dimensions
    assert [each["name"] for each in (*metrics, *models, *dimensions) if not each.get("description")] == []
