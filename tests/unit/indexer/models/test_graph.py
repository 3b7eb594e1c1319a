"""A torch module becomes a graph, a graph becomes small, and a session runs both."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import CorruptionError
from indexer.models.session import Session


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The mean of eight-dimensional token vectors, times a matrix; in fp32 and in int8."""
    folder = tmp_path_factory.mktemp("graphs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its own age
        import torch

        from indexer.models.graph import export_graph, quantise_graph

        class Bag(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.tokens = torch.nn.Embedding(10, 8)
                self.out = torch.nn.Linear(8, 4)

            def forward(self, ids: torch.Tensor) -> torch.Tensor:
                out: torch.Tensor = self.out(self.tokens(ids).mean(dim=1))
                return out

        torch.manual_seed(0)
        example = torch.tensor([[1, 2, 3]])
        export_graph(Bag().eval(), {"ids": example}, "vector", folder / "full.onnx")
        quantise_graph(folder / "full.onnx", folder / "small.onnx")
    return folder / "full.onnx", folder / "small.onnx"


@pytest.mark.parametrize("length", [1, 3, 50])
def test_the_small_graph_is_near_the_full_one_at_any_length(graphs: tuple[Path, Path], length: int) -> None:
    ids = np.arange(length, dtype=np.int64)[None, :] % 10
    full, small = (Session(path).run({"ids": ids}) for path in graphs)
    assert full.shape == small.shape == (1, 4)
    assert full.dtype == small.dtype == np.float32
    assert full.tobytes() != small.tobytes()
    assert np.abs(full - small).max() < 0.05


def test_weights_are_int8_in_the_small_graph(graphs: tuple[Path, Path]) -> None:
    import onnx

    operators = [{node.op_type for node in onnx.load(path).graph.node} for path in graphs]
    assert "MatMulInteger" not in operators[0]
    assert {"DynamicQuantizeLinear", "MatMulInteger"} <= operators[1]


def test_a_damaged_graph_is_corruption(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(CorruptionError, match=r"ONNX Runtime .* cannot open .*model\.onnx"):
        Session(tmp_path / "model.onnx")
