"""From a torch module to a small ONNX graph: traced in fp32, then its weights in 8 bits.

Imports torch, so only the process that exports may import this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

OPSET = 17

GRAPH_VERSION = 1
"""Of what the two functions below make; grows when the same model would give another graph."""

LIBRARIES = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime", "tokenizers")
"""The distributions whose versions a manifest names."""


def export_graph(module: torch.nn.Module, inputs: Mapping[str, torch.Tensor], output: str, path: Path) -> None:
    """Traces a module that takes token ids of one text (or pair) and writes it as an fp32 graph.

    Args:
        module: in evaluation mode, with eager attention; takes `inputs` in their order and returns one tensor.
        inputs: example values by name, each int64 (1, length); the length stays free, the batch of one does not.
        output: the name of the result.
        path: of the ONNX file.
    """
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=[output],
            dynamic_axes={name: {1: "length"} for name in inputs},
            opset_version=OPSET,
            dynamo=False,  # the other exporter's graphs lack the shapes that quantisation needs
        )


def quantise_graph(source: Path, target: Path) -> None:
    """Writes a graph again with int8 weights and with activations that are quantised as they come.

    Activations are scaled over everything in a call: such a graph must be given one text at a time. Weights use 7 of
    the 8 bits, so that processors without VNNI do not saturate.
    """
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
