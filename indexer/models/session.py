"""An ONNX model that is ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from indexer.errors import CorruptionError


class Session:
    """Runs one ONNX model of one output on the processor. Thread-safe: the weights are shared, the GIL is released.

    Args:
        path: of the ONNX file.
        threads: how many threads one call uses. Many calls side by side, each on one thread, are faster than one
            call on many.

    Raises:
        CorruptionError: the file is no model that this runtime can open.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The fused kernel is scalar: the sum and the norm one after the other take a quarter of its time.
        options.add_session_config_entry("optimization.disable_specified_optimizers", "SkipLayerNormFusion")
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own exceptions share no base but this
            raise CorruptionError(f"ONNX Runtime {onnxruntime.__version__} cannot open {path}: {error}") from error

    def run(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """Inputs by name, int64 (1, length) → the model's output, float32 (1, …)."""
        outputs: list[Any] = self._session.run(None, dict(inputs))
        result: NDArray[np.float32] = outputs[0]
        return result
