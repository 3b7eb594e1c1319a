"""Any sentence model becomes an int8 form on first use, and one that loses too much is refused."""

from __future__ import annotations

import logging
import string
import warnings
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders.describe import model_version
from indexer.encoders.exported import FORM
from indexer.encoders.factory import open_encoder
from indexer.errors import ConfigurationError
from indexer.models.publish import model_folder
from indexer.models.source import find_model

PROMPTS = {"query": "query: ", "document": "passage: "}


def write_model(folder: Path, *, spoilt: bool = False) -> Path:
    """A sentence model of one layer that reads letters: pooling by the first token, prompts, no unit length.

    Args:
        folder: where it is saved.
        spoilt: a number of the inner layer is huge and then ignored: fp32 does not mind, but the scale of an int8
            activation leaves nothing for the numbers beside it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
        from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = string.ascii_lowercase + string.digits
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    torch.manual_seed(0)
    bert = BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=512,
        )
    )
    inner, outer = bert.encoder.layer[0].intermediate.dense, bert.encoder.layer[0].output.dense
    with torch.no_grad():
        inner.weight *= 20  # so that the inner layer matters
        outer.weight *= 20
        if spoilt:
            inner.bias[0] = 1e4
            outer.weight[:, 0] = 0
    bert.save_pretrained(folder / "bert")
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert"), max_seq_length=48), Pooling(32, "cls")]
    SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_a_model_with_prompts_and_another_pooling_keeps_both(tmp_path: Path) -> None:
    source = find_model(str(write_model(tmp_path)))
    target = model_folder(tmp_path / "models", source.name, model_version(source, FORM))
    target.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its own age
        from indexer.encoders.export import export

        export(source.name, "1", source.folder, target, threads=1)

    small = open_encoder(source.name, tmp_path / "models", threads=1)
    exact = open_encoder(source.name, tmp_path / "models", threads=1, backend="torch")
    assert (small.manifest.dim, small.manifest.max_tokens, small.manifest.languages) == (32, 48, ())
    texts = ["kettle", "rain jacket"]
    for vectors, wanted in (
        (small.encode_queries(texts), exact.encode_queries(texts)),
        (small.encode_documents(texts), exact.encode_documents(texts)),
    ):
        assert (vectors * wanted).sum(axis=1).min() > 0.98
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert small.encode_queries(texts).tobytes() != small.encode_documents(texts).tobytes()


def test_an_int8_form_that_is_too_far_from_its_model_is_refused_and_not_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = str(write_model(tmp_path, spoilt=True))
    refused = pytest.raises(ConfigurationError, match=r"too far from the model: mean cosine 0\.\d+ .* backend 'torch'")
    with caplog.at_level(logging.INFO, logger="indexer"), refused:
        open_encoder(name, tmp_path / "models", threads=1)
    assert [message.partition(name)[0] for message in caplog.messages] == ["making the int8 form of "]
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]
