"""The published copy as the app reads it: a version at a time, opened for one look and closed again."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from customer_tiering.published_folder import PublishedFolder, read_build_info

Row = dict[str, Any]


@dataclass(frozen=True)
class Version:
    folder: Path  # its own, not `current`, so that one look reads one version
    name: str
    as_of_date: str
    policy: str
    base_currency: str | None  # a version of before it was written down has none
    published_at: str


def current_version(published: Path) -> Version | None:
    """Return the version that is current now, or None when nothing is published."""
    while (folder := PublishedFolder(published).current_version()) is not None:
        try:
            info = read_build_info(folder)
        except FileNotFoundError:  # pruned just now, so another one is current
            continue
        currency = info.get("base_currency")
        return Version(folder, info["version"], info["as_of_date"], info["policy"], currency, info["published_at"])
    return None


class Marts:
    """The marts of a version, for reading; used in a `with`, so that no file stays open between two looks."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._connection = duckdb.connect(str(version.folder / "marts.duckdb"), read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def read(self, sql: str, **parameters: Any) -> list[Row]:
        return fetched(self._connection.execute(sql, parameters or None))


def fetched(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
