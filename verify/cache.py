"""Evidence that need not be found again: kept as JSON under the content that it was found from.

An entry's name has a hash of everything it depends on. When a claim has to run although there are entries,
those say what is different now.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from numerics.whole_file import write_whole
from verify.evidence import Evidence, Verdict
from verify.fingerprint import code_fingerprint, python_version, versions
from verify.load import PaperSource
from verify.reads import changed

#: Names the folder; without it the cache is a folder in the current one.
FOLDER_VARIABLE: Final = "LEMMATA_CACHE"
DEFAULT_FOLDER: Final = ".lemmata-cache"

#: The settings of a run in which no parameter was changed.
DEFAULTS: Final = "{}"

_FORMAT: Final = "lemmata/cache/2"
_KEPT_PER_PART: Final = 8


@dataclass(frozen=True)
class Key:
    """Everything a record depends on. part: "checks" or "mutants"; settings: the parameters that have not their
    default, as JSON."""

    claim: str
    part: str
    effort: str
    seed: int
    code: str
    libraries: str
    python: str
    settings: str = DEFAULTS

    def digest(self) -> str:
        """A hash of the whole key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def file_name(self) -> str:
        """Where the entry is kept, within the folder of its claim."""
        return f"{self.part}-{self.digest()[:24]}.json"


@dataclass(frozen=True)
class Found:
    """An answer of the cache: the record and the day it is from, or None and why there is none."""

    record: Mapping[str, Any] | None
    since: str
    why: str


class Cache:
    """Records of claims in a folder. `warn` is called with a sentence about an entry that cannot be used."""

    def __init__(self, folder: Path | None = None, *, warn: Callable[[str], None] | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()
        self._warn = warn or _ignore
        self._codes: dict[PaperSource, str] = {}

    def key(
        self,
        source: PaperSource,
        claim: str,
        part: str,
        effort: str,
        seed: int,
        settings: Mapping[str, str] | None = None,
    ) -> Key:
        """The key of one part of a claim (its full id), as the code stands now."""
        if source not in self._codes:
            self._codes[source] = code_fingerprint(source)
        libraries = json.dumps(versions(), sort_keys=True)
        chosen = json.dumps(dict(settings or {}), sort_keys=True)
        return Key(claim, part, effort, seed, self._codes[source], libraries, python_version(), chosen)

    def get(self, key: Key) -> Found:
        """The record under this key, or why there is none. A damaged entry is reported and passed over.

        What was found with all parameters at their defaults stands for every other setting of those that it did not
        read.
        """
        entry = self._entry(key)
        if entry is None and key.settings != DEFAULTS:
            usual = self._entry(replace(key, settings=DEFAULTS))
            read = None if usual is None else usual["record"].get("parameters")
            if read is not None and not set(read) & set(json.loads(key.settings)):
                entry = usual
        if entry is None:
            return Found(None, "", self._difference(key))
        other = changed(entry["reads"])
        if other is not None:
            return Found(None, "", f"{other} changed")
        return Found(entry["record"], str(entry["created"])[:10], "")

    def _entry(self, key: Key) -> dict[str, Any] | None:
        entry = self._read(self.folder / key.claim / key.file_name())
        return entry if entry is not None and entry["key"] == asdict(key) else None

    def put(self, key: Key, record: Mapping[str, Any], reads: Mapping[str, str] | None = None) -> None:
        """Keep a record, and the digests of the files that it was found from (`verify.reads`).

        It is there whole or not at all; a cache that cannot be written is only slower.
        """
        folder = self.folder / key.claim
        created = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {
            "format": _FORMAT,
            "created": created,
            "key": asdict(key),
            "record": record,
            "reads": dict(reads or {}),
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(entry | {"sha256": _digest(entry)}, allow_nan=False)
            write_atomically(folder / key.file_name(), text)
            self._prune(folder, key.part)
        except OSError as error:
            self._warn(f"the cache in {self.folder} cannot be written ({error.strerror or error}).")

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            sound = (
                entry["format"] == _FORMAT
                and entry.pop("sha256") == _digest(entry)
                and isinstance(entry["created"], str)
                and isinstance(entry["key"], dict)
                and isinstance(entry["reads"], dict)
                and _sound_record(entry["key"]["part"], entry["record"])
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            sound = False
        if not sound:
            self._warn(
                f"the cache entry {path.parent.name}/{path.name} is damaged; the claim is checked again."
            )
            return None
        assert isinstance(entry, dict)
        return entry

    def _difference(self, key: Key) -> str:
        """What is different from the entry that is closest to this key, in a few words."""
        others = []
        for path in self._entries(self.folder / key.claim, key.part):
            if path.name != key.file_name():
                entry = self._read(path)
                if entry is not None:
                    others.append(entry["key"])
        if not others:
            return "first run"
        ours = asdict(key)
        names = {
            "code": "code changed",
            "libraries": "libraries changed",
            "python": "Python changed",
            "effort": "effort",
            "seed": "seed",
            "settings": "parameters",
        }
        changes = [
            [word for part, word in names.items() if other.get(part) != ours[part]] for other in others
        ]
        _, closest = min((len(words), words) for words in changes)
        return " and ".join(closest) or "first run"

    @staticmethod
    def _entries(folder: Path, part: str) -> list[Path]:
        """Entries of one part of a claim, the newest first."""
        dated = []
        for path in folder.glob(f"{part}-*.json"):
            with contextlib.suppress(OSError):
                dated.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(dated, reverse=True)]

    def _prune(self, folder: Path, part: str) -> None:
        for path in self._entries(folder, part)[_KEPT_PER_PART:]:
            path.unlink(missing_ok=True)


def _digest(entry: Mapping[str, Any]) -> str:
    """Of an entry as it is after reading: a word changed in a file by hand or by a bad disk is noticed."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _ignore(message: str) -> None:
    pass


def default_folder() -> Path:
    """The folder in LEMMATA_CACHE, else .lemmata-cache in the current one."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never a part. OSError.

    Of a file name that is no UTF-8 the odd bytes are written as JSON escapes, which read back as the same name.
    """
    write_whole(path, lambda stream: stream.write(text.encode("utf-8", errors="backslashreplace")))


def _sound_record(part: str, record: Any) -> bool:
    """Whether a record has the shape that `outcome.claim_result` reads, and says nothing its methods
    cannot."""
    if not all(isinstance(name, str) for name in record.get("parameters", ())):
        return False
    if part == "checks":
        for one in record["evidence"]:
            if one["verdict"] != Verdict.ERROR.value:
                Evidence(Verdict(one["verdict"]), one["method"], one["detail"], one["data"])
            float(one["seconds"])
        return isinstance(record["statement"], str) and bool(record["evidence"])
    for one in record["mutants"]:
        Verdict(one["verdict"])
        float(one["seconds"])
        if not all(
            isinstance(one[name], str) for name in ("mutant", "description", "statement", "detail", "method")
        ):
            return False
        if not isinstance(one["not_confirmed"], bool) or not isinstance(one["witness"], str | None):
            return False
    return True
