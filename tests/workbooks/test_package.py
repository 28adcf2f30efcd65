"""What must be refused is refused, each for its own reason; what is copied stays as it was."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from perfsheet import errors
from perfsheet.workbooks import archive, markup
from perfsheet.workbooks.package import Package, check, open_package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def relationships(*pointers: str) -> str:
    return f'<Relationships xmlns="{RELS}">{"".join(pointers)}</Relationships>'


def pointer(rid: str, kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="{rid}" Type="{OFFICE}/{kind}" Target="{target}"{more}/>'


def content_types(main: str = SHEET_TYPE) -> str:
    return (
        f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>'
    )


PARTS = {
    "[Content_Types].xml": content_types(),
    "_rels/.rels": relationships(pointer("rId1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Goals" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": relationships(pointer("rId1", "worksheet", "worksheets/sheet1.xml")),
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
}
"""The smallest workbook."""


def zipped(parts: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content, method)
    return buffer.getvalue()


def workbook(changes: Mapping[str, str | bytes | None] | None = None) -> bytes:
    """The smallest workbook, with some parts changed, added, or left out (None)."""
    parts = {**PARTS, **(changes or {})}
    return zipped({name: content for name, content in parts.items() if content is not None})


def refusal(data: bytes, *, for_writing: bool = False) -> errors.Obstacle:
    """The obstacle that these bytes raise."""
    with pytest.raises(errors.Obstacle) as caught:
        check(Package.from_bytes(data, "team.xlsx"), for_writing)
    assert str(caught.value).startswith("team.xlsx: ")
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_smallest_workbook_passes():
    package = Package.from_bytes(workbook(), "team.xlsx")
    check(package, for_writing=True)
    assert package.workbook_part == "xl/workbook.xml"
    assert [(s.name, s.part, s.state) for s in package.sheets] == [("Goals", "xl/worksheets/sheet1.xml", "visible")]
    assert package.content_types.of("xl/workbook.xml") == SHEET_TYPE


# ------------------------------------------------------------ what is no workbook at all

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

FOREIGN = {
    "empty": (b"", "damaged", "the file is empty"),
    "csv": (b"Goal;Owner\r\nG1;Ann\r\n", "not_a_workbook", "text or CSV"),
    "utf-16 csv": ("Goal\tOwner".encode("utf-16"), "not_a_workbook", "text or CSV"),
    "html": (b"<html><table></table></html>", "not_a_workbook", "a web page"),
    "pdf": (b"%PDF-1.7 ...", "not_a_workbook", "a PDF document"),
    "xml 2003": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "not_a_workbook",
        "Excel 2003 XML",
    ),
    "xls": (OLE + bytes(600) + "Workbook\0".encode("utf-16-le"), "not_a_workbook", "(.xls)"),
    "xls without wrapper": (b"\x09\x08\x10\0\0\x06\x05\0", "not_a_workbook", "(.xls)"),
    "password": (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password-protected"),
    "rights": (
        OLE + "EncryptedPackage".encode("utf-16-le") + "DRMEncryptedDataSpace".encode("utf-16-le"),
        "encrypted",
        "rights management",
    ),
    "owner note": (b"\x03Ann" + b" " * 161, "not_a_workbook", "while a workbook is open"),
    "noise": (bytes(range(1, 250)), "damaged", "like any format we know"),
    "ods": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
        "not_a_workbook",
        "(.ods)",
    ),
    "zip": (zipped({"readme.txt": "hello"}), "not_a_workbook", "a zip archive without a workbook"),
    "empty zip": (zipped({}), "not_a_workbook", "a zip archive without a workbook"),
    "docx": (
        workbook({"[Content_Types].xml": content_types("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")}),
        "not_a_workbook",
        "(.docx)",
    ),
    "pptx": (
        workbook({"[Content_Types].xml": content_types("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml")}),
        "not_a_workbook",
        "(.pptx)",
    ),
    "xlsb": (
        workbook({"[Content_Types].xml": content_types("application/vnd.ms-excel.sheet.binary.macroEnabled.main")}),
        "not_a_workbook",
        "(.xlsb)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_another_format_is_named(name):
    data, code, words = FOREIGN[name]
    found = refusal(data)
    assert (found.code, words in str(found)) == (code, True), str(found)


def test_a_file_cut_short_anywhere_is_damaged():
    data = workbook()
    for length in range(len(data)):
        assert refusal(data[:length]).code in ("damaged", "not_a_workbook")


# ------------------------------------------------------------------------- the archive


def patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def central(data: bytes, name: str) -> int:
    """Where the central record of an entry begins."""
    return data.rindex(name.encode()) - 46


def local(data: bytes, name: str) -> int:
    return data.index(name.encode()) - 30


SHEET = "xl/worksheets/sheet1.xml"


def with_prefix(data: bytes) -> bytes:
    return b"PK-junk!" + data


def with_suffix(data: bytes) -> bytes:
    return data + b"tail"


def with_wrong_checksum(data: bytes) -> bytes:
    wrong = struct.pack("<L", 12345)
    return patched(patched(data, central(data, SHEET) + 16, wrong), local(data, SHEET) + 14, wrong)


def with_short_size(data: bytes) -> bytes:
    short = struct.pack("<L", 5)
    return patched(patched(data, central(data, SHEET) + 24, short), local(data, SHEET) + 22, short)


def with_huge_size(data: bytes) -> bytes:
    huge = struct.pack("<L", archive.MAX_ENTRY + 1)
    return patched(patched(data, central(data, SHEET) + 24, huge), local(data, SHEET) + 22, huge)


def with_other_local_name(data: bytes) -> bytes:
    return patched(data, local(data, SHEET) + 30, b"xl/worksheets/sheet9.xml")


def with_other_local_size(data: bytes) -> bytes:
    return patched(data, local(data, SHEET) + 22, struct.pack("<L", 7))


def with_password_flag(data: bytes) -> bytes:
    return patched(patched(data, central(data, SHEET) + 8, b"\x01"), local(data, SHEET) + 6, b"\x01")


def with_symlink(data: bytes) -> bytes:
    return patched(data, central(data, SHEET) + 38, struct.pack("<L", (stat.S_IFLNK | 0o777) << 16))


def with_overlap(data: bytes) -> bytes:
    """Two records that point to one local header."""
    start = data.index(b"PK\1\2")
    end = data.rindex(b"PK\5\6")
    directory = data[start:end]
    offset = struct.pack("<L", local(data, SHEET))
    record = data[central(data, SHEET) : central(data, SHEET) + 46] + SHEET.encode()
    twice = directory + patched(record, 42, offset)
    count = data[:start].count(b"PK\3\4") + 1
    return data[:start] + twice + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(twice), start, 0)


def with_a_miscount(data: bytes) -> bytes:
    return patched(data, len(data) - 14, struct.pack("<2H", 4, 4))


ARCHIVES = {
    with_prefix: ("damaged", "stray bytes"),
    with_suffix: ("damaged", "stray bytes"),
    with_wrong_checksum: ("damaged", "wrong checksum"),
    with_short_size: ("hostile", "longer than the archive says"),
    with_huge_size: ("hostile", "would unpack to more than 128 MB"),
    with_other_local_name: ("hostile", "two names"),
    with_other_local_size: ("hostile", "contradicts"),
    with_password_flag: ("encrypted", "password-protected"),
    with_symlink: ("hostile", "symbolic link"),
    with_overlap: ("hostile", "shares its bytes"),
    with_a_miscount: ("damaged", "table of contents"),
}


@pytest.mark.parametrize("damage", ARCHIVES, ids=lambda f: f.__name__)
def test_an_archive_that_two_readers_could_read_differently_is_refused(damage):
    code, words = ARCHIVES[damage]
    found = refusal(damage(workbook()))
    assert (found.code, words in str(found)) == (code, True), str(found)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_excel_does_not_read_is_refused(method):
    found = refusal(zipped(PARTS, method=method))
    assert (found.code, "compressed in a way" in str(found)) == ("unsupported", True)


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "xl/../../evil.xml", "..\\evil.xml", "C:/evil.xml"])
def test_a_name_that_leads_outside_is_refused(name):
    assert refusal(workbook({name: "x"})).code == "hostile"


@pytest.mark.parametrize("name", ["XL/worksheets/SHEET1.xml", "xl\\worksheets\\sheet1.xml"])
def test_two_parts_of_one_name_are_refused(name):
    found = refusal(workbook({name: "x"}))
    assert (found.code, "two parts named" in str(found)) == ("hostile", True)


def test_a_bomb_is_refused_by_what_it_unpacks_to_not_by_its_ratio(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 1 << 20)
    assert refusal(workbook({f"xl/media/{i}.bin": bytes(300_000) for i in range(4)})).code == "hostile"
    check(Package.from_bytes(workbook({"xl/media/1.bin": bytes(1_000_000)}), "benign.xlsx"))


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    assert refusal(workbook({"xl/one-more.xml": "<x/>"})).code == "hostile"


def test_two_tables_of_contents_are_refused():
    data = workbook()
    end = data.rindex(b"PK\5\6")
    inner = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, end, 0)
    assert refusal(data[:-2] + struct.pack("<H", len(inner)) + inner).code == "hostile"


# --------------------------------------------------------------------------- the parts

DOCTYPE = '<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("part", [*PARTS, "xl/styles.xml", "docProps/core.xml"])
def test_a_doctype_is_refused_in_every_part_and_encoding(part, encoding):
    content = (DOCTYPE + PARTS.get(part, "<a/>")).encode(encoding)
    found = refusal(workbook({part: content}))
    assert (found.code, "DOCTYPE" in str(found), part in str(found)) == ("hostile", True, True)


def test_the_word_doctype_in_a_text_does_no_harm():
    check(Package.from_bytes(workbook({"xl/notes.xml": "<a><![CDATA[<!DOCTYPE html>]]></a>"}), "team.xlsx"))


@pytest.mark.parametrize("part", [name for name in PARTS if name != SHEET])
def test_a_part_that_is_not_well_formed_is_damaged(part):
    found = refusal(workbook({part: PARTS[part][:-4]}))
    assert (found.code, "not well-formed" in str(found)) == ("damaged", True)


HOSTILE_XML = {
    "depth": ("<a>" * 100_000 + "</a>" * 100_000, "nested more than"),
    "attributes": ("<a " + " ".join(f'b{i}=""' for i in range(100_000)) + "/>", "attributes"),
    "comment": ("<a><!--" + "<x>" * 2_000_000 + "--></a>", "comment or section"),
    "open comment": ("<a><!--" + "<x>" * 2_000_000, "comment or section"),
    "tag": ("<a " + "b" * 6_000_000, "one tag or text"),
    "elements": ("<a>" + "<b/>" * 500_000 + "</a>", "more than 400,000 elements"),
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_xml_beyond_the_limits_is_refused(name):
    content, words = HOSTILE_XML[name]
    found = refusal(workbook({"xl/workbook.xml": content}))
    assert (found.code, words in str(found)) == ("hostile", True), str(found)


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-7", "windows-1252", "iso-8859-1"])
def test_encodings_that_workbooks_never_have_are_refused(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?>' + PARTS["xl/workbook.xml"]
    assert refusal(workbook({"xl/workbook.xml": content})).code == "damaged"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_parts_in_utf_16_are_read(encoding):
    content = ('<?xml version="1.0"?>' + PARTS["xl/workbook.xml"].replace("Goals", "Ziele für Åsa")).encode(encoding)
    package = Package.from_bytes(workbook({"xl/workbook.xml": content}), "team.xlsx")
    assert package.sheets[0].name == "Ziele für Åsa"


LOST = [
    pointer("rId1", "worksheet", "worksheets/nowhere.xml"),
    pointer("rId9", "worksheet", "worksheets/sheet1.xml"),
    pointer("rId1", "styles", "worksheets/sheet1.xml"),
    pointer("rId1", "worksheet", "../../etc/passwd"),
    pointer("rId1", "worksheet", "../../../xl/worksheets/sheet1.xml"),
    pointer("rId1", "worksheet", "file:///etc/passwd", ' TargetMode="External"'),
    pointer("rId1", "worksheet", "file:///etc/passwd"),
    pointer("rId1", "worksheet", "http://127.0.0.1/sheet.xml", ' TargetMode="External"'),
    pointer("rId1", "worksheet", "\\\\server\\share\\sheet.xml"),
    pointer("rId1", "worksheet", "//server/share/sheet.xml"),
]


@pytest.mark.parametrize("target", LOST)
def test_a_sheet_that_leads_nowhere_is_refused_and_never_empty(target):
    found = refusal(workbook({"xl/_rels/workbook.xml.rels": relationships(target)}))
    assert (found.code, "sheet part missing" in str(found)) == ("damaged", True)


def test_two_relationships_of_one_id_are_refused():
    twice = relationships(*[pointer("rId1", "worksheet", "worksheets/sheet1.xml")] * 2)
    assert refusal(workbook({"xl/_rels/workbook.xml.rels": twice})).code == "hostile"


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_missing_part_is_refused(part):
    assert refusal(workbook({part: None})).code in ("damaged", "not_a_workbook")


def test_a_workbook_without_sheets_is_damaged():
    assert refusal(workbook({"xl/workbook.xml": f'<workbook xmlns="{MAIN}"><sheets/></workbook>'})).code == "damaged"


def test_the_beta_of_2006_is_unsupported():
    beta = PARTS["xl/workbook.xml"].replace(MAIN, "http://schemas.microsoft.com/office/excel/2006/2")
    assert refusal(workbook({"xl/workbook.xml": beta})).code == "unsupported"


TOLERATED = {
    "absolute target": {"xl/_rels/workbook.xml.rels": relationships(pointer("rId1", "worksheet", "/xl/worksheets/sheet1.xml"))},
    "other case": {"xl/_rels/workbook.xml.rels": relationships(pointer("rId1", "worksheet", "Worksheets/SHEET1.xml"))},
    "back-slash": {"xl/_rels/workbook.xml.rels": relationships(pointer("rId1", "worksheet", "worksheets\\sheet1.xml"))},
    "back-slash part": {SHEET: None, "xl\\worksheets\\sheet1.xml": PARTS[SHEET]},
    "percent escape": {
        "xl/_rels/workbook.xml.rels": relationships(pointer("rId1", "worksheet", "worksheets/sheet%201.xml")),
        "xl/worksheets/sheet 1.xml": PARTS[SHEET],
    },
    "strict": {
        "xl/workbook.xml": PARTS["xl/workbook.xml"].replace(MAIN, markup.STRICT_MAIN).replace(OFFICE, markup.STRICT_OFFICE)
    },
    "prefixed": {
        "xl/workbook.xml": f'<x:workbook xmlns:x="{MAIN}" xmlns:r="{OFFICE}"><x:sheets>'
        '<x:sheet name="Goals" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>'
    },
    "folder entries": {"xl/": "", "xl/worksheets/": ""},
    "nested archive": {"xl/embeddings/book.xlsx": zipped({"bomb": bytes(100_000)})},
}  # fmt: skip


@pytest.mark.parametrize("name", TOLERATED)
def test_what_other_programs_write_is_no_reason_to_refuse(name):
    package = Package.from_bytes(workbook(TOLERATED[name]), "team.xlsx")
    check(package, for_writing=True)
    assert [sheet.name for sheet in package.sheets] == ["Goals"]


def test_the_workbook_part_is_found_by_its_relationship():
    moved = {
        "_rels/.rels": relationships(pointer("rId1", "officeDocument", "/book/main.xml")),
        "book/main.xml": PARTS["xl/workbook.xml"],
        "book/_rels/main.xml.rels": relationships(pointer("rId1", "worksheet", "../xl/worksheets/sheet1.xml")),
        "xl/workbook.xml": None,
    }
    package = Package.from_bytes(workbook(moved), "team.xlsx")
    check(package)
    assert (package.workbook_part, package.sheets[0].part) == ("book/main.xml", SHEET)


# --------------------------------------------------------------- what may be read, not written

SIGNATURE = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
PROTECTION = '<workbookProtection lockStructure="1"/><sheets>'

READ_ONLY = {
    "signed": {
        "_rels/.rels": relationships(
            pointer("rId1", "officeDocument", "xl/workbook.xml"),
            f'<Relationship Id="rId2" Type="{SIGNATURE}" Target="_xmlsignatures/origin.sigs"/>',
        )
    },
    "protected": {"xl/workbook.xml": PARTS["xl/workbook.xml"].replace("<sheets>", PROTECTION)},
    "unsupported": {"xl/revisions/revisionHeaders.xml": "<headers/>"},
}


@pytest.mark.parametrize("code", READ_ONLY)
def test_what_must_not_be_written_can_still_be_read(code):
    data = workbook(READ_ONLY[code])
    check(Package.from_bytes(data, "team.xlsx"))
    assert refusal(data, for_writing=True).code == code


def test_a_protected_structure_names_the_way_out():
    found = refusal(workbook(READ_ONLY["protected"]), for_writing=True)
    assert "Review > Protect Workbook" in found.remedy


# ------------------------------------------------------------------------ files on disk


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_regular_file_is_not_opened(tmp_path):
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    (tmp_path / "dangling.xlsx").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.xlsx").symlink_to(tmp_path / "loop.xlsx")
    (tmp_path / "zero.xlsx").symlink_to("/dev/zero")
    for name in ("pipe.xlsx", "dangling.xlsx", "loop.xlsx", "zero.xlsx", "", "nothing.xlsx", "a\0b.xlsx", "x" * 300):
        with pytest.raises(errors.Missing):
            open_package(tmp_path / name)


def test_a_link_to_a_workbook_is_followed(tmp_path):
    (tmp_path / "real.xlsx").write_bytes(workbook())
    (tmp_path / "link.xlsx").symlink_to("real.xlsx")
    assert open_package(tmp_path / "link.xlsx").sheets[0].name == "Goals"


def test_a_very_large_file_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("perfsheet.workbooks.package.MAX_FILE", 100)
    (tmp_path / "big.xlsx").write_bytes(workbook())
    with pytest.raises(errors.Hostile):
        open_package(tmp_path / "big.xlsx")


# ----------------------------------------------------------------------------- rewriting


def facts(data: bytes) -> dict[str, tuple[object, ...]]:
    package = Package.from_bytes(data, "team.xlsx")
    return {
        e.name: (e.method, e.time, e.date, e.crc, data[e.data : e.data + e.compressed_size]) for e in package.entries
    }


def test_changing_nothing_gives_the_same_bytes():
    data = workbook()
    assert Package.from_bytes(data, "team.xlsx").replace({}) == data
    assert archive.Archive(data, "team.xlsx").rebuilt({}) == data


def test_a_changed_part_keeps_its_place_and_the_others_their_bytes():
    before = workbook()
    changed = b"<worksheet/>" * 50
    after = Package.from_bytes(before, "team.xlsx").replace({"xl/workbook.xml": changed, "xl/new.xml": b"<n/>"})
    old, new = facts(before), facts(after)
    assert list(new) == [*PARTS, "xl/new.xml"]
    assert {name: new[name] for name in old if name != "xl/workbook.xml"} == {
        name: old[name] for name in old if name != "xl/workbook.xml"
    }
    assert Package.from_bytes(after, "team.xlsx").read("xl/workbook.xml") == changed
    with zipfile.ZipFile(io.BytesIO(after)) as file:
        assert file.testzip() is None
        assert file.getinfo("xl/workbook.xml").date_time == (2024, 5, 6, 7, 8, 10)
        assert file.getinfo("xl/new.xml").date_time == (1980, 1, 1, 0, 0, 0)


def test_adding_and_removing_again_gives_back_the_original():
    before = workbook()
    longer = Package.from_bytes(before, "team.xlsx").replace({"xl/b.xml": b"b", "xl/ä.xml": b"a"})
    package = Package.from_bytes(longer, "team.xlsx")
    assert package.names[-2:] == ("xl/b.xml", "xl/ä.xml")
    assert package.replace({"xl/b.xml": None, "xl/ä.xml": None}) == before


def test_removing_what_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        Package.from_bytes(workbook(), "team.xlsx").replace({"xl/none.xml": None})


class OneWay(io.RawIOBase):
    """A stream that cannot seek: zip writers then put sizes behind the data, in descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, chunk) -> int:  # type: ignore[no-untyped-def]
        self.data += chunk
        return len(chunk)


def streamed(*, zip64: bool) -> bytes:
    stream = OneWay()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = b"made by a test"
        for name, content in PARTS.items():
            with file.open(zipfile.ZipInfo(name), "w", force_zip64=zip64) as part:
                part.write(content.encode())
    return bytes(stream.data)


@pytest.mark.parametrize("zip64", [False, True])
def test_data_descriptors_zip64_and_the_comment_survive(zip64):
    before = streamed(zip64=zip64)
    package = Package.from_bytes(before, "team.xlsx")
    check(package)
    assert archive.Archive(before, "team.xlsx").rebuilt({}) == before
    after = package.replace({"xl/workbook.xml": PARTS["xl/workbook.xml"].encode() + b"<!-- longer -->"})
    with zipfile.ZipFile(io.BytesIO(after)) as file:
        assert file.testzip() is None
        assert file.comment == b"made by a test"


def long_record(data: bytes) -> bytes:
    """The last entry's record with its sizes and offset in a zip64 field, and a zip64 end record."""
    at, end = central(data, SHEET), data.rindex(b"PK\5\6")
    packed, size = struct.unpack_from("<2L", data, at + 20)
    offset = struct.unpack_from("<L", data, at + 42)[0]
    field = struct.pack("<2H3Q", 1, 24, size, packed, offset)
    record = bytearray(data[at : at + 46])
    struct.pack_into("<2L", record, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", record, 30, len(field))
    struct.pack_into("<L", record, 42, 0xFFFFFFFF)
    body = data[:at] + bytes(record) + SHEET.encode() + field
    first, count = data.index(b"PK\1\2"), len(PARTS)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(body) - first, first)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body), 1)
    return body + end64 + locator + patched(data[end:], 8, struct.pack("<2H2L", 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF))


def test_a_zip64_record_is_moved_with_its_entry():
    package = Package.from_bytes(long_record(workbook()), "team.xlsx")
    check(package)
    after = package.replace({"xl/workbook.xml": PARTS["xl/workbook.xml"].encode() + b"<!-- much longer -->"})
    assert Package.from_bytes(after, "team.xlsx").read(SHEET) == PARTS[SHEET].encode()


def test_entries_listed_in_another_order_than_they_lie_stay_so():
    data = workbook()
    start, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    records = [b"PK\1\2" + r for r in data[start:end].split(b"PK\1\2")[1:]]
    shuffled = data[:start] + b"".join(reversed(records)) + data[end:]
    assert archive.Archive(shuffled, "team.xlsx").rebuilt({}) == shuffled


def test_renewed_content_is_deflated_the_same_way_each_time():
    package = Package.from_bytes(workbook(), "team.xlsx")
    first, second = (package.replace({"xl/workbook.xml": b"<a/>" * 999}) for _ in range(2))
    assert first == second
    entry = next(e for e in Package.from_bytes(first, "x").entries if e.name == "xl/workbook.xml")
    assert zlib.decompress(first[entry.data : entry.data + entry.compressed_size], -15) == b"<a/>" * 999
