"""What a sheet offers besides its values, put back in place: formulas, formats, entry rules, names.

Formulas and formats belong to single cells, entry rules (drop-downs, input messages, what a cell
accepts) to areas, a calculated column's formula to its table, and names to the workbook. All of it is
spliced into the parts as they are written; a value is only ever replaced by a formula, never by
another value, and no part is touched in which nothing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import Damaged
from ..tables import Area, cell_position, letters
from .editing import calculated_on_load, sheet_data, without_calculation_chain
from .package import Package, SheetPart
from .references import area_of, moved
from .serials import BUILT_IN
from .splicing import Span, Splice, content, decoded, quoted, root_of
from .strings import encoded, unescaped
from .styles import EMPTY, StyleMerge, StyleSheet, canonical

Position = tuple[int, int]
"""Row and column."""


class Formula(NamedTuple):
    """A cell's formula as it reads there, without equals sign. An array formula looks at whole columns at once."""

    text: str
    array: bool = False


class Fitting(NamedTuple):
    """What a cell has besides its value; `number` is the format's index in the workbook's own list."""

    number: int
    formula: Formula | None = None
    shared: bool = False
    """Whether other cells read their formula from this one."""


@dataclass(frozen=True)
class EntryRule:
    """What some cells accept and say on entry. `facts` are the rule's attributes but its area."""

    areas: tuple[Area, ...]
    facts: tuple[tuple[str, str], ...] = ()
    formulas: tuple[str, ...] = ()
    newer: bool = False
    """Kept in the part of the sheet that newer programs added; what it says is not looked at."""


@dataclass(frozen=True)
class ConditionalFormat:
    """A look that cells take on under a condition. `facts` are the rule's attributes but its priority and look."""

    areas: tuple[Area, ...]
    facts: tuple[tuple[str, str], ...]
    formulas: tuple[str, ...]
    """As they read in the first cell."""
    look: int | None
    """Its index in the workbook's own list of differential formats."""

    @property
    def firsts(self) -> set[Position]:
        """The first cell, as programs see it: of the first area, or of all areas taken together."""
        together = min((a.top for a in self.areas), default=1), min((a.left for a in self.areas), default=1)
        return {(a.top, a.left) for a in self.areas[:1]} | {together}

    def says(self, other: ConditionalFormat) -> bool:
        """Whether both have the same condition, whatever they look like and wherever they stand."""
        mine, theirs = dict(self.facts), dict(other.facts)
        if any(mine.get(name) != theirs.get(name) for name in ("type", "operator")):
            return False
        ((row, column),) = other.firsts
        return any(
            len(self.formulas) == len(other.formulas)
            and all(
                same_formula(Formula(one), Formula(moved(two, top - row, left - column)))
                for one, two in zip(self.formulas, other.formulas, strict=True)
            )
            for top, left in self.firsts
        )


@dataclass
class Mending:
    """What to put back, by sheet or table."""

    formulas: dict[str, dict[Position, Formula]] = field(default_factory=dict)
    formats: dict[str, dict[Position, int]] = field(default_factory=dict)
    """The format of a cell as its index in the donor's list."""
    rules: dict[str, list[EntryRule]] = field(default_factory=dict)
    conditional: dict[str, list[ConditionalFormat]] = field(default_factory=dict)
    """Each for one area; the look is the donor's."""
    columns: dict[str, dict[str, Formula]] = field(default_factory=dict)
    """A table's calculated columns, by header."""
    bottoms: dict[str, int] = field(default_factory=dict)
    """A table's new last row."""
    names: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.formulas, self.formats, self.rules, self.conditional, self.columns, self.bottoms, self.names))


# ------------------------------------------------------------------------------- what is there


def fittings(package: Package, sheet: SheetPart) -> dict[Position, Fitting]:
    """Every cell of a sheet that is written down, with its format and formula."""
    text = decoded(package.read(sheet.part)).text
    cells = dict(_cells(root_of(text)))
    masters = {
        formula.attributes.get("si", ""): (position, text[formula.inside : formula.close])
        for position, cell in cells.items()
        if (formula := cell.child("f")) and formula.attributes.get("t") == "shared" and not formula.is_empty
    }
    return {position: _fitting(cell, position, text, masters) for position, cell in cells.items()}


def _fitting(cell: Span, position: Position, text: str, masters: Mapping[str, tuple[Position, str]]) -> Fitting:
    number = int(cell.attributes.get("s", "0"))
    formula = cell.child("f")
    if formula is None:
        return Fitting(number)
    written = "" if formula.is_empty else text[formula.inside : formula.close]
    shared = formula.attributes.get("t") == "shared"
    if shared and not written and formula.attributes.get("si", "") in masters:
        (row, column), master = masters[formula.attributes.get("si", "")]
        told = moved(unescaped(master), position[0] - row, position[1] - column)
    else:
        told = unescaped(written)
    leads = shared and bool(written) and ":" in formula.attributes.get("ref", "")
    return Fitting(number, Formula(told, formula.attributes.get("t") == "array"), leads)


def _cells(root: Span) -> Iterable[tuple[Position, Span]]:
    data = root.child("sheetData")
    number = 0
    for row in data.all("row") if data else ():
        number = int(row.attributes.get("r", number + 1))
        column = 0
        for cell in row.all("c"):
            name = cell.attributes.get("r")
            column = cell_position(name)[1] if name else column + 1
            yield (number, column), cell


def entry_rules(package: Package, sheet: SheetPart) -> list[EntryRule]:
    """The entry rules of a sheet, those for newer programs too."""
    text = _without_rows(package, sheet)
    root = root_of(text)
    listed = root.child("dataValidations")
    return [_rule(span, text) for span in (listed.all("dataValidation") if listed else ())] + list(_newer(root, text))


def _without_rows(package: Package, sheet: SheetPart) -> str:
    """What a sheet says around its cells, which are nearly all of it."""
    text = decoded(package.read(sheet.part)).text
    start, end, _ = sheet_data(text)
    return text[:start] + text[end:]


def _rule(span: Span, text: str) -> EntryRule:
    facts = tuple(sorted((n, unescaped(v)) for n, v in span.attributes.items() if n != "sqref" and ":" not in n))
    formulas = tuple(unescaped(text[f.inside : f.close]) for f in span.children if f.name in ("formula1", "formula2"))
    return EntryRule(_areas(span.attributes.get("sqref", "")), facts, formulas)


def _newer(root: Span, text: str) -> Iterable[EntryRule]:
    extensions = root.child("extLst")
    for extension in extensions.children if extensions else ():
        for listed in extension.all("dataValidations"):
            for span in listed.all("dataValidation"):
                where = span.child("sqref")
                yield EntryRule(_areas(text[where.inside : where.close]) if where else (), newer=True)


def conditional_formats(package: Package, sheet: SheetPart) -> list[ConditionalFormat]:
    """The conditional formats of a sheet, one for each condition; those for newer programs alone are not among them."""
    text = _without_rows(package, sheet)
    return [
        _conditional(rule, _areas(listed.attributes.get("sqref", "")), text)
        for listed in root_of(text).all("conditionalFormatting")
        for rule in listed.all("cfRule")
    ]


def _conditional(rule: Span, areas: tuple[Area, ...], text: str) -> ConditionalFormat:
    facts = {n: unescaped(v) for n, v in rule.attributes.items() if n not in ("priority", "dxfId") and ":" not in n}
    formulas = tuple(unescaped(text[f.inside : f.close]) for f in rule.all("formula"))
    look = rule.attributes.get("dxfId")
    return ConditionalFormat(areas, tuple(sorted(facts.items())), formulas, None if look is None else int(look))


def _areas(reference: str) -> tuple[Area, ...]:
    try:
        return tuple(area_of(part) for part in reference.split())
    except ValueError:
        return ()


def listed_areas(areas: Iterable[Area]) -> str:
    """Areas as a sheet lists them: B5:B34 D7."""
    return " ".join(str(a) if (a.top, a.left) != (a.bottom, a.right) else f"{letters(a.left)}{a.top}" for a in areas)


def column_formulas(package: Package) -> dict[str, dict[str, Formula]]:
    """The calculated columns of every table: table -> header -> formula."""
    found: dict[str, dict[str, Formula]] = {}
    for name, part in _table_parts(package).items():
        text = decoded(package.read(part)).text
        listed = root_of(text).child("tableColumns")
        found[name] = {
            unescaped(column.attributes.get("name", "")): Formula(
                unescaped(text[formula.inside : formula.close]), formula.attributes.get("array") in ("1", "true")
            )
            for column in (listed.all("tableColumn") if listed else ())
            if (formula := column.child("calculatedColumnFormula"))
        }
    return found


def names_of(package: Package) -> dict[str, str]:
    """The names of the whole workbook, with what they stand for."""
    listed = package.workbook.child("definedNames")
    return {
        n.get("name"): n.text
        for n in (listed.all("definedName") if listed else ())
        if not n.get("localSheetId") and not n.get("name").startswith("_xlnm.")
    }


def _table_parts(package: Package) -> dict[str, str]:
    return {
        package.tree(pointer.target).get("displayName") or package.tree(pointer.target).get("name"): pointer.target
        for sheet in package.sheets
        if sheet.kind == "worksheet"
        for pointer in package.relationships(sheet.part).values()
        if pointer.kind == "table" and not pointer.external and package.has(pointer.target)
    }


# -------------------------------------------------------------------------------------- formats


class Formats:
    """The formats of two workbooks: what a donor's format is in the target, and what each shows numbers as."""

    def __init__(self, package: Package, donor: Package) -> None:
        self.part = _styles_part(package)
        own = package.read(self.part) if self.part else None
        given = _styles_part(donor)
        theirs = donor.read(given) if given else EMPTY.encode()
        self._merge = StyleMerge(own, theirs)
        mine, pattern = (StyleSheet(decoded(data)) for data in (own or EMPTY.encode(), theirs))
        self._same = {key: number for number, key in reversed(list(enumerate(_looks(mine))))}
        self._wanted = _looks(pattern)
        self._codes = {False: _codes(mine), True: _codes(pattern)}

    def code(self, number: int, of_donor: bool = False) -> str:
        """The number format of a cell format."""
        codes = self._codes[of_donor]
        return codes[number] if number < len(codes) else "General"

    def place(self, number: int) -> int:
        """The target's index of the donor's format, which is added if there is none like it."""
        same = self._same.get(self._wanted[number])
        return self._merge.cell(number) if same is None else same

    def differential(self, number: int) -> int:
        """The target's index of the look that a condition of the donor's gives."""
        return self._merge.differential(number)

    def result(self) -> bytes | None:
        """The target's styles with what was added; None if nothing was."""
        return self._merge.result()


def _styles_part(package: Package) -> str | None:
    pointers = package.relationships(package.workbook_part).values()
    return next((p.target for p in pointers if p.kind == "styles" and not p.external and package.has(p.target)), None)


def _codes(sheet: StyleSheet) -> list[str]:
    custom = sheet.number_formats()
    return [_code(item, custom) for item in sheet.items("cellXfs")]


def _code(item: Span, custom: Mapping[int, str]) -> str:
    number = int(item.attributes.get("numFmtId", "0"))
    return unescaped(custom[number]) if number in custom else BUILT_IN.get(number, "General")


def _looks(sheet: StyleSheet) -> list[str]:
    """Each cell format by what it looks like, its named style by name."""
    text, custom = sheet.source.text, sheet.number_formats()
    named = {s.attributes.get("xfId", "0"): s.attributes.get("name", "") for s in sheet.items("cellStyles")}
    pieces = {name: [canonical(s, text) for s in sheet.items(name)] for name in ("fonts", "fills", "borders")}

    def piece(name: str, item: Span, attribute: str) -> str:
        number = int(item.attributes.get(attribute, "0"))
        return pieces[name][number] if number < len(pieces[name]) else ""

    return [
        "|".join((
            _code(item, custom), piece("fonts", item, "fontId"), piece("fills", item, "fillId"), piece("borders", item, "borderId"),
            named.get(item.attributes.get("xfId", "0"), ""), "".join(canonical(child, text) for child in item.children),
        ))
        for item in sheet.items("cellXfs")
    ]  # fmt: skip


# ------------------------------------------------------------------------------- putting it back


def mend(package: Package, mending: Mending, formats: Formats) -> bytes:
    """The workbook's bytes with everything of `mending` in place; all other parts stay as they are.

    Cells that get a formula lose what stood there, and the program that opens the file is asked to
    calculate. Raises Damaged where a sheet or table does not exist.
    """
    parts: dict[str, bytes | None] = {}
    sheets = {sheet.name: sheet for sheet in package.sheets if sheet.kind == "worksheet"}
    for name in sorted({*mending.formulas, *mending.formats, *mending.rules, *mending.conditional}):
        if name not in sheets:
            raise Damaged(package.path, f"there is no sheet '{name}'", "Check the name")
        parts[sheets[name].part] = _mended_sheet(package, sheets[name], mending, formats)
    tables = _table_parts(package)
    for name in sorted({*mending.columns, *mending.bottoms}):
        parts[tables[name]] = _mended_table(package, tables[name], mending, name)
    styles = formats.result()
    if styles is not None and formats.part:
        parts[formats.part] = styles
    _mend_workbook(package, mending, parts)
    if mending.formulas:
        parts.update(without_calculation_chain(package, parts))
    return package.replace(parts) if parts else package.data


def _mend_workbook(package: Package, mending: Mending, parts: dict[str, bytes | None]) -> None:
    if not (mending.names or mending.formulas or mending.columns):
        return
    source = decoded(package.read(package.workbook_part))
    text = calculated_on_load(_with_names(source.text, mending.names))
    if text != source.text:
        parts[package.workbook_part] = source.encoded(text)


def _with_names(text: str, names: Mapping[str, str]) -> str:
    if not names:
        return text
    root, splice = root_of(text), Splice(text)
    listed, p = root.child("definedNames"), root.prefix
    for span in listed.all("definedName") if listed else ():
        if span.attributes.get("name") in names and "localSheetId" not in span.attributes:
            splice.remove(span)
    added = "".join(f"<{p}definedName name={quoted(n)}>{content(t)}</{p}definedName>" for n, t in sorted(names.items()))
    if listed:
        splice.append_inside(listed, added)
    else:
        before = ("externalReferences", "functionGroups", "sheets")
        place = next(found for name in before if (found := root.child(name)))
        splice.insert(place.end, f"<{p}definedNames>{added}</{p}definedNames>")
    return splice.done()


def _mended_table(package: Package, part: str, mending: Mending, name: str) -> bytes:
    source = decoded(package.read(part))
    root, splice = root_of(source.text), Splice(source.text)
    if name in mending.bottoms:
        for span in (root, *root.all("autoFilter")):
            area = area_of(span.attributes["ref"])._replace(bottom=mending.bottoms[name])
            splice.set_attribute(span, "ref", str(area))
    listed = root.child("tableColumns")
    for column in listed.all("tableColumn") if listed else ():
        formula = mending.columns.get(name, {}).get(unescaped(column.attributes.get("name", "")))
        if formula:
            _set_column_formula(splice, column, formula, root.prefix)
    return source.encoded(splice.done())


def _set_column_formula(splice: Splice, column: Span, formula: Formula, p: str) -> None:
    array = ' array="1"' if formula.array else ""
    written = f"<{p}calculatedColumnFormula{array}>{content(formula.text)}</{p}calculatedColumnFormula>"
    old = column.child("calculatedColumnFormula")
    if old:
        splice.replace(old.start, old.end, written)
    elif column.children:
        splice.insert(column.children[0].start, written)
    else:
        splice.append_inside(column, written)


def _mended_sheet(package: Package, sheet: SheetPart, mending: Mending, formats: Formats) -> bytes:
    source = decoded(package.read(sheet.part))
    root, splice = root_of(source.text), Splice(source.text)
    formulas, looks = mending.formulas.get(sheet.name, {}), mending.formats.get(sheet.name, {})
    there = dict(_cells(root))
    written: dict[Position, str] = {}
    for position in sorted({*formulas, *looks}):
        number = formats.place(looks[position]) if position in looks else None
        cell = there.get(position)
        if cell is None:
            written[position] = _cell(root.prefix, position, number, formulas.get(position))
        elif position in formulas:
            kept = int(cell.attributes["s"]) if "s" in cell.attributes else None
            new = _cell(root.prefix, position, kept if number is None else number, formulas[position])
            splice.replace(cell.start, cell.end, new)
        else:
            splice.set_attribute(cell, "s", str(number))
    _put_cells(splice, root, written)
    _put_conditional(splice, root, mending.conditional.get(sheet.name, []), formats)
    _put_rules(splice, root, mending.rules.get(sheet.name, []), source.text)
    return source.encoded(splice.done())


def _cell(p: str, position: Position, number: int | None, formula: Formula | None) -> str:
    name = f"{letters(position[1])}{position[0]}"
    style = "" if number is None else f' s="{number}"'
    if formula is None:
        return f'<{p}c r="{name}"{style}/>'
    array = f' t="array" ref="{name}"' if formula.array else ""
    return f'<{p}c r="{name}"{style}><{p}f{array}>{content(formula.text)}</{p}f></{p}c>'


def _put_cells(splice: Splice, root: Span, written: Mapping[Position, str]) -> None:
    """New cells in their rows, new rows between the others."""
    data = root.child("sheetData")
    if data is None or not written:
        return
    rows: dict[int, dict[int, str]] = {}
    for (row, column), xml in sorted(written.items()):
        rows.setdefault(row, {})[column] = xml
    spans: dict[int, Span] = {}
    number = 0
    for span in data.all("row"):
        number = int(span.attributes.get("r", number + 1))
        spans[number] = span
    for row, cells in rows.items():
        if row in spans:
            _put_in_row(splice, spans[row], cells)
    _put_rows(splice, data, spans, {row: cells for row, cells in rows.items() if row not in spans}, root.prefix)


def _put_in_row(splice: Splice, row: Span, cells: Mapping[int, str]) -> None:
    own = [(cell_position(c.attributes["r"])[1], c) for c in row.all("c") if "r" in c.attributes]
    behind: list[str] = []
    for column, xml in sorted(cells.items()):
        after = next((span for place, span in own if place > column), None)
        if after:
            splice.insert(after.start, xml)
        else:
            behind.append(xml)
    splice.append_inside(row, "".join(behind))
    if "spans" in row.attributes and not row.is_empty:
        low, _, high = row.attributes["spans"].partition(":")
        splice.set_attribute(row, "spans", f"{min(int(low), *cells)}:{max(int(high), *cells)}")


def _put_rows(
    splice: Splice, data: Span, spans: Mapping[int, Span], rows: Mapping[int, Mapping[int, str]], p: str
) -> None:
    behind = []
    for row, cells in sorted(rows.items()):
        xml = f'<{p}row r="{row}">{"".join(cells.values())}</{p}row>'
        after = min((number for number in spans if number > row), default=None)
        if after is None:
            behind.append(xml)
        else:
            splice.insert(spans[after].start, xml)
    splice.append_inside(data, "".join(behind))


_BEFORE_RULES = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate",
    "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
)  # fmt: skip
"""What stands before the entry rules in a sheet, in the order that the schema asks for."""


def _put_conditional(splice: Splice, root: Span, wanted: Sequence[ConditionalFormat], formats: Formats) -> None:
    """Conditions behind those that are there, and after them in rank: what somebody chose themselves is seen first."""
    p, there = root.prefix, list(root.all("conditionalFormatting"))
    last = max((int(r.attributes.get("priority", "0")) for c in there for r in c.all("cfRule")), default=0)
    by_area: dict[tuple[Area, ...], list[str]] = {}
    for rank, item in enumerate(wanted, start=last + 1):
        facts = "".join(f" {name}={quoted(encoded(value))}" for name, value in item.facts)
        look = "" if item.look is None else f' dxfId="{formats.differential(item.look)}"'
        formulas = "".join(f"<{p}formula>{content(f)}</{p}formula>" for f in item.formulas)
        rule = f'<{p}cfRule{facts} priority="{rank}"{look}>{formulas}</{p}cfRule>'
        by_area.setdefault(item.areas, []).append(rule)
    written = (
        f'<{p}conditionalFormatting sqref="{listed_areas(areas)}">{"".join(rules)}</{p}conditionalFormatting>'
        for areas, rules in by_area.items()
    )
    place = max(span.end for span in root.children if span.name in _BEFORE_RULES)
    splice.insert(place, "".join(written))


def _put_rules(splice: Splice, root: Span, rules: Sequence[EntryRule], text: str) -> None:
    """Rules that are there already reach further; the others are added behind them."""
    listed, p = root.child("dataValidations"), root.prefix
    new: list[str] = []
    for rule in rules:
        spans = listed.all("dataValidation") if listed else ()
        same = next(
            (s for s in spans if (r := _rule(s, text)).facts == rule.facts and r.formulas == rule.formulas), None
        )
        where = listed_areas(rule.areas)
        if same:
            splice.set_attribute(same, "sqref", f"{same.attributes.get('sqref', '')} {where}".strip())
        else:
            new.append(_rule_xml(rule, where, p))
    if listed and new:
        splice.append_inside(listed, "".join(new))
        if "count" in listed.attributes and not listed.is_empty:
            splice.set_attribute(listed, "count", str(len(listed.children) + len(new)))
    elif new:
        place = max(span.end for span in root.children if span.name in _BEFORE_RULES)
        splice.insert(place, f'<{p}dataValidations count="{len(new)}">{"".join(new)}</{p}dataValidations>')


def _rule_xml(rule: EntryRule, where: str, p: str) -> str:
    facts = "".join(f" {name}={quoted(encoded(value))}" for name, value in rule.facts)
    formulas = "".join(f"<{p}formula{n}>{content(f)}</{p}formula{n}>" for n, f in enumerate(rule.formulas, 1))
    return f'<{p}dataValidation{facts} sqref="{where}">{formulas}</{p}dataValidation>'


_TABLE = re.compile(r'("[^"]*")|\b([A-Za-z_]\w*)\[((?:[^\[\]]|\[[^\]]*\])*)\]')


def renamed_columns(formula: str, tables: Mapping[str, tuple[str, Mapping[str, str]]]) -> str | None:
    """The formula with its structured references in another workbook's words; None if one has no counterpart.

    `tables` maps each table's name to (its name there, header -> header there).
    """
    lost = False

    def turn(match: re.Match[str]) -> str:
        nonlocal lost
        if match[1]:
            return match[1]
        there, headers = tables.get(match[2], ("", {}))
        inner = re.findall(r"\[([^\]]*)\]", match[3])
        wanted = [part for part in (inner or [match[3]]) if not part.startswith("#")]
        if not there or any(header not in headers for header in wanted):
            lost = True
            return match[0]
        parts = [part if part.startswith("#") else _escaped(headers[part]) for part in (inner or [match[3]])]
        return f"{there}[{','.join(f'[{part}]' for part in parts) if inner else parts[0]}]"

    text = _TABLE.sub(turn, formula)
    return None if lost else text


def _escaped(header: str) -> str:
    """A header within brackets."""
    return re.sub(r"(['\[\]#@])", r"'\1", header)


_QUOTED = re.compile(r'("[^"]*"|\[[^\]]*\])')


def same_formula(one: Formula, other: Formula) -> bool:
    """Whether two formulas are the same, however a program writes blanks, capitals and TRUE."""

    def plain(text: str) -> str:
        pieces = _QUOTED.split(text.removeprefix("=").replace("_xlfn.", ""))
        told = (p if p[:1] in ('"', "[") else re.sub(r"\s+", "", p).casefold() for p in pieces)
        return "".join(told).replace("true()", "true").replace("false()", "false")

    return one == other or (plain(one.text) == plain(other.text) and one.array == other.array)
