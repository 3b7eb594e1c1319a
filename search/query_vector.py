"""The vector of a query, computed while the search for its words is on its way."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.protocol import TextEncoder

_log = logging.getLogger(__name__)


class QueryVector:
    """Starts to encode as soon as it is made; what waits for it is `result`.

    Args:
        text: what the encoder reads.
        beside: where it runs.
    """

    def __init__(self, encoder: TextEncoder, text: str, beside: Executor) -> None:
        self.text = text
        self.failure = ""
        """Why there is no vector, once there is a result."""
        self.ms = 0.0
        """What encoding took, once there is a result."""
        self._encoder = encoder
        self._encoded = beside.submit(self._encode)

    def result(self) -> NDArray[np.float32] | None:
        """float32 (dim,), unit length; None where the encoder failed: words can still answer."""
        return self._encoded.result()

    def _encode(self) -> NDArray[np.float32] | None:
        start = time.perf_counter()
        try:
            vector: NDArray[np.float32] = self._encoder.encode_queries([self.text])[0]
        except Exception as error:  # noqa: BLE001 - a model's library may raise anything
            _log.exception("the encoder failed on a query")
            self.failure = f"the encoder failed: {error}"
            return None
        finally:
            self.ms = (time.perf_counter() - start) * 1000
        return vector
