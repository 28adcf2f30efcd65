"""macros/libreoffice/ -> perfsheet.oxt, an extension with a toolbar and a menu."""

from __future__ import annotations

from .. import __version__
from .texts import archived, filled, macros_folder, text_of

FOLDER = "libreoffice"
MANIFEST = "META-INF/manifest.xml"
PLACE = 'PROGRAM = ""  # `perfsheet addin install` writes the program\'s path here'


def extension_bytes(program: str = "") -> bytes:
    """The whole extension."""
    return archived({name: text.encode() for name, text in texts(program).items()})


def texts(program: str = "") -> dict[str, str]:
    """Each file's text by its name in the extension."""
    found = {path.name: text_of(f"{FOLDER}/{path.name}") for path in sorted((macros_folder() / FOLDER).glob("*.*"))}
    manifest = found.pop("manifest.xml")
    found["description.xml"] = found["description.xml"].replace('"0"', f'"{__version__}"')
    if program:
        found["handler.py"] = filled(found["handler.py"], PLACE, f"PROGRAM = {program!a}")
    return {MANIFEST: manifest, **found}
