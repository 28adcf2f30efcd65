"""The command line: declare, call, print, exit code. No logic.

Exit codes: 0 all well; 1 findings of severity error, a file of many that could not be read, or none to consolidate;
2 wrong usage; 3 an obstacle, as one line on standard error; 130 interrupted.
"""

from __future__ import annotations

import functools
import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from errno import EPIPE
from typing import Any, NoReturn

import click

from . import __version__

Command = Callable[..., int | None]


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="Judge everything at this day (YYYY-MM-DD). Default: the workbook's As of, else today.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or one JSON document for scripts.",
)
QUIET = click.option("--quiet", is_flag=True, help="Print only what is wrong.")
POLICY = click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE.toml",
    help="Policy numbers that go before those of the Settings tab.",
)
LANGUAGE = click.option(
    "--language",
    type=click.Choice(["en", "de", "fr", "es", "pt", "zh"]),
    default="en",
    show_default=True,
    help="The language of headers and choices.",
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
PROGRAM = click.option(
    "--program",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="The path of the program that the buttons start.",
)
FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="perfsheet")
def cli() -> None:
    """Run the performance-management cycle inside the Excel workbooks you already use.

    Set goals, check in, give feedback, act, adjust: managers fill in workbooks, perfsheet
    validates and scores them and writes Summary, Adjustments and Checks back. Nothing else
    in the workbook changes.
    """


@cli.group()
def addin() -> None:
    """The spreadsheet's own buttons: build them, put them in place, take them away."""


def command(
    *options: Callable[[Any], Any], name: str | None = None, group: click.Group = cli
) -> Callable[[Command], click.Command]:
    """Declares a command whose return value is the exit code and whose obstacles print as one line."""

    def declare(function: Command) -> click.Command:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> NoReturn:
            sys.exit(_guarded(function, *args, **kwargs))

        wrapped: Any = run
        for option in reversed(options):
            wrapped = option(wrapped)
        return group.command(name)(wrapped)

    return declare


def _guarded(function: Command, *args: Any, **kwargs: Any) -> int:
    """The command's exit code; obstacles and misuse as one line on standard error."""
    from .errors import Misuse, Obstacle, shown

    try:
        return function(*args, **kwargs) or 0
    except Obstacle as obstacle:
        click.echo(str(obstacle), err=True)
        return 3
    except Misuse as misuse:
        click.echo("\n".join(map(shown, f"Error: {misuse}".split("\n"))), err=True)
        return 2
    except OSError as error:
        if error.errno == EPIPE:  # whoever read the answer has gone, and click ends without a word
            raise
        place = error.filename if isinstance(error.filename, str) else "the answer"
        click.echo(
            f"{shown(place)}: {shown(error.strerror or error)}. Look at the disk and its rights, and try again",
            err=True,
        )
        return 3
    except (KeyboardInterrupt, RuntimeError) as stopped:
        # Python hands on what interrupts the making of a class as the cause of a RuntimeError
        if not isinstance(stopped.__cause__ or stopped, KeyboardInterrupt):
            raise
        click.echo("interrupted; nothing is half-written", err=True)
        return 130


def _interrupt(*_: object) -> NoReturn:
    """A polite request to end is what Ctrl-C is: everything is tidied up."""
    raise KeyboardInterrupt


@command(
    click.argument("directory", type=click.Path(file_okay=False), default="perfsheet-demo"),
    click.option("--teams", type=click.IntRange(1, 10_000), default=12, show_default=True, help="How many teams."),
    click.option(
        "--people", type=click.IntRange(2, 40), default=6, show_default=True, help="About how many people a team has."
    ),
    QUIET,
)
def demo(directory: str, teams: int, people: int, quiet: bool) -> int:
    """Write realistic filled-in team workbooks, score and consolidate them."""
    from .demo import run_demo

    return run_demo(directory, teams=teams, people=people, say=_teller(quiet))


@command(
    click.argument("file", type=click.Path(dir_okay=False)),
    click.option(
        "--template",
        default="team",
        metavar="NAME|PATH",
        help="team, okr, scorecard, one-to-one, or the path of your own copy.  [default: team]",
    ),
    click.option("--organisation", help="The organisation's name."),
    click.option("--team", help="The team's name."),
    click.option("--manager", help="The team's manager."),
    click.option("--period", help="Such as '2026 Q1'."),
    click.option(
        "--start", type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DATE", help="First day of the period."
    ),
    click.option(
        "--end", type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DATE", help="Last day of the period."
    ),
    click.option(
        "--people",
        type=click.Path(exists=True, dir_okay=False),
        metavar="ROSTER.csv",
        help="People, managers and groups to fill in.",
    ),
    LANGUAGE,
    click.option("--force", is_flag=True, help="Replace the file if it exists."),
    QUIET,
)
def new(file: str, template: str, people: str | None, language: str, force: bool, quiet: bool, **facts: Any) -> int:
    """Write an empty team workbook, ready for a manager."""
    from .filling import new_file

    new_file(
        file,
        template=template,
        roster=people,
        language=language,
        force=force,
        facts={k: v for k, v in facts.items() if v is not None},
    )
    _teller(quiet)(f"{file}: ready. Open it, fill in Goals, and run `perfsheet score {file}`.")
    return 0


@command(FILES, AS_OF, FORMAT, POLICY, QUIET)
def validate(files: tuple[str, ...], as_of: date | None, form: str, policy: str | None, quiet: bool) -> int:
    """Print what is wrong in workbooks, by cell. Changes nothing."""
    from .runs import validate_files

    return validate_files(files, as_of=as_of, as_json=form == "json", policy=policy, quiet=quiet)


@command(
    FILES,
    AS_OF,
    FORMAT,
    POLICY,
    QUIET,
    DRY_RUN,
    click.option("--person", metavar="NAME", help="Print what is held about one person, and why. Writes nothing."),
    click.option(
        "--explain", metavar="NAME", help="List every trial that counted for one person, with its cell. Writes nothing."
    ),
    click.option("--trials", is_flag=True, help="Also write a Trials tab: every trial that counted, with its cell."),
)
def score(files: tuple[str, ...], as_of: date | None, form: str, **options: Any) -> int:
    """Validate and score workbooks; write Summary, Adjustments and Checks into each."""
    from .runs import score_files

    return score_files(files, as_of=as_of, as_json=form == "json", **options)


@command(FILES, AS_OF, FORMAT, POLICY, QUIET, DRY_RUN)
def apply(files: tuple[str, ...], as_of: date | None, form: str, **options: Any) -> int:
    """Put the accepted adjustments into Goals, and a row for each into History."""
    from .runs import apply_files

    return apply_files(files, as_of=as_of, as_json=form == "json", **options)


@command(
    click.argument("file", type=click.Path(dir_okay=False)),
    click.option(
        "-o",
        "--output",
        required=True,
        type=click.Path(dir_okay=False),
        metavar="NEXT.xlsx",
        help="The next period's workbook.",
    ),
    click.option("--period", required=True, help="The next period, such as '2026 Q2'."),
    click.option(
        "--start",
        required=True,
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_day,
        metavar="DATE",
        help="Its first day.",
    ),
    click.option(
        "--end", required=True, type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DATE", help="Its last day."
    ),
    click.option("--note", help="The closing note: what was learned."),
    click.option(
        "--template",
        metavar="NAME|PATH",
        help="What the next workbook is made from.  [default: as this one was]",
    ),
    DRY_RUN,
    QUIET,
)
def close(file: str, output: str, quiet: bool, dry_run: bool, **options: Any) -> int:
    """Freeze a period and make the next period's workbook from what is unfinished."""
    from .closing import close as close_period
    from .listing import print_closed

    closed = close_period(file, output, dry_run=dry_run, **options)
    if not quiet:
        print_closed(closed, dry_run=dry_run)
    return 0


@command(
    click.argument("roster", type=click.Path(exists=True, dir_okay=False)),
    click.option(
        "-o",
        "--output",
        "directory",
        required=True,
        type=click.Path(file_okay=False),
        metavar="DIRECTORY",
        help="Where the workbooks go.",
    ),
    click.option(
        "--template", default="team", metavar="NAME|PATH", help="One of ours, or your own copy.  [default: team]"
    ),
    click.option("--organisation", help="The organisation's name."),
    click.option("--period", help="Such as '2026 Q1'."),
    click.option(
        "--start",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_day,
        metavar="DATE",
        help="First day of the period.",
    ),
    click.option(
        "--end",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_day,
        metavar="DATE",
        help="Last day of the period.",
    ),
    click.option(
        "--goals",
        type=click.Path(exists=True, dir_okay=False),
        metavar="LIBRARY",
        help="Goals by Role, for everybody whose role it is.",
    ),
    click.option(
        "--cascade",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE.xlsx",
        help="A workbook whose goals are handed down, as drafts.",
    ),
    click.option(
        "--jobs", type=click.IntRange(1, 64), default=None, help="Processes to use.  [default: as many as pay off]"
    ),
    LANGUAGE,
    click.option("--force", is_flag=True, help="Replace workbooks that are there already."),
    FORMAT,
    DRY_RUN,
    QUIET,
)
def distribute(roster: str, directory: str, form: str, quiet: bool, dry_run: bool, **options: Any) -> int:
    """Make a workbook for each manager in a roster, prefilled and with an id of its own."""
    from .runs import distribute_roster

    return distribute_roster(roster, directory, as_json=form == "json", quiet=quiet, dry_run=dry_run, **options)


@command(
    click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
    click.option(
        "-o",
        "--output",
        required=True,
        type=click.Path(dir_okay=False),
        metavar="ORG.xlsx",
        help="The workbook to write.",
    ),
    click.option(
        "--jobs", type=click.IntRange(1, 64), default=None, help="Processes to use.  [default: as many as pay off]"
    ),
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Read on a Dask cluster: tcp://HOST:8786, or local for one of --jobs workers that is started here.",
    ),
    click.option("--period", metavar="NAME", help="Count only workbooks of this period, such as '2026 Q1'."),
    click.option(
        "--dataset",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help="Also write Parquet files, and list what moved since they were written last.",
    ),
    click.option(
        "--trend",
        type=click.Path(exists=True, file_okay=False),
        metavar="DIR",
        help="A dataset of earlier periods for the Trend tab; it is only read.  [default: --dataset's]",
    ),
    click.option(
        "--audience",
        type=click.Choice(["hr", "manager", "exec"]),
        default="hr",
        show_default=True,
        help="Who is to see the workbook.",
    ),
    click.option(
        "--pseudonyms",
        "pseudonym_key",
        type=click.Path(dir_okay=False),
        metavar="KEYFILE",
        help="Replace names; the key that leads back is kept in this file.",
    ),
    click.option(
        "--editions",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="What executives were shown so far; the next edition gives nothing away beside it.  [default: in your own folder]",
    ),
    click.option("--no-cache", is_flag=True, help="Read every workbook anew, and remember nothing."),
    click.option(
        "--distributed",
        type=click.Path(exists=True, dir_okay=False),
        metavar="LIST",
        help="What `distribute` handed out; found by itself in the folder.",
    ),
    click.option(
        "--nudges",
        type=click.Path(),
        metavar="FILE",
        help="Write who should be reminded of what: .csv, .xlsx, or a folder of drafts.",
    ),
    click.option("--fairness", is_flag=True, help="Add numbers by Group and by rater for HR; small groups are hidden."),
    AS_OF,
    FORMAT,
    POLICY,
    DRY_RUN,
    QUIET,
)
def consolidate(paths: tuple[str, ...], output: str, form: str, **options: Any) -> int:
    """Read many team workbooks (files, folders, globs, URLs) into one organisation workbook."""
    from .runs import consolidate_paths

    return consolidate_paths(paths, output, as_json=form == "json", **options)


@command(
    FILES,
    click.option(
        "--template", metavar="NAME|PATH", help="What the workbook was made from.  [default: found by its columns]"
    ),
    FORMAT,
    QUIET,
    DRY_RUN,
)
def repair(files: tuple[str, ...], form: str, **options: Any) -> int:
    """Put lost drop-downs, formats, status colours and live formulas back in place. Touches no value."""
    from .runs import repair_files

    return repair_files(files, as_json=form == "json", **options)


@command(
    click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="perfsheet.xlam or perfsheet.oxt, wherever you want it.  [default: both, here]",
    ),
    PROGRAM,
    QUIET,
    group=addin,
)
def build(output: str | None, program: str | None, quiet: bool) -> int:
    """Build the add-in for Excel (.xlam) and the extension for LibreOffice (.oxt), the same bytes every time.

    Without --program the buttons look for perfsheet when they are pressed.
    """
    from .addin import build as build_files
    from .listing import print_built

    built = build_files(output, program=program or "")
    if not quiet:
        print_built(built)
    return 0


@command(PROGRAM, DRY_RUN, QUIET, group=addin)
def install(program: str | None, dry_run: bool, quiet: bool) -> int:
    """Put the buttons into Excel and LibreOffice, for you alone and without administrator rights.

    Without --program they start the perfsheet that installs them.
    """
    from .addin import install as install_buttons
    from .listing import print_changes
    from .machine import Machine

    changes = install_buttons(Machine(), program=program, dry_run=dry_run)
    if not quiet:
        print_changes(changes, "would be installed" if dry_run else "installed")
    return 0


@command(DRY_RUN, QUIET, group=addin)
def remove(dry_run: bool, quiet: bool) -> int:
    """Take the buttons away again."""
    from .addin import remove as remove_buttons
    from .listing import print_changes
    from .machine import Machine

    changes = remove_buttons(Machine(), dry_run=dry_run)
    if not quiet:
        print_changes(changes, "would be removed" if dry_run else "removed")
    return 0


@command(click.argument("files", nargs=-1, metavar="[FILE]..."), FORMAT, QUIET)
def doctor(files: tuple[str, ...], form: str, quiet: bool) -> int:
    """Say what is wrong with this machine's set-up, or with a workbook's place, and what to do."""
    from .doctor import examine
    from .listing import print_examined
    from .machine import Machine

    examined = examine(Machine(), files)
    print_examined(examined, as_json=form == "json", quiet=quiet)
    return 1 if examined.wrong else 0


@command(
    click.argument("what", metavar="COMMAND", type=click.Choice(["validate", "score", "apply", "restore"])),
    click.option(
        "--book", metavar="NAME", help="The open workbook's name, or its whole path.  [default: the one in front]"
    ),
    AS_OF,
    FORMAT,
    POLICY,
    QUIET,
    DRY_RUN,
)
def live(what: str, form: str, **options: Any) -> int:
    """Validate, score, apply or restore in the workbook that is open in Excel or LibreOffice.

    validate renews the tab Checks; score also Summary and Adjustments; apply puts the accepted adjustments into
    Goals and History (with --dry-run it lists them in a tab Message); restore takes the last apply back.
    """
    from .runs import live_command

    return live_command(what, as_json=form == "json", **options)


@command(click.argument("code", required=False))
def rule(code: str | None) -> int:
    """Say what a finding or an issue means and how to put it right."""
    from .rules import index, page

    click.echo(page(code) if code else index())
    return 0


@command(click.option("--check", is_flag=True, help="Only say whether the committed templates are current."))
def templates(check: bool) -> int:
    """Rebuild workbook_templates/ from the forms."""
    from .templates import run_templates

    return run_templates(check=check, say=click.echo)


def _teller(quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else click.echo


def main() -> None:
    """The entry point of the command `perfsheet`."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a sign must not end the run
    cli(prog_name="perfsheet")
