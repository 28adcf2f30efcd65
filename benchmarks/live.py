"""A press of the button: `perfsheet live score` from start to finished Summary, beside LibreOffice converting the file once.

    python benchmarks/live.py [--smoke]

Prints both times, their ratio, and where the time of the command goes. The conversion is what the same machine needs
to open, calculate and save the workbook, so the ratio says more than the seconds of a busy computer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perfsheet.demo import demo_teams
from perfsheet.errors import NotRunning
from perfsheet.filling import fill
from perfsheet.templates import template_bytes
from perfsheet.workbooks.live.calc.bridge import Office, connected

PLAIN = {"PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()}
STEPS = """
import time
begin = time.perf_counter()
from perfsheet import live
imported = time.perf_counter()
found = live.find(None)
attached = time.perf_counter()
from perfsheet.workbooks.live.reading import read as read_open
read_open(found.book, found.host, live.NEVER_READ)
read = time.perf_counter()
live.score(found)
print(f"importing {imported - begin:.2f} s, attaching {attached - imported:.2f} s, reading {read - attached:.2f} s, all of score {time.perf_counter() - read:.2f} s")
"""


def main() -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        print("no LibreOffice here, nothing measured")
        return
    runs = 1 if "--smoke" in sys.argv else 5
    with tempfile.TemporaryDirectory() as folder:
        team = next(demo_teams(1))
        path = Path(folder, "team.xlsx")
        path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
        converting = min(converted(soffice, path, folder) for _ in range(runs))
        pressing = pressed(soffice, path, folder, runs)
    print(f"live score {pressing:.2f} s, converting the file {converting:.2f} s, ratio {pressing / converting:.2f}")


def converted(soffice: str, path: Path, folder: str) -> float:
    """Seconds for LibreOffice to start, open the workbook, save it and end."""
    command = [
        soffice,
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    began = time.perf_counter()
    subprocess.run([*command, "--outdir", f"{folder}/out", str(path)], env=PLAIN, check=True, capture_output=True)
    return time.perf_counter() - began


def pressed(soffice: str, path: Path, folder: str, runs: int) -> float:
    """Seconds of the command, from its start to its end, in a LibreOffice that runs; the least of some presses."""
    pipe = f"perfsheet_benchmark_{os.getpid()}"
    os.environ["PERFSHEET_UNO"] = pipe
    command = [
        soffice,
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
    ]
    process = subprocess.Popen([*command, f"--accept=pipe,name={pipe};urp;"], env=PLAIN, stderr=subprocess.DEVNULL)
    try:
        office = reached()
        office.desktop.loadComponentFromURL(office.uno.systemPathToFileUrl(str(path)), "_blank", 0, ())
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            done = subprocess.run([sys.executable, "-m", "perfsheet", "live", "score", "--quiet"], check=False)
            times.append(time.perf_counter() - began)
            if done.returncode not in (0, 1):
                raise SystemExit("the command did not work")
        subprocess.run([sys.executable, "-c", STEPS], check=True)
        return min(times)
    finally:
        process.terminate()
        process.wait(timeout=30)


def reached() -> Office:
    """The office, as soon as it listens."""
    for _ in range(240):
        try:
            return connected()
        except NotRunning:
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start within a minute")


main()
