"""What is counted and timed, for Prometheus.

Each process counts for itself; where several serve, they share files in a folder (`PROMETHEUS_MULTIPROC_DIR`, which
`shelfwise serve` sets and empties), so that whichever is asked tells of all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from indexer.errors import IndexerError
from indexer.store.task_protocol import TaskStore
from search.response import SearchResponse

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS_S = (0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The numbers of this process; one for each process that answers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        own = None if MULTIPROCESS in os.environ else self._registry
        self._requests = Counter(
            "shelfwise_requests", "Requests by endpoint and status", ("endpoint", "method", "status"), registry=own
        )
        self._seconds = Histogram(
            "shelfwise_request_seconds", "Time to an answer", ("endpoint",), buckets=_BUCKETS_S, registry=own
        )
        self._stages = Histogram(
            "shelfwise_search_stage_seconds", "Time of each stage of a search", ("stage",), buckets=_BUCKETS_S,
            registry=own,
        )  # fmt: skip
        self._of_stage: dict[str, Histogram] = {}
        self._degraded = Counter(
            "shelfwise_degraded", "Answers that went without a part, by stage", ("stage",), registry=own
        )

    def answered(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._requests.labels(endpoint, method, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def searched(self, response: SearchResponse) -> None:
        """Counts a search."""
        for stage, ms in response.timings_ms.items():
            # Looked up once: a search has a dozen of them.
            if stage not in self._of_stage:
                self._of_stage[stage] = self._stages.labels(stage)
            self._of_stage[stage].observe(ms / 1000)
        for part in response.degraded:
            self._degraded.labels(part.stage).inc()

    def text(self, tasks: TaskStore, dropped: Mapping[str, int]) -> bytes:
        """Everything in the text format of Prometheus.

        Args:
            tasks: whose queue is told of.
            dropped: what could not be kept, by what it was.
        """
        shared = MULTIPROCESS in os.environ
        registry = CollectorRegistry() if shared else self._registry
        if shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Present(tasks, dropped))
        return generate_latest(registry) + generate_latest(now)


class _Present:
    """What is so at the moment."""

    def __init__(self, tasks: TaskStore, dropped: Mapping[str, int]) -> None:
        self._tasks = tasks
        self._dropped = dropped

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks for it."""
        counts = GaugeMetricFamily("shelfwise_tasks", "Tasks that are remembered", labels=("lane", "state"))
        try:
            for (lane, state), count in self._tasks.counts().items():
                counts.add_metric([lane.value, state.value], count)
        except IndexerError:
            counts.samples.clear()  # the rest is worth telling all the same
        yield counts
        dropped = GaugeMetricFamily("shelfwise_dropped_records", "Records that could not be kept", labels=("kind",))
        for kind, count in self._dropped.items():
            dropped.add_metric([kind], count)
        yield dropped
