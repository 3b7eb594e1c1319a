"""`serve` with its wake-ups on a broker: Redis, RabbitMQ, and one that is killed and comes back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from amqp.exceptions import ChannelError
from kombu import Connection
from kombu.exceptions import OperationalError
from served import Served, served, until

from search.config import Config
from search.dispatch import WAKE_TASK, CeleryDispatcher
from tests.conftest import unavailable
from tests.redis_server import SERVER, namespace, own_redis

RABBITMQ = os.environ.get("SHELFWISE_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
PRODUCTS = "/v1/indexes/shop/documents"


@contextmanager
def rabbitmq_queue() -> Iterator[str]:
    """The name of a queue of a test, which is removed afterwards."""
    name = f"shelfwise-test-{secrets.token_hex(6)}"
    connection = Connection(RABBITMQ, connect_timeout=5)
    try:
        connection.connect()
    except OSError as error:
        unavailable(f"RabbitMQ does not answer at {connection.as_uri()} ({error}): start it.")
    with connection:
        yield name
        connection.default_channel.queue_delete(name)


@contextmanager
def redis_queue() -> Iterator[str]:
    with namespace() as name:
        yield name


BROKERS = {"redis": (SERVER, redis_queue), "rabbitmq": (RABBITMQ, rabbitmq_queue)}


def waiting(url: str, queue: str) -> list[str]:
    """The tasks in the messages that nobody has heard yet; takes them away."""
    names: list[str] = []
    with Connection(url, connect_timeout=5) as connection, closing(connection.SimpleQueue(queue)) as messages:
        while True:
            try:
                message = messages.get(block=False)
            except messages.Empty:
                return names
            message.ack()
            names.append(str(message.headers["task"]))


def depth(url: str, queue: str) -> int:
    """How many messages nobody has heard yet."""
    with Connection(url, connect_timeout=5) as connection, closing(connection.SimpleQueue(queue)) as messages:
        try:
            return int(messages.qsize())
        except ChannelError:  # in Redis a queue that holds nothing is none
            return 0


@pytest.mark.parametrize("name", BROKERS)
def test_who_writes_sends_one_message_for_whoever_hears_it(name: str, tmp_path: Path) -> None:
    url, queue = BROKERS[name]
    with queue() as namespace_:
        dispatcher = CeleryDispatcher(Config(data_dir=tmp_path, broker_url=url, namespace=namespace_))
        dispatcher.wake()
        assert waiting(url, namespace_) == [WAKE_TASK]


@pytest.mark.parametrize("name", BROKERS)
def test_a_worker_hears_of_what_is_written(name: str, tmp_path: Path) -> None:
    url, queue = BROKERS[name]
    with (
        queue() as namespace_,
        served(tmp_path / "data", BROKER_URL=url, NAMESPACE=namespace_) as service,
    ):
        write_and_find(service, "lamp")
        until(lambda: depth(url, namespace_) == 0)
        assert not (tmp_path / "data" / "broker").exists()


def test_what_is_written_while_the_broker_is_away_is_found(tmp_path: Path) -> None:
    with own_redis(tmp_path) as redis, served(tmp_path / "data", BROKER_URL=redis.url) as service:
        write_and_find(service, "before")
        redis.kill()
        write_and_find(service, "without")
        redis.start()
        write_and_find(service, "after")
        # The worker has come back to it, and hears what others say.
        until(lambda: sent(tmp_path, redis.url) and depth(redis.url, "shelfwise") == 0)


def test_a_service_starts_without_its_broker(tmp_path: Path) -> None:
    with own_redis(tmp_path) as redis:
        redis.kill()
        with served(tmp_path / "data", BROKER_URL=redis.url) as service:
            write_and_find(service, "lamp")


def sent(folder: Path, url: str) -> bool:
    try:
        CeleryDispatcher(Config(data_dir=folder, broker_url=url)).wake()
        return depth(url, "shelfwise") >= 0
    except OperationalError:
        return False


def write_and_find(service: Served, word: str) -> None:
    """Writes a product and waits until it is found."""
    if service.ask("GET", "/v1/indexes/shop")[0] == 404:
        service.ok("PUT", "/v1/indexes/shop", {})
    service.ok("POST", PRODUCTS, {"id": word, "title": f"a {word}"})
    # Until the first product is searchable the index answers 404.
    until(lambda: service.ask("GET", "/v1/indexes/shop/search")[0] == 200 and service.found(word) == [word])
