"""The folder of published versions: `current` is a link, swung in one rename, so readers see whole versions only.

DIR/current -> versions/<as_of_date>_<content hash>     what readers open
DIR/versions/                                           the last ones, each complete from the moment it has its name
DIR/publish_status.json                                 how the last attempt ended, and why
DIR/.lock, .new, .replaced, .spill, .current            of the command at work; what a killed one left is cleaned up
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class FolderInUse(Exception):
    """Another command changes the folder right now, or it is not one that a command can change."""


class DamagedFile(Exception):
    """A file of the folder cannot be read; the message names it and what to do."""


class PublishedFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions = folder / "versions"
        self.current = folder / "current"
        self.status_file = folder / "publish_status.json"
        self.new = folder / ".new"
        self.spill = folder / ".spill"
        self._replaced = folder / ".replaced"

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Be the only one to change the folder, and clear up after a killed command: its lock died with it."""
        self.versions.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderInUse(
                    f"another publish or rollback is changing {self.folder}: wait until it has ended"
                ) from None
            if self.current.is_dir() and not self.current.is_symlink():
                raise FolderInUse(
                    f"{self.current} is a folder and not a link to a version, as in a copy that follows links: move it "
                    "away, then publish again"
                )
            self._clear()
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    self._clear()

    def _clear(self) -> None:
        for replaced in self._replaced.glob("*"):
            if not (
                self.versions / replaced.name
            ).exists():  # killed between taking the old one away and putting the new one there
                replaced.rename(self.versions / replaced.name)
        for folder in (self.new, self.spill, self._replaced):
            if folder.exists():
                shutil.rmtree(folder)
        for file in self.folder.glob(".*.part"):
            file.unlink()

    def current_version(self) -> Path | None:
        """Return the folder that `current` leads to, or None when there is none."""
        return self.current.resolve() if (self.current / "build_info.json").is_file() else None

    def all_versions(self) -> list[Path]:
        return [file.parent for file in self.versions.glob("*/build_info.json")]

    def put_in_place(self, name: str) -> None:
        """Give the folder `.new`, whose files are written, its name among the versions, durably."""
        for file in self.new.iterdir():
            file.chmod(0o444)
            _synchronise(file)
        _synchronise(self.new)
        version = self.versions / name
        if version.exists():  # the same content was published before, with another version before it
            self._replaced.mkdir()
            version.rename(self._replaced / name)
        self.new.rename(version)
        _synchronise(self.versions)

    def swing(self, name: str) -> None:
        """Let `current` lead to a version, in one rename."""
        link = self.folder / ".current.part"
        link.symlink_to(Path("versions") / name)
        link.replace(self.current)
        _synchronise(self.folder)

    def prune(self, keep: int) -> list[str]:
        """Remove all but the last published versions, the current one and the one before it; return their names."""
        kept = {name for name in (self.current.resolve().name, self.build_info()["previous_version"]) if name}
        published = sorted((read_build_info(version)["published_at"], version.name) for version in self.all_versions())
        kept |= {name for _, name in published[-keep:]}
        removed = [name for _, name in published if name not in kept]
        for name in removed:
            (self.versions / name).rename(self.new)  # so that one that is half removed is not taken for a version
            shutil.rmtree(self.new)
        return removed

    def build_info(self) -> dict[str, Any]:
        return read_build_info(self.current)

    def write_status(self, **facts: Any) -> None:
        """Say how an attempt ended; readers find the old text or the new one."""
        part = self.folder / ".publish_status.part"
        current = self.current_version()
        said = {"attempted_at": now(), **facts, "current_version": current.name if current else None}
        with part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.status_file)
        _synchronise(self.folder)

    def read_status(self) -> dict[str, Any] | None:
        if not self.status_file.is_file():
            return None
        remedy = "remove it: the next publish or rollback writes another"
        return _read(self.status_file, remedy, ("attempted_at", "command", "outcome", "reason"))


def read_build_info(version: Path) -> dict[str, Any]:
    remedy = f"remove {version.resolve()}, then publish the last build again"
    needed = ("version", "as_of_date", "policy", "row_counts", "previous_version", "code_version", "published_at")
    return _read(version / "build_info.json", remedy, needed)


def _read(file: Path, remedy: str, needed: Iterable[str]) -> dict[str, Any]:
    """Return the object that a file holds. Raise DamagedFile where it holds none, or one without what readers need."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        said = None
    if not isinstance(said, dict) or not said.keys() >= set(needed):
        raise DamagedFile(f"{file} is damaged: {remedy}")
    return said


def now() -> str:
    """Return the time of a publication, which no figure depends on."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
