"""Workbooks behind URLs, from real servers: honest ones, and some that lie, stall, break off or never end."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import fsspec
import pytest

import perfsheet
from perfsheet.consolidate import Organisation, consolidated, remote
from perfsheet.consolidate.remote import masked
from perfsheet.consolidate.sources import gather
from perfsheet.demo import demo_teams
from perfsheet.errors import Misuse
from perfsheet.filling import fill
from perfsheet.tables import Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package

LONG_AGO = 1_700_000_000
FRAMES = ("teams", "goals", "people", "issues", "findings")


class Server(ThreadingHTTPServer):
    """Serves `files` in as many manners as the first part of a path says; `asked` is what it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on servers that lie; nobody needs to be told."""


class _Answers(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        _, manner, name = unquote(self.path.split("?")[0]).split("/", 2)
        self.server.asked.append((self.command, self.path))
        data = self.server.files.get(name, b"")
        with suppress(OSError):
            getattr(self, f"_{manner}", self._missing)(name, data)

    def _head(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), str(value))
        self.end_headers()

    def _send(self, data: bytes) -> None:
        if self.command != "HEAD":
            self.wfile.write(data)

    def _teams(self, name: str, data: bytes, **more: object) -> None:
        """As any web server does; the folder is a page of links."""
        if not name:
            page = "".join(
                f'<a href="{quote(file)}">{file}</a>' for file in ["../", "notes.txt", *self.server.files]
            ).encode()
            self._head(Content_Type="text/html", Content_Length=len(page))
            self._send(page)
        elif not data:
            self._missing(name, data)
        else:
            self._head(Content_Length=len(data), Last_Modified=formatdate(LONG_AGO, usegmt=True), **more)
            self._send(data)

    def _tagged(self, name: str, data: bytes) -> None:
        """Has a tag for each content, and gives parts of it."""
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part:
            first, last = int(part[1]), min(int(part[2]), len(data) - 1)
            self._head(206, Content_Length=last + 1 - first, Content_Range=f"bytes {first}-{last}/{len(data)}")
            return self._send(data[first : last + 1])
        return self._teams(name, data, ETag=f'"{hash(data)}"')

    def _bare(self, name: str, data: bytes) -> None:
        """Says nothing of its files but their bytes."""
        self._head()
        self._send(data)

    def _missing(self, name: str, data: bytes) -> None:
        self._head(404)

    def _forbidden(self, name: str, data: bytes) -> None:
        self._head(403)

    def _failing(self, name: str, data: bytes) -> None:
        self._head(503)

    def _private(self, name: str, data: bytes) -> None:
        right = "Basic " + base64.b64encode(b"ada:s3cret").decode()
        self._teams(name, data) if self.headers.get("Authorization") == right else self._head(401)

    def _broken(self, name: str, data: bytes) -> None:
        self._head(Content_Length=len(data))
        self._send(data[: len(data) // 2])
        self.close_connection = True

    def _large(self, name: str, data: bytes) -> None:
        self._head(Content_Length=1 << 40)
        self._send(data)

    def _endless(self, name: str, data: bytes) -> None:
        """Tells one size when it is asked for it, and then never ends."""
        self._head(**({"Content_Length": 1000} if self.command == "HEAD" else {}))
        while self.command != "HEAD":
            self.wfile.write(bytes(1 << 16))

    def _stalling(self, name: str, data: bytes) -> None:
        self._head(Content_Length=len(data))
        self._send(data[:10])
        time.sleep(3)

    def _dripping(self, name: str, data: bytes) -> None:
        self._head()
        for n in range(60 if self.command != "HEAD" else 0):
            self.wfile.write(data[n : n + 1])
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teams")
    for team in demo_teams(3):
        path = folder / team.file_name
        path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


@pytest.fixture(scope="module")
def local(made: Path) -> Organisation:
    return perfsheet.consolidate([made])


@pytest.fixture
def server(made: Path) -> Iterator[Server]:
    with Server() as found:
        found.files = {path.name: path.read_bytes() for path in sorted(made.iterdir())}
        threading.Thread(target=found.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def one(made: Path) -> str:
    """The name of one workbook."""
    return min(path.name for path in made.iterdir())


def same(org: Organisation, other: Organisation) -> bool:
    """Whether both say the same, but for where the files are."""
    return all(
        getattr(org, f).drop(columns="file").equals(getattr(other, f).drop(columns="file")) for f in FRAMES
    )  # fmt: skip


# ------------------------------------------------------------------------------------ a web server


@pytest.mark.parametrize("what", ["teams/*.xlsx", "teams/", "tagged/*", "bare/{}"])
def test_workbooks_on_a_web_server_are_those_on_the_disk(server: Server, local: Organisation, what: str) -> None:
    urls = [f"{server.url}/{what.format(name)}" for name in (server.files if "{" in what else [""])]
    org = perfsheet.consolidate(urls)
    assert same(org, local)
    assert set(org.files[org.files["outcome"] != "left out"]["file"]) == {
        f"{server.url}/{what.split('/')[0]}/{name}" for name in server.files
    }


@pytest.mark.parametrize("how", [{"jobs": 2}, {"cluster": True}])
def test_every_engine_reads_them(server: Server, local: Organisation, how: dict[str, object], request: pytest.FixtureRequest) -> None:  # fmt: skip
    if "cluster" in how:
        how = {"cluster": request.getfixturevalue("address")}
    assert same(perfsheet.consolidate([f"{server.url}/tagged/*.xlsx"], **how), local)


def test_an_archive_on_a_web_server_is_a_folder(server: Server, made: Path, local: Organisation) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(made.iterdir()):
            archive.write(path, f"q2/{path.name}")
    server.files["all.zip"] = packed.getvalue()
    org = perfsheet.consolidate([f"zip://q2/*.xlsx::{server.url}/tagged/all.zip"])
    assert same(org, local)
    assert set(org.files["file"]) == {f"zip://q2/{path.name}::{server.url}/tagged/all.zip" for path in made.iterdir()}


def test_memory_is_read_where_it_is(made: Path, local: Organisation) -> None:
    store = fsspec.filesystem("memory")
    for path in made.iterdir():
        store.pipe_file(f"/teams/{path.name}", path.read_bytes())
    try:
        assert same(perfsheet.consolidate(["memory://teams/"], jobs=2), local)
        with pytest.raises(Misuse, match="no worker of a cluster finds it"):
            perfsheet.consolidate(["memory://teams/"], cluster="local")
    finally:
        store.rm("/teams", recursive=True)


def test_a_file_address_is_the_file(made: Path, one: str) -> None:
    assert gather([(made / one).as_uri()]).files == (str(made / one),)


def test_what_lies_around_is_left_out_with_a_reason(server: Server, one: str) -> None:
    server.files |= {f"~${one}": b"x" * 165, "old.xls": b"x", "team (1).xlsx": server.files[one]}
    org = perfsheet.consolidate([f"{server.url}/teams/"])
    assert org.read == 3
    assert [(s.path.rpartition("/")[2], s.reason) for s in org.skipped] == [
        ("notes.txt", "it is not a workbook"),
        ("old.xls", ".xls files are not read; save it as .xlsx"),
        ("team%20%281%29.xlsx", f"the same file: {server.url}/teams/{one} is read"),
        (f"~%24{one}", "it only says that somebody has the workbook open"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("teams/North (1).xlsx", "North (1).xlsx"),
        ("https://host/teams/North%20(1).xlsx?sig=***", "North (1).xlsx"),
        ("zip://q2/North.xlsx::https://host/teams.zip", "North.xlsx"),
        ("teams/100%25.xlsx", "100%25.xlsx"),
    ],
)
def test_the_name_of_a_file_by_itself(path: str, name: str) -> None:
    assert remote.base_name(path) == name


# ------------------------------------------------------------------------------------ one line each


@pytest.mark.parametrize(
    ("manner", "code", "said"),
    [
        ("gone", "missing", "there is no such file. Check the address"),
        ("forbidden", "forbidden", "you are not allowed to read it. Check the user, the key or the link"),
        ("private", "forbidden", "you are not allowed to read it. Check the user, the key or the link"),
        ("failing", "unreachable", "the server answers 503 instead of the file. Try again, or copy the file here first"),
        ("broken", "unreachable", "the answer broke off. Try again, or copy the file here first"),
        ("large", "hostile", "the file is larger than 2 MB. Ask for it again, and do not trust its sender"),
        ("endless", "hostile", "the file is larger than 2 MB. Ask for it again, and do not trust its sender"),
        ("stalling", "unreachable", "the server does not answer in time. Check the address, the network and the server"),
        ("dripping", "unreachable", "it takes longer than 0.6 s. Try again, or copy the file here first"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_come_is_one_line_and_the_rest_goes_on(
    server: Server, one: str, monkeypatch: pytest.MonkeyPatch, manner: str, code: str, said: str
) -> None:
    few = {"large": ("MAX_FILE", 2 << 20), "endless": ("MAX_FILE", 2 << 20), "stalling": ("SILENT_S", 0.4), "dripping": ("LONGEST_S", 0.6)}  # fmt: skip
    if manner in few:
        monkeypatch.setattr(remote, *few[manner])
    bad, *good = (f"{server.url}/{way}/{name}" for way, name in zip((manner, "teams", "teams"), server.files, strict=True))  # fmt: skip
    started = time.monotonic()
    org = perfsheet.consolidate([bad, *good])
    assert [(f.path, f.code, f.line) for f in org.failed] == [(bad, code, f"{bad}: {said}")]
    assert (org.read, len(org.files)) == (2, 3)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("what", ["team.xlsx", "*.xlsx", ""])
def test_a_server_that_is_not_there_is_one_line(server: Server, one: str, what: str) -> None:
    url = f"http://127.0.0.1:9/{what}"
    org = perfsheet.consolidate([url, f"{server.url}/teams/{one}"])
    line = f"{url}: the server refuses the connection. Check the address, the network and the server"
    assert ([(f.code, f.line) for f in org.failed], org.read) == ([("unreachable", line)], 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gs://b/*.xlsx", "gs://b/*.xlsx: gs:// needs gcsfs; install it with: pip install gcsfs"),
        ("nfs9://b/x.xlsx", "nfs9://b/x.xlsx: there is no kind of store called nfs9://"),
    ],
)
def test_a_store_that_needs_a_package_says_which(url: str, said: str) -> None:
    with pytest.raises(Misuse) as found:
        perfsheet.consolidate([url])
    assert str(found.value) == said


def test_without_fsspec_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(Misuse, match=r"URLs need fsspec; install it with: pip install 'perfsheet\[remote\]'$"):
        perfsheet.consolidate(["https://ada:s3cret@h/x.xlsx"])


# ------------------------------------------------------------------------------------ secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:s3cret@host/t.xlsx", "https://***@host/t.xlsx"),
        ("https://T0KEN@host/t.xlsx", "https://***@host/t.xlsx"),
        ("https://host/d?file=t.xlsx&sig=abc&id=7", "https://host/d?file=t.xlsx&sig=***&id=***"),
        ("https://host/t.xlsx?abc", "https://host/t.xlsx?***"),
        ("https://host/t.xlsx#abc", "https://host/t.xlsx"),
        ("sftp://ada:s3c@ret@host/t.xlsx", "sftp://ada:***@host/t.xlsx"),
        ("s3://bucket/team?.xlsx", "s3://bucket/team?.xlsx"),
        ("abfs://teams@account/t.xlsx", "abfs://teams@account/t.xlsx"),
        ("zip://*.xlsx::https://a:b@h/t.zip?k=v", "zip://*.xlsx::https://***@h/t.zip?k=***"),
        ("https://host:443/a@b.xlsx", "https://host:443/a@b.xlsx"),
    ],
)
def test_what_is_shown_of_an_address_holds_no_secret(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_a_password_works_and_is_written_nowhere(server: Server, one: str, tmp_path: Path) -> None:
    secret = server.url.replace("//", "//ada:s3cret@")
    urls = [f"{secret}/private/{one}?token=t0ken", f"{secret}/forbidden/{one}?token=t0ken", f"{secret}/private/{one}?token=0ther"]  # fmt: skip
    org = perfsheet.consolidate(urls, output=tmp_path / "org.xlsx", cache=tmp_path / "cache")
    shown = f"{server.url.replace('//', '//***@')}/private/{one}?token=***"
    assert [s.reason for s in org.skipped] == [f"the same file: {shown} is read"]
    assert (org.read, len(org.failed)) == (1, 1)
    with zipfile.ZipFile(tmp_path / "org.xlsx") as book:
        parts = b"".join(book.read(name) for name in book.namelist())
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").iterdir())
    everything = json.dumps(org.answer()).encode() + parts + kept
    assert [word for word in (b"s3cret", b"t0ken", b"0ther") if word in everything] == []
    assert b"hyperlink" not in parts.split(shown.encode())[0][-400:]


# ------------------------------------------------------------------------------------ the second run


@pytest.fixture
def fetched(server: Server) -> list[tuple[str, str]]:
    return server.asked


def contents(asked: list[tuple[str, str]]) -> list[str]:
    """The files whose content was asked for."""
    return sorted(path.rpartition("/")[2] for command, path in asked if command == "GET" and path.endswith(".xlsx"))


def changed(path: Path, title: str) -> bytes:
    goal = perfsheet.read(path).goals[0]
    return edit(open_package(path), [Change(goal.at("goal"), title)])


@pytest.mark.parametrize("manner", ["teams", "tagged"])
def test_a_second_run_fetches_only_what_changed(server: Server, made: Path, one: str, tmp_path: Path, manner: str) -> None:  # fmt: skip
    url, cache = f"{server.url}/{manner}/*.xlsx", tmp_path / "cache"
    first = perfsheet.consolidate([url], cache=cache)
    assert contents(server.asked) == sorted(server.files)
    server.asked.clear()
    assert same(perfsheet.consolidate([url], cache=cache), first)
    assert contents(server.asked) == []
    server.files[one] = changed(made / one, "Another title")
    org = perfsheet.consolidate([url], cache=cache)
    assert (contents(server.asked), "Another title" in set(org.goals["goal"])) == ([one], True)


def test_a_server_that_tells_nothing_is_known_by_its_bytes(server: Server, made: Path, one: str, tmp_path: Path) -> None:  # fmt: skip
    url, cache = f"{server.url}/bare/{one}", tmp_path / "cache"
    first = perfsheet.consolidate([url], cache=cache)
    assert same(perfsheet.consolidate([url], cache=cache), first)
    server.files[one] = changed(made / one, "Another title")
    assert "Another title" in set(perfsheet.consolidate([url], cache=cache).goals["goal"])


def test_a_file_saved_while_the_run_is_under_way_is_not_taken_for_the_one_listed(server: Server, made: Path, one: str) -> None:  # fmt: skip
    sources = gather([f"{server.url}/tagged/{one}"]).with_states()
    server.files[one] = changed(made / one, "Another title")
    (name,) = sources.files
    with pytest.raises(perfsheet.errors.Changed, match="it was saved again while this run was under way"):
        remote.fetch(sources.remote[name], name)


def test_a_run_with_a_file_that_did_not_come_is_not_remembered(server: Server, one: str, tmp_path: Path) -> None:
    options = dict.fromkeys(("as_of", "policy", "period", "pseudonym_key", "dataset", "nudges", "distributed"))  # fmt: skip
    urls = [f"{server.url}/{way}/{name}" for way, name in zip(("failing", "tagged"), server.files, strict=False)]
    for _ in range(2):
        server.asked.clear()
        answer = consolidated(urls, str(tmp_path / "org.xlsx"), cache=tmp_path / "c", fairness=False, audience="hr", **options)  # fmt: skip
        assert [f["code"] for f in answer["failed"]] == ["unreachable"]
        assert any(path.startswith("/failing") for _, path in server.asked)


# ------------------------------------------------------------------------------------ an object store


@pytest.fixture(scope="module")
def bucket(made: Path) -> Iterator[str]:
    """A bucket with the workbooks, on an S3 server of this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        store = fsspec.filesystem("s3")
        store.mkdir("teams")
        for path in made.iterdir():
            store.put_file(str(path), f"teams/q2/south/{path.name}")
        yield "s3://teams"
        fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


@pytest.mark.parametrize("what", ["q2/", "q2", "q2/south/*.xlsx", "**/*.xlsx", ""])
def test_workbooks_in_an_object_store_are_those_on_the_disk(bucket: str, local: Organisation, what: str) -> None:
    org = perfsheet.consolidate([f"{bucket}/{what}"], jobs=2)
    assert same(org, local)
    assert {path.rpartition("/")[0] for path in org.files["file"]} == {"s3://teams/q2/south"}


def test_a_second_run_over_an_object_store_fetches_only_what_changed(
    bucket: str, made: Path, one: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    real = remote.fetch
    monkeypatch.setattr("perfsheet.consolidate.sources.fetch", lambda r, name: fetched.append(r.base) or real(r, name))
    run = partial(perfsheet.consolidate, [f"{bucket}/q2/"], cache=tmp_path, jobs=1)
    first = run()
    assert (same(run(), first), sorted(fetched)) == (True, sorted(p.name for p in made.iterdir()))
    fetched.clear()
    store = fsspec.filesystem("s3")
    store.pipe_file(f"teams/q2/south/{one}", changed(made / one, "Another title"))
    try:
        assert ("Another title" in set(run().goals["goal"]), fetched) == (True, [one])
    finally:
        store.put_file(str(made / one), f"teams/q2/south/{one}")


@pytest.mark.parametrize(
    "what", ["teams/none.xlsx", "teams/none/", "teams/none", "teams/none*.xlsx", "nobody", "nobody/", "nobody/*.xlsx"]
)
def test_what_is_not_in_the_store_is_one_line(bucket: str, made: Path, what: str) -> None:
    org = perfsheet.consolidate([f"s3://{what}", made])
    assert [(f.code, f.line) for f in org.failed] == [("missing", f"s3://{what}: there is no such file. Check the address")]  # fmt: skip
    assert org.read == 3


def test_a_local_copy_and_the_one_in_the_store_count_once(bucket: str, made: Path, tmp_path: Path, one: str) -> None:
    newer = Path(shutil.copy(made / one, tmp_path / one))
    os.utime(newer, (LONG_AGO, LONG_AGO))
    org = perfsheet.consolidate([tmp_path, f"{bucket}/q2/"])
    assert [(s.path, s.reason) for s in org.skipped] == [(str(newer), f"the same file: s3://teams/q2/south/{one} is read")]  # fmt: skip
