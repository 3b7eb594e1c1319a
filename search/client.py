"""A client of the HTTP API: retries what may be retried, follows pages, waits for tasks.

with Client("http://127.0.0.1:8700", key="…") as shop:
    shop.write("shop", [{"id": "21", "title": "Desk lamp", "price": 12.99}], wait_s=5)
    for hit in shop.hits("shop", "desk lamp"):
        print(hit["id"])
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import orjson
import urllib3

from search.errors import SearchError

_RETRIED = (429, 502, 503, 504)
_FINISHED = ("succeeded", "failed", "cancelled")
_LONGEST_WAIT_S = 25


class ClientError(SearchError):
    """The service refused, or could not be reached.

    Args:
        status: of the answer, 0 where there was none.
        detail: what is wrong and the remedy.
        problem: all members of the problem document.
    """

    def __init__(self, status: int, detail: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, detail, problem)
        self.status = status
        self.detail = detail
        self.problem = dict(problem or {})

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}" if self.status else self.detail


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the service; `told` is all that it says of it."""

    id: str
    kind: str
    index: str
    state: str
    error: str
    result: Mapping[str, Any]
    told: Mapping[str, Any]

    @property
    def finished(self) -> bool:
        return self.state in _FINISHED


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write; task is None where nothing had changed."""

    created: int
    updated: int
    unchanged: int
    deleted: int
    change_number: int
    problems: tuple[Mapping[str, Any], ...]
    task: Task | None


class Client:
    """Safe to share between threads.

    Args:
        url: of the service.
        key: "" where it has none.
        timeout_s: for one answer.
        retries: of a request that found nobody, or a service that said to come again. Writes carry an idempotency key,
            so that one which was done and whose answer got lost is not done twice.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8700", key: str = "", *, timeout_s: float = 30.0, retries: int = 3
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        retry = urllib3.Retry(
            retries, allowed_methods=None, status_forcelist=_RETRIED, backoff_factor=0.2, raise_on_status=False
        )
        self._pool = urllib3.PoolManager(maxsize=16, timeout=timeout_s, retries=retry)

    def close(self) -> None:
        """Closes all connections."""
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- searching ---------------------------------------------------------------------------------------------------

    def search(self, index: str, q: str = "", **parameters: Any) -> dict[str, Any]:
        """One answer.

        Args:
            parameters: as the documentation of searches names them.
        """
        return self._json("POST", _path(index, "search"), {"q": q, **parameters})

    def hits(self, index: str, q: str = "", **parameters: Any) -> Iterator[dict[str, Any]]:
        """All hits, page by page, as they were ranked for the first page."""
        answer = self.search(index, q, **parameters)
        while True:
            yield from answer["hits"]
            if not answer["next_cursor"]:
                return
            answer = self.page(index, answer["next_cursor"])

    def page(self, index: str, cursor: str) -> dict[str, Any]:
        """The answer that goes on where another one ended, by its `next_cursor`."""
        return self._json("POST", _path(index, "search"), {"cursor": cursor})

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(
        self, index: str, products: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, wait_s: float = 0
    ) -> Written:
        """Creates or replaces products."""
        return self._written("POST", _path(index, "documents"), products, wait_s)

    def patch(
        self, index: str, changes: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, wait_s: float = 0
    ) -> Written:
        """Merges changes into products, each with its id."""
        return self._written("PATCH", _path(index, "documents"), changes, wait_s)

    def delete(self, index: str, ids: Sequence[str], *, wait_s: float = 0) -> Written:
        """Deletes products."""
        return self._written("POST", _path(index, "documents/delete"), {"ids": list(ids)}, wait_s)

    def import_feed(self, index: str, feed: Path, **parameters: Any) -> Task:
        """Uploads a feed.

        Args:
            parameters: as those of imports; a mapping of `map` is column by target.
        """
        mapping: Mapping[str, str] = parameters.pop("map", {})
        fields = [(name, _text(value)) for name, value in parameters.items()]
        fields += [("map", f"{target}={column}") for target, column in mapping.items()]
        with open(feed, "rb") as file:
            return _task(self._json("POST", _path(index, "imports"), file, fields)["task"])

    def document(self, index: str, id_: str) -> dict[str, Any]:
        """A product as the catalogue has it."""
        found: dict[str, Any] = self._json("GET", _path(index, "documents"), fields=[("id", id_)])["document"]
        return found

    def documents(self, index: str) -> Iterator[dict[str, Any]]:
        """All products, in the order of their ids."""
        cursor = ""
        while True:
            fields = [("limit", "1000"), *([("cursor", cursor)] if cursor else [])]
            page = self._json("GET", _path(index, "documents"), fields=fields)
            yield from page["documents"]
            cursor = page["next_cursor"] or ""
            if not cursor:
                return

    # --- managing ----------------------------------------------------------------------------------------------------

    def indexes(self) -> list[dict[str, Any]]:
        """All indexes."""
        found: list[dict[str, Any]] = self._json("GET", "/v1/indexes")["indexes"]
        return found

    def index(self, index: str) -> dict[str, Any]:
        """Everything that is known of an index."""
        return self._json("GET", _path(index))

    def change_settings(self, index: str, changes: Mapping[str, Any]) -> Task | None:
        """Merges settings into those of an index; the rebuild where they need one."""
        task = self._json("PATCH", _path(index, "settings"), changes)["task"]
        return None if task is None else _task(task)

    def rebuild(self, index: str) -> Task:
        """Builds a new generation."""
        return _task(self._json("POST", _path(index, "rebuild"))["task"])

    def task(self, id_: str, *, wait_s: float = 0) -> Task:
        """A task, once it has ended or after so long."""
        return _task(self._json("GET", f"/v1/tasks/{quote(id_)}", fields=[("wait_s", str(wait_s))]))

    def tasks(self, **fields: str | Sequence[str]) -> list[Task]:
        """The newest tasks, narrowed down by `index`, `kind`, `state` and `limit`."""
        given = [(name, one) for name, many in fields.items() for one in ([many] if isinstance(many, str) else many)]
        return [_task(told) for told in self._json("GET", "/v1/tasks", fields=given)["tasks"]]

    def wait(self, task: Task, timeout_s: float = 600.0) -> Task:
        """The task when it has ended.

        Raises:
            ClientError: it failed or was cancelled, or it takes longer.
        """
        end = time.monotonic() + timeout_s
        while not task.finished:
            left = end - time.monotonic()
            if left <= 0:
                raise ClientError(0, f"task {task.id} ({task.kind}) is still {task.state} after {timeout_s:.0f} s")
            task = self.task(task.id, wait_s=round(min(left, _LONGEST_WAIT_S), 2))
        if task.state != "succeeded":
            raise ClientError(0, f"task {task.id} ({task.kind}) is {task.state}: {task.error}")
        return task

    # --- one request -------------------------------------------------------------------------------------------------

    def _written(self, method: str, path: str, body: Any, wait_s: float) -> Written:
        told = self._json(method, path, body, [("wait_s", str(wait_s))] if wait_s else [])
        return Written(
            told["created"],
            told["updated"],
            told["unchanged"],
            told["deleted"],
            told["change_number"],
            tuple(told["problems"]),
            None if told["task"] is None else _task(told["task"]),
        )

    def _json(self, method: str, path: str, body: Any = None, fields: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
        headers = dict(self._headers)
        data = body
        if isinstance(body, BufferedIOBase):
            headers |= {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(os.fstat(body.fileno()).st_size),
            }
        elif body is not None:
            data = orjson.dumps(body)
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        query = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in fields)
        address = f"{self._url}{path}" + (f"?{query}" if query else "")
        try:
            answer = self._pool.request(method, address, body=data, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise ClientError(0, f"{self._url} cannot be reached: {error}; is `shelfwise serve` running?") from error
        try:
            told = orjson.loads(answer.data)
        except orjson.JSONDecodeError as error:
            raise ClientError(answer.status, f"{address} answers with something else than JSON") from error
        if answer.status >= 400:
            raise ClientError(answer.status, str(told.get("detail", "")), told)
        result: dict[str, Any] = told
        return result


def _path(index: str, rest: str = "") -> str:
    return f"/v1/indexes/{quote(index, safe='')}" + (f"/{rest}" if rest else "")


def _text(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _task(told: Mapping[str, Any]) -> Task:
    return Task(told["id"], told["kind"], told["index"], told["state"], told["error"] or "", told["result"] or {}, told)
