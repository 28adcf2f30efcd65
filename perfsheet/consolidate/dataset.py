"""The organisation as Parquet files for Power BI, DuckDB or pandas: a folder for each table, partitioned by period.

    DIR/goals/period=2026%20Q1/data.parquet

A run replaces the periods that it read and keeps the others. It is written whole or not at all:
beside the folder first, then put in its place.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from ..errors import Leaking, Misuse, Unwritable
from ..scoring import Status
from ..tabs.control import OUTCOMES
from .leaks import but_ours, found_in, leaks_in_folder
from .packing import Part

if TYPE_CHECKING:
    import pyarrow

    from .privacy import Names
    from .rollup import Organisation

SCHEMA_VERSION = 1
"""Goes up when a column changes its meaning or goes away; new columns may come at any time."""
READABLE = frozenset({1})
"""The versions that are read: in these every column means what it means today."""
MARKER, DATA = "_perfsheet.json", "data.parquet"
"""The file by which a folder is known to be ours."""
NO_PERIOD = "(none)"
"""What stands for the period of rows without one: a text, because pandas reads no folder in which some have one and others null."""


@dataclass(frozen=True)
class Field:
    """One column of a table: its type (text, number, count, yes_no or date) and its meaning."""

    name: str
    type: str
    meaning: str


def _fields(*rows: str) -> tuple[Field, ...]:
    """Fields written as "name type meaning"."""
    return tuple(Field(*row.split(" ", 2)) for row in rows)


WHERE = (
    "workbook_id text the workbook's id, from Settings",
    "team text the team",
    "file text the file, as it was named in the run",
)

SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "teams": _fields(
        *WHERE, "manager text the team's manager", "organisation text the organisation", "as_of date the day that everything is judged at",
        "people count rows in People", "goals count goals read", "counted count goals in the team's number",
        "progress number roll-up of the top-most goals, 0 to 1", "expected number what should be done by now, 0 to 1",
        "coverage number share of the weight with a number", "low number progress if all that is missing were nothing",
        "high number progress if all that is missing were done", "worst text the status that needs attention most",
        "check_ins count rows in Check-ins", "proposals count proposals that wait for a decision",
        "actions_overdue count open actions past their date",
    ),
    "goals": _fields(
        *WHERE, "goal_id text the goal's id in its workbook", "goal text its title", "owner text who answers for it",
        "parent text the parent's id, as typed", "kind text Increase, Decrease, Count, Flow, Maintain, Milestones, Percent or Yes/No",
        "status text the status word", "progress number 0 to the cap", "raw_progress number uncapped", "expected number 0 to 1",
        "gap number expected less progress", "spi_t number earned by elapsed time", "weight number relative within the workbook",
        "counted yes_no whether it is in any sum", "weight_given yes_no whether the weight is typed; else it follows from the other goals'", "baseline number the value at the start", "target number the value aimed at",
        "current number the newest value", "lower number the lower limit", "upper number the upper limit", "state text Draft, Active, Done, Postponed or Dropped, as typed",
        "start date first day", "due date last day", "last_check_in date the newest check-in",
        "check_ins count days with a check-in", "chance number chance of the target as shown, in steps of 5 %",
        "forecast_finish date when it is reached at this pace", "reason text the status in a sentence", "cell text where the goal stands",
    ),
    "people": _fields(
        *WHERE, "person text the name", "email text the address", "group text the group", "manager text whom they report to",
        "goals count goals owned or shared", "progress number roll-up of these goals", "expected number what should be done by now",
        "coverage number share of the weight with a number", "index number index of recorded practice, where policy shows it",
        "index_low number lower end of its 80 % band", "index_high number upper end", "index_trials count occasions that counted",
        "index_reason text why there is no index", "cell text where the person stands",
    ),
    "check_ins": _fields(
        *WHERE, "goal_id text the goal", "day date the day that the value is of", "value number the value", "confidence number 0 to 1",
        "by text who entered it", "entered date when it was entered", "cell text where the row stands",
    ),
    "issues": _fields(
        *WHERE, "code text the issue", "severity text data, high, med or info", "goal_id text the goal", "person text the person",
        "evidence text the evidence with its numbers", "cell text the cell",
    ),
    "findings": _fields(
        *WHERE, "code text the rule", "severity text error, warning or info", "value text what stands in the cell",
        "message text what is wrong", "remedy text what to do", "cell text the cell",
    ),
    "history": _fields(
        *WHERE, "when text when the change was applied", "who text who decided", "goal_id text the goal", "field text the column",
        "old text what stood there", "new text what stands there now", "reason text why", "chain_intact yes_no whether the hashes fit",
    ),
    "files": _fields(
        "file text the file", "team text the team", "workbook_id text the workbook's id", "outcome text read, read with …, not read, left out",
        "errors count findings of severity error", "warnings count findings of severity warning", "goals count goals read",
        "note text what to know",
    ),
}  # fmt: skip
"""Every table with its columns. `period` is not a column but the folder's name."""


def write_dataset(org: Organisation, directory: str, names: Names | None = None) -> None:
    """Writes the organisation's tables into `directory`, replacing the periods that are in it.

    With `names` every name is replaced, and the files are looked through before they are put in place.

    Raises Misuse where the library that writes Parquet is missing, Unwritable for a folder that
    is somebody else's or cannot be written.
    """
    _writer()
    target = Path(directory)
    recover(target)
    refuse_foreign(target)
    stage = target.with_name(f".{target.name}.new-{os.getpid()}")
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        _keep_others(target, stage, {_folder(row.get("period")) for row in org.file_rows})
        for table in SCHEMA:
            _write_table(stage / table, table, org.parts(table), names)
        _drop_empty(stage)
        marks = {"schema": SCHEMA_VERSION, **({"pseudonyms": names.key_mark} if names else {})}
        (stage / MARKER).write_text(json.dumps(marks) + "\n", encoding="utf-8")
        if names and (found := _left_over(stage, names)):
            raise Leaking(
                directory, f"{found[0][1]!r} would be left in it ({len(found)} places in all)", "Nothing was written"
            )
        _put_in_place(stage, target)
    except OSError as error:
        raise Unwritable(
            directory, f"the dataset cannot be written: {error.strerror or error}", "Check the folder and its rights"
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _left_over(stage: Path, names: Names) -> list[tuple[str, str]]:
    """Names that were not replaced, beside those that are words of ours."""
    own = " . ".join(
        (*(s.value for s in Status), *OUTCOMES, *(f.meaning for fields in SCHEMA.values() for f in fields), *SCHEMA)
    )
    return but_ours(
        leaks_in_folder(stage, names.forbidden), lambda: [("", words) for words in found_in(own, names.forbidden)]
    )


def _writer() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise Misuse("--dataset needs pyarrow; install it with: pip install 'perfsheet[dataset]'") from None
    return pyarrow.parquet


# ----------------------------------------------------------------------------------- the rows


@lru_cache(maxsize=64)
def _folder(period: object) -> str:
    """A period as a folder's name."""
    return quote(period, safe="") if isinstance(period, str) and period else quote(NO_PERIOD, safe="")


def same_period(one: str | None, other: str | None) -> bool:
    """Whether two names mean one period: a slip in capitals makes no other one, and on some disks no other folder."""
    return _folder(one).casefold() == _folder(other).casefold()


ROWS = 65_536
"""Rows of a row group: so many are held in memory while a table is written."""


def _write_table(folder: Path, table: str, parts: Iterable[Part], names: Names | None) -> None:
    """A table's rows, by workbook, into a file for each period."""
    with ExitStack() as files:
        writers: dict[str, _Writer] = {}
        for part in parts:
            period = _folder(part.period)
            key = period.casefold()
            if key not in writers and part.columns["file"]:
                writers[key] = files.enter_context(_Writer(folder / f"period={period}", table))
            if part.columns["file"]:
                writers[key].add((names.part(part) if names else part).columns)


class _Writer:
    """One file in the making, a group of rows after the other."""

    def __init__(self, folder: Path, table: str) -> None:
        self._folder, self._fields, self._schema = folder, SCHEMA[table], _schema(table)
        self._columns: list[list[Any]] = [[] for _ in self._fields]

    def __enter__(self) -> _Writer:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = open(self._folder / DATA, "wb")
        options = {"compression": "zstd", "write_statistics": False}
        self._parquet = _writer().ParquetWriter(self._file, self._schema, **options)
        return self

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Further rows; a column that they do not have is empty in them."""
        nothing = [None] * len(columns["file"])
        for waiting, field in zip(self._columns, self._fields, strict=True):
            waiting.extend(_fitting(columns.get(field.name, nothing), field.type))
        while len(self._columns[0]) >= ROWS:
            self._write()

    def _write(self) -> None:
        import pyarrow

        group = [waiting[:ROWS] for waiting in self._columns]
        self._parquet.write_table(pyarrow.table(group, schema=self._schema), row_group_size=ROWS)
        self._columns = [waiting[ROWS:] for waiting in self._columns]

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None and self._columns[0]:
                self._write()
            self._parquet.close()
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()


def _schema(table: str) -> pyarrow.Schema:
    import pyarrow

    types = {
        "text": pyarrow.string(), "number": pyarrow.float64(), "count": pyarrow.int64(), "yes_no": pyarrow.bool_(),
        "date": pyarrow.date32(),
    }  # fmt: skip
    fields = [pyarrow.field(f.name, types[f.type], metadata={"meaning": f.meaning}) for f in SCHEMA[table]]
    return pyarrow.schema(fields, metadata={"perfsheet_schema": str(SCHEMA_VERSION), "table": table})


_PYTHONS: Mapping[str, type] = {"text": str, "number": float, "count": int, "yes_no": bool, "date": date}


def _fitting(values: Sequence[Any], kind: str) -> Sequence[Any]:
    """The values as the column takes them."""
    wanted = _PYTHONS[kind]
    if wanted is date or set(map(type, values)) <= {wanted, NoneType}:
        return values
    return [None if value is None else wanted(value) for value in values]


# ----------------------------------------------------------------------------- whole or not at all


def recover(target: Path) -> None:
    """A run that was cut off between two renames left the old folder aside."""
    old = _aside(target)
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def refuse_foreign(target: Path) -> None:
    """A folder that holds something and is no dataset of ours. Raises Unwritable."""
    if target.exists() and not target.is_dir():
        raise Unwritable(str(target), "there is a file of this name", "Choose a folder with --dataset")
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise Unwritable(
            str(target), "the folder holds files that perfsheet did not write", "Choose an empty folder with --dataset"
        )


def refuse_other_names(directory: str, names: Names | None) -> None:
    """A dataset with names where this run has pseudonyms, or the reverse, or those of another key.

    The two beside each other would give the pseudonyms away, and everybody would be somebody else. Raises Misuse.
    """
    try:
        known = json.loads((Path(directory) / MARKER).read_text(encoding="utf-8")).get("pseudonyms")
    except (OSError, ValueError, AttributeError):
        return  # no dataset of ours; whether it may be written is asked later
    now = names.key_mark if names else None
    if known == now:
        return
    if known is None:
        raise Misuse(f"{directory}: it holds names; with --pseudonyms write into a folder of its own")
    with_key = "were made with another key" if now else "stand for names in it"
    raise Misuse(f"{directory}: pseudonyms {with_key}; give --pseudonyms the key file of the runs before")


def _keep_others(target: Path, stage: Path, periods: Iterable[str]) -> None:
    """Periods of earlier runs go along as they are, and so does whatever somebody else put into the folder."""
    replaced = {f"period={period}".casefold() for period in periods}

    def ours(folder: str, names: Sequence[str]) -> set[str]:
        place = Path(folder)
        of_a_period = place.name.casefold() in replaced and place.parent.parent == target
        return {DATA} if of_a_period else {MARKER} if place == target else set()

    if target.exists():
        shutil.copytree(target, stage, symlinks=True, ignore=ours, dirs_exist_ok=True)


def _drop_empty(stage: Path) -> None:
    """Folders of tables that have no rows any more."""
    for table in SCHEMA:
        for folder in (*stage.glob(f"{table}/period=*"), stage / table):
            with suppress(OSError):
                folder.rmdir()


def _put_in_place(stage: Path, target: Path) -> None:
    if target.exists():
        target.rename(_aside(target))
    stage.rename(target)
    shutil.rmtree(_aside(target), ignore_errors=True)


# ------------------------------------------------------------------------------------ reading back


def periods_of(directory: str | os.PathLike[str]) -> list[str | None]:
    """The periods that a dataset holds; none where there is no folder."""
    return [name for name, _ in _partitions(Path(directory), "teams")]


def read_columns(
    directory: str | os.PathLike[str], table: str, period: str | None, columns: Sequence[str]
) -> dict[str, list[Any]]:
    """Some columns of one period of a table."""
    for name, file in _partitions(Path(directory), table):
        if same_period(name, period):
            return dict(_known(file).read(list(columns)).to_pydict())
    return {name: [] for name in columns}


def read_table(directory: str | os.PathLike[str], table: str, period: str | None = None) -> list[dict[str, Any]]:
    """The rows of a table, each with its period; of one period if it is given. No folder, no rows.

    Raises Misuse for files of another schema version.
    """
    return [
        {**row, "period": name}
        for name, file in _partitions(Path(directory), table)
        if period is None or same_period(name, period)
        for row in _known(file).read().to_pylist()
    ]


def columns_of(directory: str | os.PathLike[str], table: str, period: str | None) -> list[str]:
    """The columns that a table has in one period; a dataset may be older than some of ours."""
    parts = [file for name, file in _partitions(Path(directory), table) if same_period(name, period)]
    return [name for file in parts for name in _known(file).schema_arrow.names]


def parts_of(
    directory: str | os.PathLike[str],
    table: str,
    period: str | None,
    columns: Collection[str],
    books: Collection[str] | None = None,
) -> Iterator[Part]:
    """Some columns of one period of a table, as far as it has them, and by what its rows are known.

    One workbook after the other, a large one in several parts; of some workbooks alone, if they are named.
    """
    wanted = {"workbook_id", "file", *columns}
    for name, file in _partitions(Path(directory), table):
        if same_period(name, period):
            known = _known(file)
            there = [column for column in known.schema_arrow.names if column in wanted]
            for batch in known.iter_batches(ROWS, columns=there):
                yield from _by_workbook((batch if books is None else _of(batch, books)).to_pydict(), period)


def _of(batch: pyarrow.RecordBatch, books: Collection[str]) -> pyarrow.RecordBatch:
    """The rows of some workbooks."""
    import pyarrow
    import pyarrow.compute as compute

    ids = batch.column("workbook_id")
    known_by = compute.if_else(compute.equal(compute.fill_null(ids, ""), ""), batch.column("file"), ids)
    return batch.filter(compute.is_in(known_by, pyarrow.array(sorted(books), pyarrow.string())))


def _by_workbook(columns: Mapping[str, list[Any]], period: str | None) -> Iterator[Part]:
    start = 0
    books = (workbook or file for workbook, file in zip(columns["workbook_id"], columns["file"], strict=True))
    for book, run in groupby(books):
        stop = start + len(list(run))
        yield Part(book, period, {name: values[start:stop] for name, values in columns.items()})
        start = stop


def _known(path: Path) -> Any:
    """An opened file of a schema that we know: the present one, or an older one with the same meaning."""
    try:
        file = _writer().ParquetFile(path)
        found = int((file.schema_arrow.metadata or {}).get(b"perfsheet_schema", b"0"))
    except (OSError, ValueError) as error:
        raise Unwritable(
            str(path), f"the dataset cannot be read: {error}", "Put the file back, or write into another folder"
        ) from error
    if found not in READABLE:
        newer = found > SCHEMA_VERSION
        remedy = "update perfsheet" if newer else "write into another folder"
        raise Misuse(
            f"{path}: it has schema version {found}, and this perfsheet reads version {SCHEMA_VERSION}; {remedy}"
        )
    return file


def _partitions(directory: Path, table: str) -> Iterator[tuple[str | None, Path]]:
    for folder in sorted(directory.glob(f"{table}/period=*")):
        name = folder.name.removeprefix("period=")
        yield None if unquote(name) == NO_PERIOD else unquote(name), folder / DATA
