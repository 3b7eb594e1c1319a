"""The Elasticsearch cluster: asking it, within budgets, and its failures as our own errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson
import urllib3
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, UnsupportedProductError

from indexer.breaker import Breaker
from indexer.engines.elasticsearch.failures import failure
from indexer.engines.elasticsearch.settings import ElasticsearchSettings
from indexer.errors import ConfigurationError, UnavailableError

_JSON = {"accept": "application/json", "content-type": "application/json"}
_LINES = {"accept": "application/json", "content-type": "application/x-ndjson"}
_CONNECTIONS = 32
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY
Line = bytes | Mapping[str, Any]


class LateError(UnavailableError):
    """No answer came within the budget; whether it was done is not known."""


class Cluster:
    """Thread-safe. Nothing is asked before the first call."""

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self.settings = settings
        # It logs each attempt with its traceback; what comes of them all is an error of ours.
        logging.getLogger("elastic_transport.transport").setLevel(logging.ERROR)
        self.breaker = Breaker()
        self._budgeted: dict[float, Elasticsearch] = {}
        try:
            self._client = Elasticsearch(
                list(settings.urls),
                serializer=OrjsonSerializer(),
                connections_per_node=_CONNECTIONS,
                max_retries=max(1, min(3, len(settings.urls))),
                retry_on_status=(502,),
                retry_on_timeout=False,
                **_security(settings),
            )
        except (ValueError, OSError) as error:
            raise ConfigurationError(f"the settings of Elasticsearch have a problem: {error}") from error

    def ask(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        missing: Any = ...,
    ) -> Any:
        """One request; its answer as parsed JSON.

        Args:
            path: its steps, not yet quoted; several names in one step with commas.
            timeout_s: for the answer; `read_s` where None.
            missing: what is returned instead of a NotFoundError.

        Raises:
            UnavailableError: no node answers, or all say that they are too busy; LateError: too late.
            NotFoundError, ConflictError, ConfigurationError, StorageError: see `failure`.
        """
        return self._perform(
            method, path, None if body is None else orjson.dumps(body), _JSON, params, timeout_s, missing
        )

    def ask_lines(
        self, path: tuple[str, ...], lines: Iterable[Line], params: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Any:  # fmt: skip
        """One request of many lines, each JSON already or yet to be."""
        written = (line if isinstance(line, bytes) else orjson.dumps(line, option=_OPTIONS) for line in lines)
        body = b"\n".join(written) + b"\n"
        return self._perform("POST", path, body, _LINES, params, timeout_s, ...)

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def _within(self, read_s: float) -> Elasticsearch:
        """The client with a budget; kept, since it takes longer to make than to use."""
        if read_s not in self._budgeted:
            budget = urllib3.Timeout(connect=self.settings.connect_s, read=read_s)
            self._budgeted[read_s] = self._client.options(request_timeout=cast("float", budget))
        return self._budgeted[read_s]

    def _perform(
        self,
        method: str,
        path: tuple[str, ...],
        body: bytes | None,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        timeout_s: float | None,
        missing: Any,
    ) -> Any:
        settings = self.settings
        urls = ", ".join(settings.urls)
        if not self.breaker.lets_through():
            raise UnavailableError(f"Elasticsearch at {urls} does not answer; it is tried again every few seconds")
        target = "/" + "/".join(quote(step, safe=",*") for step in path)
        if params:
            target += "?" + urlencode(params)
        try:
            client = self._within(timeout_s or settings.read_s)
            answer = client.perform_request(method, target, headers=headers, body=body)
        except UnsupportedProductError as error:
            raise ConfigurationError(
                f"what answers at {urls} is no Elasticsearch: {error}; Elasticsearch 9 is wanted, and neither "
                "OpenSearch nor another product can stand for it"
            ) from error
        except ApiError as error:
            self.breaker.succeeded()
            if error.status_code == 404 and missing is not ...:
                return missing
            raise failure(error.status_code, error.body, _where(path)) from error
        except ConnectionTimeout as error:
            self.breaker.failed()
            raise LateError(
                f"Elasticsearch at {urls} gives no answer within {timeout_s or settings.read_s:g} s; it is tried again "
                "by itself"
            ) from error
        except TransportError as error:
            self.breaker.failed()
            raise UnavailableError(
                f"Elasticsearch at {urls} cannot be reached ({error}): start it, or set the right address, certificate "
                "and credentials; it is tried again by itself"
            ) from error
        self.breaker.succeeded()
        return answer.body


def _where(path: tuple[str, ...]) -> str:
    named = [step for step in path if not step.startswith("_")]
    return f"index {named[0]}" if named else f"/{'/'.join(path)}"


def _security(settings: ElasticsearchSettings) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if settings.api_key:
        result["api_key"] = settings.api_key
    elif settings.user:
        result["basic_auth"] = (settings.user, settings.password)
    if any(url.startswith("https:") for url in settings.urls):
        result["verify_certs"] = settings.verify
        if settings.ca_file:
            result["ca_certs"] = settings.ca_file
        if not settings.verify:
            result["ssl_show_warn"] = False
    return result
