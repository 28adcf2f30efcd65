"""What a file that is no .xlsx workbook really is, so that the message can name it.

A file's name says what somebody hoped; its first bytes say what it is.
"""

from __future__ import annotations

from ..errors import Damaged, Encrypted, NotAWorkbook, Obstacle

SAVE_AS = 'Open it in its own program and save it as "Excel Workbook (.xlsx)"'

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"\x09\x08", "an old Excel workbook (.xls)"),
    (b"\x09\x04", "an old Excel workbook (.xls)"),
    (b"\x09\x02", "an old Excel workbook (.xls)"),
)
_XML = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "an Excel 2003 XML spreadsheet"),
    (b"office:document", "a flat OpenDocument file"),
    (b"<html", "a web page"),
    (b"<!doctype html", "a web page"),
    (b"<?xml", "an XML file"),
)
_OLE_STREAMS = (
    ("Workbook", "an old Excel workbook (.xls)"),
    ("Book", "an old Excel workbook (.xls)"),
    ("WordDocument", "an old Word document (.doc)"),
    ("PowerPoint Document", "an old PowerPoint file (.ppt)"),
)
_MIMETYPES = (
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (b"opendocument.text", "an OpenDocument text (.odt)"),
    (b"opendocument", "an OpenDocument file"),
    (b"epub", "an e-book"),
)
_CONTENT_TYPES = (
    ("ms-excel.sheet.binary", "a binary Excel workbook (.xlsb)"),
    ("wordprocessingml", "a Word document (.docx)"),
    ("ms-word", "a Word document (.docm)"),
    ("presentationml", "a PowerPoint presentation (.pptx)"),
    ("ms-powerpoint", "a PowerPoint presentation (.pptm)"),
    ("visio", "a Visio drawing"),
)


def refusal(data: bytes, path: str) -> Obstacle:
    """Why bytes that do not begin like a zip archive cannot be read as a workbook."""
    if not data:
        return Damaged(
            path, "the file is empty", "Perhaps it is not downloaded yet; open it once, or take another copy"
        )
    if data.startswith(_OLE):
        return _ole(data, path)
    if len(data) == 165 and 0 < data[0] < 55:
        return NotAWorkbook(path, "this is the note Excel leaves while a workbook is open", "Use the workbook itself")
    name = next((name for start, name in _STARTS if data.startswith(start)), None) or _text(data)
    if name is None:
        return Damaged(path, "it does not begin like a workbook, or like any format we know", SAVE_AS)
    return NotAWorkbook(path, f"this is {name}, not an .xlsx workbook", SAVE_AS)


def _ole(data: bytes, path: str) -> Obstacle:
    """OLE compound files: the old binary formats, and the wrapper of every encrypted workbook."""
    for stream in ("DRMEncryptedDataSpace", "DRMEncryptedTransform", "\tDRMContent"):
        if stream.encode("utf-16-le") in data:
            return Encrypted(
                path, "it is protected by rights management", "Ask its owner for an unprotected copy, and use that"
            )
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        return Encrypted(path, "it is password-protected", "Save a copy without a password in Excel, and use that")
    for stream, name in _OLE_STREAMS:
        if (stream + "\0").encode("utf-16-le") in data:
            return NotAWorkbook(path, f"this is {name}, not an .xlsx workbook", SAVE_AS)
    return NotAWorkbook(path, "this is an old Office file, not an .xlsx workbook", SAVE_AS)


def _text(data: bytes) -> str | None:
    head = data[:4096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "a text or CSV file"
    lower = head.lower().removeprefix(b"\xef\xbb\xbf").lstrip()
    if lower.startswith(b"<"):
        return next((name for mark, name in _XML if mark in lower), "a marked-up text")
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head):
        return "a text or CSV file"
    return None


def zip_content(names: frozenset[str], mimetype: bytes) -> str | None:
    """What a zip archive without an Office part list is, if it is known."""
    for mark, name in _MIMETYPES:
        if mark in mimetype:
            return name
    if "Index/Document.iwa" in names or "Index.zip" in names:
        return "an Apple Numbers document"
    return None


def office_content(content_type: str) -> str | None:
    """What an Office package is whose main part has this content type; None for a workbook."""
    return next((name for mark, name in _CONTENT_TYPES if mark in content_type), None)
