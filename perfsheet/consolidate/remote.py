"""Workbooks behind a URL: on a web server, in an object store, in an archive. The one room that knows fsspec.

What a server says is not believed: sizes are counted while bytes come in, nothing is waited for without end, and
what its library raises is never printed, because it may hold the address with its password.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import posixpath
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ..errors import Changed, Hostile, Missing, Misuse, Obstacle, Unreachable
from ..workbooks.package import MAX_FILE

CHUNK = 1 << 20
CONNECT_S = 10
"""So long a web server has to take the connection."""
SILENT_S = 30
"""So long a web server may say nothing."""
LONGEST_S = 300
"""So long one file may take."""
AT_ONCE = 16
"""So many files are asked at once for their state."""
SETTLED_S = 2
"""Times are told in whole seconds: a file saved so lately may be saved again without a change in its time."""

PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "adl": "adlfs",
    "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "http": "aiohttp", "https": "aiohttp", "webdav": "webdav4",
}  # fmt: skip
"""What a kind of store needs beside fsspec."""
HARMLESS = frozenset({"dl", "download", "file", "filename", "format", "name", "path", "raw", "sheet", "version", "versionid"})  # fmt: skip
"""Words of a query whose values are shown; all others may be tokens."""
_LINK = re.compile(r"(?P<kind>[A-Za-z][A-Za-z0-9+.-]+)://")


class State(NamedTuple):
    """What tells a file's content from what it was before, as far as its store says."""

    tag: str | None = None
    modified: float | None = None
    size: int | None = None

    @property
    def is_certain(self) -> bool:
        """Whether other content would show in it."""
        return self.tag is not None or (self.modified is not None and time.time() - self.modified > SETTLED_S)

    def differs_from(self, other: State) -> bool:
        """Whether both say something of one matter, and not the same."""
        return any(a != b for a, b in zip(self, other, strict=True) if a is not None and b is not None)


@dataclass(frozen=True)
class Remote:
    """A file in a store. It travels to worker processes; the store's connection is made anew there."""

    fs: Any
    path: str
    state: State = State()
    digest: str | None = None
    """The sha256 of its content, where the store says too little of its state."""
    trouble: tuple[type[Obstacle], str, str, str] | None = None
    """Why there is nothing to read: an obstacle's kind, words, remedy and code."""
    stays: bool = False
    """Whether it is in this process's memory, where no other process finds it."""

    @property
    def base(self) -> str:
        """The file's own name."""
        return base_name(self.path)

    @property
    def key(self) -> bytes | None:
        """What stands for the content in the cache; None if nobody knows."""
        told = self.digest or (json.dumps(self.state) if self.state.is_certain else None)
        return hashlib.sha256(told.encode()).digest() if told else None


class Content(NamedTuple):
    """A file's bytes, and when it was saved (0 if the store does not say)."""

    data: bytes
    modified: float


def is_url(path: str) -> bool:
    """Whether a path is an address: s3://bucket/teams/*.xlsx, https://host/team.xlsx, zip://*.xlsx::https://host/teams.zip."""
    return bool(_LINK.match(path)) or ("::" in path and bool(_LINK.search(path)))


def base_name(path: str) -> str:
    """A file's own name, of a path on this machine or of an address as people read it."""
    if not is_url(path):
        return os.path.basename(path)
    return unquote(urlsplit(path.partition("::")[0]).path).rpartition("/")[2] or urlsplit(path).netloc


# ------------------------------------------------------------------------------------ which files


def listed(url: str) -> Iterator[tuple[str, Remote, bool]]:
    """(name, file, whether it was named outright) of each file that a URL, a folder or a pattern means.

    What cannot be listed is one file with its trouble. Raises Misuse if a store needs a package that is not here.
    """
    try:
        fs, path = _opened(url)
        yield from list(_found(fs, path, url))
    except (Misuse, Obstacle):
        raise
    except Exception as error:
        name = masked(url)
        found = _trouble(error, name)
        yield name, Remote(None, url, trouble=(type(found), found.what, found.remedy, found.code)), True


def _opened(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise Misuse(f"{masked(url)}: URLs need fsspec; install it with: pip install 'perfsheet[remote]'") from None
    kinds = [match["kind"].lower() for match in _LINK.finditer(url)]
    for kind in kinds:
        _refuse_unknown(kind, url)
    fs, path = fsspec.core.url_to_fs(url, **{kind: _web_options() for kind in kinds if kind in ("http", "https")})
    fs.invalidate_cache()
    return fs, path


def _refuse_unknown(kind: str, url: str) -> None:
    import fsspec

    try:
        fsspec.get_filesystem_class(kind)
    except ImportError:
        package = PACKAGES.get(kind, f"a package for {kind}")
        raise Misuse(f"{masked(url)}: {kind}:// needs {package}; install it with: pip install {package}") from None
    except ValueError:
        raise Misuse(f"{masked(url)}: there is no kind of store called {kind}://") from None


def _web_options() -> dict[str, Any]:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=2 * LONGEST_S, sock_connect=CONNECT_S, sock_read=SILENT_S)
    return {"client_kwargs": {"timeout": timeout}}


def _found(fs: Any, path: str, url: str) -> Iterator[tuple[str, Remote, bool]]:
    tail = "".join(f"::{link}" for link in url.split("::")[1:])
    web = _is_web(fs)
    if _has_magic(path, web):
        infos = fs.glob(path, detail=True, **({"on_error": "raise"} if web else {}))
        infos = {name: info for name, info in infos.items() if info.get("type") != "directory"}
        if not infos:
            fs.ls(_root(path))  # says why there is nothing, if it is not for want of files
            raise FileNotFoundError(path)
    elif _is_folder(fs, path, url.partition("::")[0], web):
        infos = _under(fs, path, web)
    else:
        yield masked(url), Remote(fs, path, stays="memory://" in url), True
        return
    for name, info in sorted(infos.items()):
        address = name if web else fs.unstrip_protocol(name)
        yield masked(address + tail), Remote(fs, name, _state(info), stays="memory://" in url), False


def _is_web(fs: Any) -> bool:
    kinds = (fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol
    return "http" in kinds or "https" in kinds


def _has_magic(path: str, web: bool) -> bool:
    return any(sign in path for sign in ("*[" if web else "*?["))


def _root(path: str) -> str:
    """The folder above the first part with a pattern in it."""
    return re.split(r"[*?\[]", path, maxsplit=1)[0].rpartition("/")[0]


def _is_folder(fs: Any, path: str, link: str, web: bool) -> bool:
    if web:
        return urlsplit(path).path.endswith("/")
    if link.endswith("/") or (not posixpath.splitext(path)[1] and fs.isdir(path)):
        return True
    if not posixpath.splitext(path)[1] and not fs.exists(path):
        raise FileNotFoundError(path)
    return False


def _under(fs: Any, path: str, web: bool) -> dict[str, Any]:
    """Every file below a folder; of a web server those that the folder's page links to."""
    if web:
        return {info["name"]: info for info in fs.ls(path, detail=True) if info["type"] != "directory"}
    troubles: list[Exception] = []
    found = {
        info["name"]: info
        for _, _, files in fs.walk(path, detail=True, on_error=troubles.append)
        for info in files.values()
    }
    if troubles:
        raise troubles[0]
    return found


def with_states(remotes: Mapping[str, Remote]) -> dict[str, Remote]:
    """The files, each with what tells its content from what it was; one that cannot be asked has its trouble told when it is read."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(remotes, pool.map(_with_state, remotes.values()), strict=True))


def _with_state(remote: Remote) -> Remote:
    if remote.trouble or remote.state.is_certain:
        return remote
    with suppress(Exception):
        remote = replace(remote, state=_state(remote.fs.info(remote.path)))
        if not remote.state.is_certain:
            digest = hashlib.sha256()
            for chunk in _chunks(remote, remote.path):
                digest.update(chunk)
            return replace(remote, digest=digest.hexdigest())
    return remote


# ------------------------------------------------------------------------------------ one file


def fetch(remote: Remote, name: str) -> Content:
    """The file's bytes. `name` is what messages call it.

    Raises Missing, Unreachable, Changed if it is not what was listed, Hostile if it is too large.
    """
    if remote.trouble is not None:
        kind, what, remedy, code = remote.trouble
        raise kind(name, what, remedy, code=code)
    data = b"".join(_chunks(remote, name))
    if remote.digest is not None and hashlib.sha256(data).hexdigest() != remote.digest:
        raise _changed(name)
    return Content(data, remote.state.modified or 0.0)


def _chunks(remote: Remote, name: str) -> Iterator[bytes]:
    """The content piece by piece, counted and timed."""
    started, size = time.monotonic(), 0
    try:
        with _stream(remote) as file:
            told = _state_of(file)
            if remote.state.differs_from(told):
                raise _changed(name)
            if (told.size or 0) > MAX_FILE:
                raise _too_large(name)
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > MAX_FILE:
                    raise _too_large(name)
                if time.monotonic() - started > LONGEST_S:
                    raise Unreachable(name, f"it takes longer than {LONGEST_S:g} s", _AGAIN)
                yield chunk
    except (Obstacle, GeneratorExit):
        raise
    except Exception as error:
        raise _trouble(error, name) from None
    if told.size is not None and size != told.size:
        raise Unreachable(name, f"the answer broke off after {size:,} of {told.size:,} bytes", _AGAIN)


def _stream(remote: Remote) -> Any:
    if _is_web(remote.fs):  # of a size that is known it would ask for ranges, and take whatever comes for one
        return remote.fs.open(remote.path, block_size=0, size=1, headers={"Accept-Encoding": "identity"})
    return remote.fs.open(remote.path, "rb", cache_type="none")


def _state_of(file: Any) -> State:
    """What an open file says of itself: a web server in its answer's head, a store in the file's details."""
    answer = getattr(file, "r", None)
    if answer is not None:
        return _state({**answer.headers, "size": answer.headers.get("Content-Length")})
    details = getattr(file, "details", None)
    return _state(details if isinstance(details, Mapping) else {})


def _state(info: Mapping[str, Any]) -> State:
    """The state in what a store says of a file; every kind of store has words of its own."""
    tag = next((str(info[key]) for key in ("ETag", "etag", "md5Hash", "Content-MD5") if info.get(key)), None)
    times = ("LastModified", "last_modified", "Last-Modified", "updated", "mtime", "modified", "modify", "created")
    size = info.get("size")
    return State(
        tag and tag.strip('"'),
        next((found for key in times if (found := _moment(info.get(key))) is not None), None),
        int(size) if size is not None else None,
    )


def _of_a_header(value: str) -> datetime:
    from email.utils import parsedate_to_datetime  # it takes long to import, and most files are on this machine

    return parsedate_to_datetime(value)


def _moment(value: Any) -> float | None:
    """Seconds since 1970, whichever way a store tells the time."""
    with suppress(ValueError, TypeError, OverflowError):
        if isinstance(value, str):
            value = _of_a_header(value) if "," in value else datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return None


# ------------------------------------------------------------------------------------ what is said

_AGAIN = "Try again, or copy the file here first"


def _changed(name: str) -> Obstacle:
    return Changed(name, "it was saved again while this run was under way", "Run perfsheet again")


def _too_large(name: str) -> Obstacle:
    return Hostile(
        name, f"the file is larger than {MAX_FILE >> 20} MB", "Ask for it again, and do not trust its sender"
    )


def _trouble(error: BaseException, name: str) -> Obstacle:
    """What a store's library raised, in our words."""
    causes = list(_causes(error))
    status = next((s for e in causes if isinstance(s := getattr(e, "status", None), int)), None)
    kinds = {kind.__name__ for e in causes for kind in type(e).__mro__}
    if status in (401, 403) or "PermissionError" in kinds:
        return Unreachable(
            name, "you are not allowed to read it", "Check the user, the key or the link", code="forbidden"
        )
    if kinds & {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "AuthenticationException"}:
        what = "no credentials for this store are set up here"
        return Unreachable(name, what, "Set them up as its own tools want them", code="forbidden")
    if kinds & {"FileExpired"}:
        return _changed(name)
    if told := _connection(causes, kinds):
        return Unreachable(name, told, "Check the address, the network and the server")
    if kinds & {"ClientPayloadError", "IncompleteReadError", "IncompleteRead", "ResponseStreamingError"}:
        return Unreachable(name, "the answer broke off", _AGAIN)
    if status is not None and status not in (404, 410):
        return Unreachable(name, f"the server answers {status} instead of the file", _AGAIN)
    if status is not None or kinds & {"FileNotFoundError", "NotADirectoryError"}:
        return Missing(name, "there is no such file", "Check the address")
    return Unreachable(name, f"it cannot be read ({type(error).__name__})", _AGAIN)


def _connection(causes: Iterable[BaseException], kinds: set[str]) -> str | None:
    """Why there is no conversation with the server, if there is none."""
    if (
        any(isinstance(e, OSError) and e.errno == errno.ECONNREFUSED for e in causes)
        or "ConnectionRefusedError" in kinds
    ):
        return "the server refuses the connection"
    if kinds & {"TimeoutError", "ConnectTimeoutError", "ReadTimeoutError", "FSTimeoutError"}:
        return "the server does not answer in time"
    if kinds & {"gaierror", "ClientConnectorDNSError"}:
        return "no server of this name is known"
    if kinds & {"ClientConnectionError", "EndpointConnectionError", "ConnectionError", "HTTPClientError", "SSLError"}:
        return "there is no connection to the server"
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        for inner in (getattr(error, "os_error", None),):
            if isinstance(inner, BaseException):
                yield inner
        error = error.__cause__ or error.__context__


def masked(url: str) -> str:
    """The address without its secrets: passwords, tokens and keys are three stars."""
    return "::".join(map(_masked, url.split("::")))


def _masked(link: str) -> str:
    kind, found, rest = link.partition("://")
    if not found:
        return link
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    web = kind.lower() in ("http", "https", "ftp", "ftps", "webdav")
    if at:
        user = "***" if web else re.sub(":.*", ":***", user, flags=re.DOTALL)
    path, question, query = path.partition("?") if "=" in path.partition("?")[2] or web else (path, "", "")
    if web:
        path, query = path.partition("#")[0], query.partition("#")[0]
    return f"{kind}://{user}{at}{host}{slash}{path}{question}{_masked_query(query)}"


def _masked_query(query: str) -> str:
    return "&".join(_masked_pair(*pair.partition("=")) for pair in query.split("&")) if query else ""


def _masked_pair(key: str, equals: str, value: str) -> str:
    return f"{key}={value if key.casefold() in HARMLESS else '***'}" if equals else "***"
