"""Pretrained encoders: their pieces, their weights, and the vectors they make."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from archwright.core.architecture import decode
from archwright.errors import DataError, SpaceError
from archwright.nets import pretrained, vectors
from archwright.nets.build import build
from archwright.nets.fit import TEXT
from archwright.nets.ops_encoder import Informed
from archwright.nets.prepare import prepare
from archwright.nets.preprocess_text import ROWS
from archwright.nets.preprocess_wordpiece import basic_words, tokens
from archwright.nets.shapes import trace
from archwright.nets.site import Pretrained, Signature
from archwright.spaces.text import portfolio, text
from tests.nets.berts import LAYERS, PLACES, VOCABULARY, WIDTH, small_bert, weights

SAID = ["go go off the day", "a dinner!", "the day is off", "offers of a dinner", "", "zebra"] * 8


@pytest.fixture
def bert(tmp_path: Path) -> str:
    return str(small_bert(tmp_path / "bert"))


def examples(folder: str) -> tuple[torch.Tensor, Signature]:
    """Return texts as numbers, and what they are."""
    frame = pd.DataFrame({"t": SAID})
    spec = TEXT.fit(frame, np.arange(len(frame)), {"column": "t", "encoder": folder})
    signature = Signature(TEXT.shape(spec), 2, **TEXT.more(spec))
    return torch.from_numpy(TEXT.array(frame, spec)), signature


def test_pieces_are_those_that_bert_has(minilm: str) -> None:
    how = pretrained.reading(minilm) | {"tokens": 64}
    known = {piece: place for place, piece in enumerate(how["vocabulary"])}

    def read(said: str) -> list[int]:
        return tokens(said, how, known)

    assert read("Hello world!") == [101, 7592, 2088, 999, 102]
    assert read("unaffable") == [101, 14477, 20961, 3468, 102], "the example of its authors"
    assert read("na\u00efve") == read("naive"), "accents are left out with capitals"
    assert read("\u6771\u4eac") == read("\u6771 \u4eac"), "each Chinese sign is a word"
    assert read("x" * 101) == [101, 100, 102], "nobody splits words that long"
    assert tokens("a b c d e f", how | {"tokens": 4}, known)[-1] == 102, "a cut text ends as well"


def test_control_signs_are_left_out_and_capitals_stay_where_they_count() -> None:
    assert basic_words("A\u0000b\tc\u00e9.", lower=False) == ["Ab", "c\u00e9", "."]
    assert basic_words("A\u0000b\tc\u00e9.", lower=True) == ["ab", "ce", "."]


def test_sentences_are_as_alike_as_the_card_of_the_model_says(minilm: str) -> None:
    said = ["That is a happy person", "That is a happy dog", "That is a very happy person"]
    frame = pd.DataFrame({"t": [*said, "Today is a sunny day"]})
    spec = TEXT.fit(frame, np.arange(4), {"column": "t", "encoder": minilm})
    given = TEXT.more(spec)["encoder"]
    network = pretrained.encoder(given, TEXT.shape(spec)[1])
    found = nn.functional.normalize(network(torch.from_numpy(TEXT.array(frame, spec)).float()))
    alike = found[:1] @ found[1:].T
    np.testing.assert_allclose(alike[0], [0.695, 0.943, 0.257], atol=0.002)


def test_a_block_is_that_of_torch(bert: str) -> None:
    """torch's own encoder, normalised last, with the same weights, says the same."""
    state, numbers = weights(), torch.tensor([[2, 4, 7, 3, 0, 0]])
    layer = nn.TransformerEncoderLayer(
        WIDTH, 2, 16, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True
    )
    inside = state["embeddings.word_embeddings.weight"][numbers]
    inside = inside + state["embeddings.position_embeddings.weight"][:6]
    inside = inside + state["embeddings.token_type_embeddings.weight"][0]
    norm = [state[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias")]
    y = nn.functional.layer_norm(inside, (WIDTH,), *norm, 1e-12)
    for i in range(LAYERS):
        layer.load_state_dict(_block(state, f"encoder.layer.{i}"))
        y = layer.eval()(y, src_key_padding_mask=numbers == 0)
    made = pretrained.encoder(Pretrained(bert, 6), 6)
    torch.testing.assert_close(made.pooled(numbers), y[:, :4].mean(1), rtol=1e-4, atol=1e-5)


def _block(state, name):  # type: ignore[no-untyped-def]
    """Return a block's weights by the names that torch has for them."""
    names = {
        "self_attn.out_proj": f"{name}.attention.output.dense",
        "linear1": f"{name}.intermediate.dense",
        "linear2": f"{name}.output.dense",
        "norm1": f"{name}.attention.output.LayerNorm",
        "norm2": f"{name}.output.LayerNorm",
    }
    found = {}
    for kind in ("weight", "bias"):
        parts = [state[f"{name}.attention.self.{part}.{kind}"] for part in pretrained.ASKING]
        found[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
        found |= {f"{ours}.{kind}": state[f"{theirs}.{kind}"] for ours, theirs in names.items()}
    return found


def test_vectors_that_were_worked_out_are_those_of_the_encoder(bert: str) -> None:
    x, signature = examples(bert)
    assert signature.encoder is not None
    network = pretrained.encoder(signature.encoder, x.shape[2])
    wide = vectors.beside(x, signature.encoder)
    torch.testing.assert_close(network(wide), network(x.float()), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(wide[:, : x.shape[1]], x.float())
    assert trace(network, tuple(wide.shape[1:])) == ((WIDTH,), 0), "they cost nothing any more"
    assert trace(network, tuple(x.shape[1:]))[1] > 0
    assert vectors.seconds(x, signature.encoder) > 0


@pytest.mark.parametrize("start", [1, 2])
def test_networks_that_look_at_vectors_are_built_and_keep_the_encoder_as_it_is(
    bert: str, start: int
) -> None:
    x, signature = examples(bert)
    assert signature.encoder is not None
    wide = vectors.beside(x, signature.encoder)
    space, shape = text(signature.shape), signature.shape
    net = build(decode(space, portfolio(shape)[start]), signature)
    y = torch.arange(len(x)) % 2
    prepare(net, wide, y, torch.arange(len(x)))
    torch.testing.assert_close(net.eval()(wide), net(x.float()), rtol=1e-4, atol=1e-4)
    assert not any(p.requires_grad for n, p in net.named_parameters() if "asking" in n)
    assert trace(net, shape)[0] == (2,)


def test_what_the_encoder_says_counts_beside_the_runs(bert: str) -> None:
    x, signature = examples(bert)
    net = build(decode(text(signature.shape), portfolio(signature.shape)[1]), signature)
    y = torch.tensor([[0, 1, 0, 1, 0, 1][i % 6] for i in range(len(x))])
    prepare(net, x, y, torch.arange(len(x)))
    informed = next(module for module in net.modules() if isinstance(module, Informed))
    assert bool(informed.slope.any())
    assert (net(x.float()).argmax(1) == y).all()


def test_an_encoder_is_asked_for_where_none_was_given() -> None:
    shape = (ROWS + 1, 8)
    with pytest.raises(SpaceError, match="there is no pretrained encoder; give one: --encoder"):
        build(decode(text(shape), portfolio(shape)[1]), Signature(shape, 2))


def test_names_may_begin_with_that_of_the_model(tmp_path: Path, bert: str) -> None:
    other = small_bert(tmp_path / "other", ahead="bert.")
    for name, tensor in pretrained.weights(str(other), LAYERS, PLACES).items():
        torch.testing.assert_close(tensor, pretrained.weights(bert, LAYERS, PLACES)[name])


def test_the_vocabulary_may_lie_in_the_file_of_a_tokeniser(tmp_path: Path) -> None:
    folder = small_bert(tmp_path / "bert")
    before = pretrained.reading(str(folder))
    (folder / "vocab.txt").unlink()
    model = {"type": "WordPiece", "vocab": {piece: i for i, piece in enumerate(VOCABULARY)}}
    (folder / "tokenizer.json").write_text(json.dumps({"model": model}))
    said = {"do_lower_case": True, "unk_token": {"content": "[UNK]"}}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
    assert pretrained.reading(str(folder)) == before


def test_the_first_token_may_stand_for_a_text(tmp_path: Path) -> None:
    folder = small_bert(tmp_path / "bert")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    made = pretrained.encoder(Pretrained(str(folder), 6), 6)
    one, other = made.pooled(torch.tensor([[2, 3, 0], [2, 3, 0]]))
    assert made.pooling == "first"
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model_type": "roberta"}, "model_type is 'roberta'; only 'bert' can be used"),
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"position_embedding_type": "relative_key"}, "only 'absolute' can be used"),
    ],
)
def test_encoders_of_another_kind_are_refused(
    tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        pretrained.sizes(str(small_bert(tmp_path / "bert", **changes)))


def test_what_is_damaged_or_missing_is_named(tmp_path: Path) -> None:
    folder = small_bert(tmp_path / "bert")
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n")
    with pytest.raises(DataError, match=r"vocab\.txt: the piece '\[CLS\]' is missing"):
        pretrained.reading(str(folder))
    (folder / "vocab.txt").write_text("\n".join([*VOCABULARY, "more"]))
    with pytest.raises(DataError, match=f"19 pieces, and config.json says {len(VOCABULARY)}"):
        pretrained.reading(str(folder))
    (folder / "vocab.txt").unlink()
    with pytest.raises(DataError, match=r"neither vocab\.txt nor tokenizer\.json is there"):
        pretrained.reading(str(folder))
    (folder / "tokenizer.json").write_text('{"model": {"type": "BPE"}}')
    with pytest.raises(DataError, match="a 'BPE' vocabulary; only 'WordPiece' can be used"):
        pretrained.reading(str(folder))
    (folder / "model.safetensors").write_bytes(b"none")
    with pytest.raises(DataError, match=r"model\.safetensors: missing, damaged"):
        pretrained.weights(str(folder), LAYERS, PLACES)
    other = small_bert(tmp_path / "other")
    (other / "config.json").write_text("{")
    with pytest.raises(DataError, match=r"config\.json: the file is missing or damaged"):
        pretrained.sizes(str(other))
    (other / "config.json").write_text('{"model_type": "bert", "hidden_act": "gelu"}')
    with pytest.raises(DataError, match="'vocab_size' is missing"):
        pretrained.sizes(str(other))
