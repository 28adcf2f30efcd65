"""The add-in and the extension as they are built: the same bytes every time, and true to their texts."""

from __future__ import annotations

import ast
import builtins
import hashlib
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pyopenvba.interpreter import Interpreter, VBACompileError

from perfsheet.addin.__main__ import main as hashes_page
from perfsheet.addin.building import script
from perfsheet.addin.excel import addin_bytes, modules, vba_text
from perfsheet.addin.libreoffice import extension_bytes, texts
from perfsheet.addin.texts import filled
from perfsheet.cli import cli

MACROS = Path(__file__).resolve().parents[2] / "macros"
RIBBON = (MACROS / "customUI14.xml").read_text(encoding="utf-8")
WORK_ORDER = ["Validate", "Score", "Preview adjustments", "Apply", "Restore last", "Help"]
UI = "{http://schemas.microsoft.com/office/2009/07/customui}"
OOR = "{http://openoffice.org/2001/registry}"

BUTTONS = ET.fromstring(RIBBON).findall(f".//{UI}button")


def callbacks() -> dict[str, str]:
    """What each ribbon callback of PerfRibbon does, by its name."""
    text = (MACROS / "PerfRibbon.bas").read_text(encoding="utf-8")
    return dict(re.findall(r"^Public Sub (\w+)\(control As IRibbonControl\)\n    (.*)\nEnd Sub$", text, re.M))


def addon_items(node: str) -> list[tuple[str, str]]:
    """(URL, title) of each item below a node of Addons.xcu."""
    root = ET.parse(MACROS / "libreoffice" / "Addons.xcu").getroot()
    found = []
    for item in root.find(f".//node[@{OOR}name='{node}']").iter("node"):
        values = {p.get(f"{OOR}name"): p.findtext("value") for p in item.findall("prop")}
        if "URL" in values:
            found.append((values["URL"], values["Title"]))
    return found


# -------------------------------------------------------------------- the bytes


@pytest.mark.parametrize("make", [addin_bytes, extension_bytes])
def test_two_builds_are_the_same_bytes(make):
    other = "import hashlib, sys; from perfsheet.addin import excel, libreoffice; "
    other += f"print(hashlib.sha256({make.__module__.rpartition('.')[2]}.{make.__name__}()).hexdigest())"
    done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(make()).hexdigest()


@pytest.mark.parametrize("make", [addin_bytes, extension_bytes])
def test_nothing_in_an_archive_depends_on_the_machine(make):
    entries = zipfile.ZipFile(io.BytesIO(make())).infolist()
    assert {(e.date_time, e.compress_type, e.create_system) for e in entries} == {((1980, 1, 1, 0, 0, 0), 0, 0)}


def test_the_program_s_path_is_all_that_differs_between_two_add_ins():
    plain, for_ada = (texts(program) | modules(program) for program in ("", "/home/ada/bin/perfsheet"))
    changed = {name for name in plain if plain[name] != for_ada[name]}
    assert changed == {"PerfLaunch", "handler.py"}
    assert "/home/ada/bin/perfsheet" in for_ada["PerfLaunch"]
    assert "PROGRAM = '/home/ada/bin/perfsheet'" in for_ada["handler.py"]


def test_no_name_of_a_person_is_in_the_add_in():
    core = zipfile.ZipFile(io.BytesIO(addin_bytes())).read("docProps/core.xml").decode()
    assert re.findall(r"<dc:creator>(.*?)</dc:creator>", core) == ["perfsheet"]
    assert "lastModifiedBy" not in core


def test_a_text_without_its_place_for_the_path_is_an_error():
    with pytest.raises(ValueError, match="no line"):
        filled("a\nb\n", "c", "d")


# -------------------------------------------------------------------- the macros


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of oletools itself
def test_the_modules_read_back_are_the_sources():
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser("perfsheet.xlam", data=addin_bytes())
    found = {name.removesuffix(".bas"): code for _, _, name, code in parser.extract_macros() if code.strip()}
    parser.close()
    read = {name: code.replace("\r\n", "\n").strip() for name, code in found.items() if name.startswith("Perf")}
    assert read == {path.stem: path.read_text(encoding="utf-8").strip() for path in MACROS.glob("*.bas")}
    others = {name: code for name, code in found.items() if not name.startswith("Perf")}
    assert all(line.startswith("Attribute") for code in others.values() for line in code.split("\r\n") if line)


@pytest.mark.parametrize("path", sorted(MACROS.glob("*.bas")), ids=lambda p: p.name)
@pytest.mark.parametrize("system", ["Windows", "macOS"])
def test_every_module_parses(path, system):
    text = path.read_text(encoding="utf-8")
    Interpreter().add_module(text if system == "Windows" else text.replace("#If Mac", "#If Not Mac"), name=path.stem)


def test_a_module_that_does_not_parse_would_be_seen():
    with pytest.raises(VBACompileError):
        Interpreter().add_module("Sub Broken()\n    x = (\nEnd Sub\n", name="Broken")


@pytest.mark.parametrize("path", sorted(MACROS.glob("*.bas")), ids=lambda p: p.name)
def test_conditional_lines_stand_inside_procedures(path):
    """LibreOffice silently compiles nothing of a module where they stand around them."""
    inside = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"(Public|Private) (Sub|Function) ", line):
            inside = True
        elif re.match(r"End (Sub|Function)", line):
            inside = False
        assert inside or not line.startswith("#"), line


@pytest.mark.parametrize("word", ["Shell", "CreateObject", "Run", "AppleScriptTask"])
def test_programs_are_started_in_the_launcher_alone(word):
    using = [p.name for p in sorted(MACROS.glob("*.bas")) if re.search(rf"\b{word}\b", p.read_text(encoding="utf-8"))]
    assert using == ["PerfLaunch.bas"]


@pytest.mark.parametrize("path", sorted(MACROS.rglob("*.*")), ids=lambda p: p.name)
def test_macros_are_plain_text(path):
    assert path.read_bytes().isascii()
    assert b"\r" not in path.read_bytes()


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20))
def test_a_path_in_any_alphabet_is_the_same_text_in_vba(path):
    vba = Interpreter()
    vba.add_module(f"Function Path() As String\n    Path = {vba_text(path)}\nEnd Function\n", name="M")
    assert vba_text(path).isascii()
    assert str(vba.run("Path", [])).encode("utf-16-le", "surrogatepass") == path.encode("utf-16-le")


# ------------------------------------------------------------------- the buttons


def test_the_ribbon_has_its_buttons_in_work_order():
    assert [b.get("label") for b in BUTTONS] == WORK_ORDER


def test_every_callback_in_the_ribbon_exists_and_the_other_way_round():
    assert [b.get("onAction") for b in BUTTONS] == list(callbacks())


@pytest.mark.parametrize("button", BUTTONS, ids=lambda b: b.get("label"))
def test_every_button_explains_itself(button):
    assert button.get("imageMso")
    assert len(button.get("screentip", "")) > 10
    assert len(button.get("supertip", "")) > 30
    assert re.fullmatch("[A-Z]", button.get("keytip", ""))


def test_no_two_buttons_have_one_key():
    keys = [b.get("keytip") for b in BUTTONS]
    assert len(keys) == len(set(keys))


def test_the_ribbon_reaches_the_add_in():
    archive = zipfile.ZipFile(io.BytesIO(addin_bytes()))
    relations = ET.fromstring(archive.read("_rels/.rels"))
    (target,) = [r.get("Target") for r in relations if r.get("Type", "").endswith("/ui/extensibility")]
    assert archive.read(target).decode() == RIBBON


@pytest.mark.parametrize("node", ["OfficeToolBar", "OfficeMenuBar"])
def test_libreoffice_has_the_same_buttons(node):
    assert [title for _, title in addon_items(node)] == WORK_ORDER


def test_every_program_is_given_the_same_orders():
    handler = (MACROS / "libreoffice" / "handler.py").read_text(encoding="utf-8")
    (orders,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(handler).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ORDERS"
    ]
    in_libreoffice = [" ".join(orders[url.partition(":")[2]]) for url, _ in addon_items("OfficeToolBar")[:-1]]
    in_excel = [action.removeprefix("PerfStart ").strip('"') for action in list(callbacks().values())[:-1]]
    assert in_libreoffice == in_excel
    (allowed,) = re.findall(r"orderWords is not in \{(.*?)\}", (MACROS / "perfsheet.applescript").read_text())
    assert sorted(re.findall('"(.*?)"', allowed)) == sorted(in_excel)


def test_the_script_for_macos_holds_the_path():
    assert 'property programPath : "/Users/\\"Ada\\"/perfsheet"' in script('/Users/"Ada"/perfsheet').decode()


# ------------------------------------------------------------------- the command


def test_build_writes_both_files_and_says_their_hashes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["addin", "build"])
    assert done.exit_code == 0
    for name in ("perfsheet.xlam", "perfsheet.oxt"):
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() in done.output


def test_the_hashes_in_the_documentation_are_current(capsys):
    page = MACROS.parent / "docs" / "it.md"
    assert hashes_page(["--check", str(page)]) == 0, capsys.readouterr().out
    assert hashlib.sha256(addin_bytes()).hexdigest() in page.read_text(encoding="utf-8")


def test_stale_hashes_are_named_and_renewed(tmp_path, capsys):
    page = tmp_path / "it.md"
    page.write_text(
        "# IT\n\n<!-- hashes: python -m perfsheet.addin docs/it.md -->\nold\n<!-- end of hashes -->\n\nmore\n"
    )
    assert hashes_page(["--check", str(page)]) == 1
    assert "stale" in capsys.readouterr().out
    assert hashes_page([str(page)]) == hashes_page(["--check", str(page)]) == 0
    assert page.read_text().startswith("# IT\n")
    assert page.read_text().endswith("\n\nmore\n")


def test_build_takes_the_kind_from_the_name(tmp_path):
    CliRunner().invoke(cli, ["addin", "build", "-o", str(tmp_path / "ours.oxt")])
    assert [p.name for p in tmp_path.iterdir()] == ["ours.oxt"]
    done = CliRunner().invoke(cli, ["addin", "build", "-o", str(tmp_path / "ours.zip")])
    assert (done.exit_code, "what is built ends in .xlam or .oxt" in done.output) == (2, True)


def test_without_pyopenvba_one_line_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *more):
        if name == "pyopenvba":
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    done = CliRunner().invoke(cli, ["addin", "build", "-o", str(tmp_path / "a.xlam")])
    assert done.exit_code == 2
    assert done.output.splitlines() == [
        "Error: perfsheet.xlam needs pyOpenVBA; install it with: pip install 'perfsheet[addin]'"
    ]
