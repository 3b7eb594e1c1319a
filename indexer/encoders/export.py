"""Makes the int8 form of a sentence model. A program of its own, so that torch's memory goes away with it.

    python -m indexer.encoders.export NAME VERSION MODEL_FOLDER TARGET_FOLDER THREADS

The target folder then holds the graph, the tokenizer, and a manifest with the hashes and with the parity.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from indexer.encoders.describe import DEFAULT_MAX_TOKENS
from indexer.encoders.exported import ExportFacts
from indexer.encoders.onnx import GRAPH_FILE, INPUT, OUTPUT, TOKENIZER_FILE, OnnxEncoder
from indexer.encoders.parity import measure_parity
from indexer.encoders.probes import DOCUMENTS, QUERIES
from indexer.encoders.protocol import EncoderManifest
from indexer.encoders.sentence import load_model, model_dim, token_limit
from indexer.models.graph import LIBRARIES, export_graph, quantise_graph
from indexer.models.manifest import ModelManifest

QUERY_PROMPTS = ("query",)
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
"""The names under which sentence-transformers looks for a prompt, in this order."""


class SentenceGraph(nn.Module):
    """All modules of a sentence model, pooling included, for one text without padding: ids → unit vector.

    Args:
        model: the sentence model.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor) -> Tensor:
        """Token ids, int64 (1, length) → float32 (1, dim), unit length."""
        features = self.model({INPUT: input_ids, "attention_mask": torch.ones_like(input_ids)})
        return nn.functional.normalize(features["sentence_embedding"], dim=1)


@dataclass(frozen=True, slots=True)
class Original:
    """What is kept of the torch model once it is gone.

    Args:
        dim: length of its vectors.
        token_limit: the longest text that it can read, in tokens.
        query_prompt: stands before every query.
        document_prompt: stands before every document.
        vectors: float32 (n, dim), of the probe queries and then the probe documents.
    """

    dim: int
    token_limit: int
    query_prompt: str
    document_prompt: str
    vectors: NDArray[np.float32]

    @property
    def max_tokens(self) -> int:
        return min(DEFAULT_MAX_TOKENS, self.token_limit)


def export(name: str, version: str, source: Path, target: Path, threads: int) -> None:
    """Fills `target`.

    Args:
        name: of the model, for the manifest.
        version: of its int8 form, for the manifest.
        source: the model's folder.
        target: an empty folder.
        threads: for the comparison with the model.
    """
    torch.set_num_threads(threads)
    full = target / "full.onnx"
    original = _trace(source, full, target / TOKENIZER_FILE)
    gc.collect()  # the model holds itself in cycles, and quantising needs its memory
    quantise_graph(full, target / GRAPH_FILE)
    full.unlink()
    candidate = OnnxEncoder(
        EncoderManifest(name, version, original.dim, (), original.max_tokens),
        target,
        query_prompt=original.query_prompt,
        document_prompt=original.document_prompt,
        threads=threads,
    )
    vectors = np.concatenate((candidate.encode_queries(QUERIES), candidate.encode_documents(DOCUMENTS)))
    facts = ExportFacts(
        dim=original.dim,
        token_limit=original.token_limit,
        query_prompt=original.query_prompt,
        document_prompt=original.document_prompt,
        parity=measure_parity(original.vectors, vectors),
    )
    ModelManifest.of(target, name=name, version=version, libraries=LIBRARIES, facts=asdict(facts)).write(target)


def _trace(source: Path, graph: Path, tokenizer: Path) -> Original:
    """Writes the fp32 graph and the tokenizer; nothing else of the model stays."""
    model = load_model(source)
    dim, limit = model_dim(model), token_limit(model)
    model.tokenizer.backend_tokenizer.save(str(tokenizer))
    example = torch.tensor([model.tokenizer("a text to trace the model with")[INPUT]])
    export_graph(SentenceGraph(model), {INPUT: example}, OUTPUT, graph)
    model.max_seq_length = min(DEFAULT_MAX_TOKENS, limit)
    vectors = (
        model.encode_query(list(QUERIES), normalize_embeddings=True, show_progress_bar=False),
        model.encode_document(list(DOCUMENTS), normalize_embeddings=True, show_progress_bar=False),
    )
    return Original(
        dim, limit, _prompt(model, QUERY_PROMPTS), _prompt(model, DOCUMENT_PROMPTS), np.concatenate(vectors)
    )


def _prompt(model: SentenceTransformer, names: Sequence[str]) -> str:
    return next((model.prompts[name] or "" for name in names if name in model.prompts), "")


if __name__ == "__main__":
    _name, _version, _source, _target, _threads = sys.argv[1:]
    export(_name, _version, Path(_source), Path(_target), int(_threads))
