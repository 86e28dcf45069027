"""Recency, frequency, monetary value and their quintiles, as they are usually made with pandas, polars and lifetimes.

`.venvs/benchmark/bin/python -m benchmarks.others pandas --from FOLDER --to FILE.parquet`

Each is a process of its own that reads the company's Parquet files and writes a row per customer with a purchase. The
definitions are the project's (an order whose lines add up to more than 0 is a purchase; money counts returns), so that
the figures can be the same. pandas and lifetimes add up floats, as is usual with them; polars has decimals.
"""

import argparse
from pathlib import Path
from typing import Any

QUINTILES = {
    "recency_days": "recency_quintile",
    "frequency_12m": "frequency_quintile",
    "monetary_12m": "monetary_quintile",
}


def orders_in_pandas(folder: Path) -> Any:
    """One row per order that is not cancelled and has lines: customer_id, order_date, amount."""
    import pandas

    orders = pandas.read_parquet(
        folder / "orders.parquet", columns=["order_id", "customer_id", "ordered_at", "status"], dtype_backend="pyarrow"
    )
    lines = pandas.read_parquet(
        folder / "order_lines.parquet",
        columns=["order_id", "quantity", "unit_price", "discount_amount"],
        dtype_backend="pyarrow",
    )
    # Arrow's decimals cannot be added up by group here; floats can.
    money = lines[["quantity", "unit_price", "discount_amount"]].astype("double[pyarrow]").astype("float64")
    lines["amount"] = money["quantity"] * money["unit_price"] - money["discount_amount"]
    amounts = lines.groupby("order_id", sort=False)["amount"].sum()
    orders = orders[orders["status"] != "cancelled"].merge(amounts, left_on="order_id", right_index=True)
    orders["order_date"] = orders["ordered_at"].astype("datetime64[us]").dt.normalize()
    return orders[["customer_id", "order_date", "amount"]]


def with_pandas(folder: Path, as_of_date: str) -> Any:
    """groupby, then qcut over ranks in the order of the rows: without them equal values do not fill five classes."""
    import pandas

    day = pandas.Timestamp(as_of_date)
    orders = orders_in_pandas(folder)
    orders = orders[orders["order_date"] <= day]
    purchases = orders[orders["amount"] > 0]
    is_recent = purchases["order_date"] > day - pandas.Timedelta(days=365)
    customers = purchases.groupby("customer_id")["order_date"].max().to_frame("last_purchase_date")
    customers["recency_days"] = (day - customers["last_purchase_date"]).dt.days
    customers["frequency_12m"] = purchases[is_recent].groupby("customer_id").size()
    recent_orders = orders[orders["order_date"] > day - pandas.Timedelta(days=365)]
    customers["monetary_12m"] = recent_orders.groupby("customer_id")["amount"].sum().round(2)
    customers[["frequency_12m", "monetary_12m"]] = customers[["frequency_12m", "monetary_12m"]].fillna(0)
    return pandas_quintiles(customers.drop(columns="last_purchase_date").reset_index())


def pandas_quintiles(customers: Any) -> Any:
    """Add the three quintiles, 5 = best."""
    import pandas

    for metric, quintile in QUINTILES.items():
        ranks = customers[metric].rank(method="first", ascending=metric != "recency_days")
        customers[quintile] = pandas.qcut(ranks, 5, labels=False) + 1
    return customers


def with_polars(folder: Path, as_of_date: str) -> Any:
    """A lazy query over the files, run by the streaming engine."""
    import polars

    day = polars.lit(as_of_date).str.to_date()
    is_recent = polars.col("order_date") > day - polars.duration(days=365)
    is_purchase = polars.col("amount") > 0
    quantity = polars.col("quantity").cast(polars.Decimal(18, 2))
    amounts = (
        polars.scan_parquet(folder / "order_lines.parquet")
        .group_by("order_id")
        .agg((quantity * polars.col("unit_price") - polars.col("discount_amount")).sum().alias("amount"))
    )
    customers = (
        polars.scan_parquet(folder / "orders.parquet")
        .filter(polars.col("status") != "cancelled")
        .select("order_id", "customer_id", polars.col("ordered_at").dt.date().alias("order_date"))
        .filter(polars.col("order_date") <= day)
        .join(amounts, on="order_id")
        .group_by("customer_id")
        .agg(
            (day - polars.col("order_date").filter(is_purchase).max()).dt.total_days().alias("recency_days"),
            (is_purchase & is_recent).sum().alias("frequency_12m"),
            polars.col("amount").filter(is_recent).sum().alias("monetary_12m"),
        )
        .filter(polars.col("recency_days").is_not_null())
        .collect(engine="streaming")
    )
    return polars_quintiles(customers)


def polars_quintiles(customers: Any) -> Any:
    """Add the three quintiles, 5 = best."""
    import polars

    return customers.with_columns(
        (
            (polars.col(metric).rank("ordinal", descending=metric == "recency_days").cast(polars.Int64) - 1)
            * 5
            // polars.len()
            + 1
        ).alias(quintile)
        for metric, quintile in QUINTILES.items()
    )


def with_lifetimes(folder: Path, as_of_date: str) -> Any:
    """The summary of the purchases of 365 days, brought to the same meaning.

    Its frequency counts days, its monetary value is the mean of days, its recency runs from first to last day.
    """
    import pandas
    from lifetimes.utils import summary_data_from_transaction_data

    day = pandas.Timestamp(as_of_date)
    orders = orders_in_pandas(folder)
    is_recent = (orders["order_date"] > day - pandas.Timedelta(days=365)) & (orders["order_date"] <= day)
    summary = summary_data_from_transaction_data(
        orders[is_recent & (orders["amount"] > 0)].reset_index(drop=True),
        "customer_id",
        "order_date",
        "amount",
        observation_period_end=day,
        include_first_transaction=True,
    )
    summary["recency_days"] = (summary["T"] - summary["recency"]).astype("int64")
    summary["frequency_12m"] = summary["frequency"].astype("int64")
    summary["monetary_12m"] = (summary["monetary_value"] * summary["frequency"]).round(2)
    return summary[["recency_days", "frequency_12m", "monetary_12m"]].reset_index()


WAYS = {"pandas": with_pandas, "polars": with_polars, "lifetimes": with_lifetimes}


def shuffled(way: str, file: Path) -> Any:
    """The customers that `way` wrote to `file`, in another order, and their quintiles in that order."""
    if way == "polars":
        import polars

        return polars_quintiles(polars.read_parquet(file).sample(fraction=1, shuffle=True, seed=1))
    import pandas

    return pandas_quintiles(pandas.read_parquet(file).sample(frac=1, random_state=1))


def write(customers: Any, file: Path) -> None:
    """Write a frame of pandas or polars as Parquet."""
    customers.write_parquet(file) if hasattr(customers, "write_parquet") else customers.to_parquet(file, index=False)


def main() -> None:
    """Read the arguments, compute, write."""
    parser = argparse.ArgumentParser(description="Recency, frequency and monetary value by other means.")
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder with the Parquet files")
    parser.add_argument("--to", type=Path, required=True, help="Parquet file with a row per customer")
    parser.add_argument("--as-of-date", default="2025-12-31")
    parser.add_argument("--shuffled-to", type=Path, help="make the quintiles of --to once more, the customers shuffled")
    arguments = parser.parse_args()
    if arguments.shuffled_to:
        write(shuffled(arguments.way, arguments.to), arguments.shuffled_to)
    else:
        write(WAYS[arguments.way](arguments.folder, arguments.as_of_date), arguments.to)


if __name__ == "__main__":
    main()
