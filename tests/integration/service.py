"""A service and its worker in one process, for tests that want to decide when tasks are done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api_shop import read
from flask.testing import FlaskClient

from indexer.store.task_records import Lane
from search.app import create_app
from search.config import Config
from search.dispatch import Nobody
from search.services import Services
from workers.jobs import AFTERWARDS, JOBS
from workers.runner import Runner


class Service:
    """Answers over HTTP; does tasks when it is told to."""

    def __init__(self, client: FlaskClient, services: Services, runner: Runner) -> None:
        self.client = client
        self.services = services
        self.runner = runner

    def work(self) -> int:
        """Does all tasks that wait, the urgent ones first; how many there were."""
        done = 0
        while any(self.runner.run_next(lane) for lane in Lane):
            done += 1
        return done

    def ask(self, method: str, url: str, status: int = 200, **more: Any) -> dict[str, Any]:
        """The JSON of an answer that has this status."""
        return read(self.client.open(url, method=method, **more), status)

    def found(self, query: str, index: str = "shop", **more: str) -> list[str]:
        """The ids that a search by words finds, in their order."""
        asked = {"q": query, "mode": "lexical", **more}
        hits = self.ask("GET", f"/v1/indexes/{index}/search", query_string=asked)["hits"]
        return [hit["id"] for hit in hits]


@contextmanager
def service(folder: Path, **settings: Any) -> Iterator[Service]:
    """A service over an empty data directory, or over what is there."""
    config = Config(data_dir=folder, **{"text_model": "hashing", "threads": 1, "refresh_ms": 0, **settings})
    app = create_app(config)
    served: Services = app.extensions["shelfwise"]
    served.dispatcher = Nobody()
    with served, Services(config) as working:
        yield Service(app.test_client(), working, Runner(working, JOBS, AFTERWARDS))
