"""Networks for several inputs: each encoder sees its own input, and all of them are prepared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from archwright.auto import splits
from archwright.core.architecture import decode
from archwright.data.load import load
from archwright.data.task import Several as Inputs
from archwright.errors import SpaceError
from archwright.nets import preprocess, preprocess_audio, preprocess_text
from archwright.nets.build import build
from archwright.nets.fit_mixed import parts
from archwright.nets.ops_audio import LogMel
from archwright.nets.ops_image import Normalise
from archwright.nets.ops_mixed import Encoders, Gated
from archwright.nets.prepare import prepare
from archwright.nets.preprocess_mixed import mixed as numbers
from archwright.nets.shapes import trace
from archwright.nets.site import taking
from archwright.spaces.mixed import mixed, portfolio
from tests.data.several import rows, table

APPLY = {
    "table": preprocess.table,
    "image": preprocess.images,
    "text": preprocess_text.texts,
    "audio": preprocess_audio.clips,
}


class Sum(nn.Module):
    """Adds up all numbers of an input, and gives the sum and its double."""

    def forward(self, x: Tensor) -> Tensor:
        total = x.flatten(1).sum(1, keepdim=True)
        return torch.cat([total, 2 * total], 1)


def sums(forget: float = 0.0) -> Encoders:
    net = Encoders(((2,), (1, 3), (1, 2, 2)), 2, forget, nn.ModuleList([Sum() for _ in range(3)]))
    net.norms = nn.ModuleList([nn.Identity() for _ in range(3)])
    return net


def test_each_encoder_sees_its_own_input() -> None:
    x = torch.tensor([[1.0, 2, 10, 20, 30, 100, 200, 300, 400]])
    assert sums()(x).tolist() == [[[3.0, 60.0, 1000.0], [6.0, 120.0, 2000.0]]]


def test_whole_inputs_are_left_out_in_training_but_never_all_of_an_example() -> None:
    torch.manual_seed(0)
    net, x = sums(forget=0.6), torch.ones(500, 9)
    there = net(x) != 0
    assert (there[:, 0] == there[:, 1]).all(), "an input goes as a whole"
    kept = there[:, 0].float()
    assert kept.sum(1).min() >= 1
    # 0.4 are kept, and all three where none would be, in 0.6 ** 3 of the rows; 500 draws of each.
    assert kept.mean().item() == pytest.approx(0.4 + 0.6**3, abs=0.05)
    assert (net.eval()(x) != 0).all()


def test_gates_follow_the_paper() -> None:
    torch.manual_seed(0)
    net, x = Gated(2, 3), torch.randn(4, 3, 2)
    told = [torch.tanh(layer(x[:, :, i])) for i, layer in enumerate(net.told)]
    gates = torch.sigmoid(net.gates(x.flatten(1))).view(4, 3, 2)
    torch.testing.assert_close(net(x), gates[:, :, 0] * told[0] + gates[:, :, 1] * told[1])


def test_numbers_are_those_of_each_input_by_itself(tmp_path: Path) -> None:
    task = load(table(tmp_path))
    split, spec = splits.holdout(task)
    assert isinstance(task.inputs, Inputs)
    names = [part.title for part in parts(task.inputs.types)]
    assert names == ["columns", "photo", "clip", "said"]
    columns = {**task.inputs.frame, **task.inputs.held}
    torch.testing.assert_close(split.x, torch.from_numpy(numbers(columns, spec, APPLY)))
    inside = split.signature.parts
    assert [part.shape[0] for part in inside] == [3, 3, 1, 9]
    cut = np.split(split.x.numpy(), np.cumsum([np.prod(part.shape) for part in inside])[:-1], 1)
    photos = cut[1].reshape(-1, *inside[1].shape)
    assert (photos == task.inputs.held["photo"]).all(), "pixels are exact"
    assert (cut[2].reshape(40, -1) == task.inputs.held["clip"].reshape(40, -1)).all()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    task = load(table(tmp_path))
    _, spec = splits.holdout(task)
    assert isinstance(task.inputs, Inputs)
    columns = {**task.inputs.frame, **task.inputs.held}
    del columns["clip"]
    with pytest.raises(ValueError, match="missing column 'clip'"):
        numbers(columns, spec, APPLY)


def test_encoders_are_prepared_from_their_own_input_alone(tmp_path: Path) -> None:
    split, _ = splits.holdout(load(table(tmp_path)))
    form = split.signature.form
    net = build(decode(mixed(form), portfolio(form)[0]), split.signature)
    prepare(net, split.x, split.y, split.train)
    (whole,) = (module for module in net.modules() if isinstance(module, Encoders))
    photos, clips = whole.parts(split.x[split.train])[1:3]
    (normal,) = (module for module in net.modules() if isinstance(module, Normalise))
    torch.testing.assert_close(normal.mean.flatten(), photos.mean((0, 2, 3)))
    (front,) = (module for module in net.modules() if isinstance(module, LogMel))
    torch.testing.assert_close(front.scale, clips.square().mean().sqrt())


@pytest.mark.parametrize("start", range(4))
def test_every_start_can_do_without_some_inputs(start: int, tmp_path: Path) -> None:
    frame = rows(tmp_path)
    frame.loc[:, ["photo", "clip", "said", "size"]] = frame.loc[
        :, ["photo", "clip", "said", "size"]
    ].mask(np.random.default_rng(0).random((40, 4)) < 0.5)
    frame.to_csv(tmp_path / "data.csv", index=False)
    split, _ = splits.holdout(load(tmp_path / "data.csv", types={"photo": "image"}))
    form = split.signature.form
    net = build(decode(mixed(form), portfolio(form)[start]), split.signature)
    prepare(net, split.x, split.y, split.train)
    assert trace(net, split.signature.shape)[0] == (2,)
    assert torch.isfinite(net.eval()(split.x)).all()


def test_encoders_and_inputs_must_be_as_many() -> None:
    two, three = ((3,), (1, 8, 8)), ((3,), (1, 8, 8), (9, 4))
    with pytest.raises(SpaceError, match="2 encoders for 3 inputs"):
        build(decode(mixed(two), portfolio(two)[0]), taking(three, 2))


def test_inputs_that_no_encoder_takes_are_refused() -> None:
    for form in ((), (3, 8, 8), ((2, 7), (3,))):
        with pytest.raises(SpaceError, match="the space 'mixed'"):
            mixed(form)
