"""Networks for sound: spectrograms, what changes clips in training, and the blocks."""

import numpy as np
import pytest
import torch

from archwright.nets.fit_loudness import fit_loudness
from archwright.nets.ops_audio import Broadcast, LogMel, Overall, Wave, masked, moved
from archwright.nets.preprocess_audio import clips, sampled

RATE = 8000


def tone(pitch: float, samples: int = 1600) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE)


def front(**how: object) -> LogMel:
    given = {"own": False, "shift": 0.0, "mask": 0.0} | how
    return LogMel(RATE, 24, 80, 200, **given)  # type: ignore[arg-type]


def test_power_is_that_of_the_discrete_fourier_transform() -> None:
    net, x = front(), torch.randn(1, 1, 1600)
    found = net.spectrogram(x)[0]
    frame = x[0, 0, 400 - 100 : 400 + 100].numpy()  # the middle of frame 5
    window = np.hanning(201)[:-1]
    power = np.abs(np.fft.rfft(frame * window)) ** 2 / 200
    expected = np.log(np.maximum(net.filters[:, :, 0].numpy() @ power, 1e-3))
    np.testing.assert_allclose(found[:, 5].numpy(), expected, rtol=1e-3, atol=1e-3)


def test_a_higher_tone_is_in_a_higher_band() -> None:
    x = torch.from_numpy(sampled([tone(pitch) for pitch in (200, 800, 3000)], 1600)).float()
    net = front()
    fit_loudness(net, x)
    loudest = net.spectrogram(x).mean(2).argmax(1).tolist()
    assert loudest == sorted(set(loudest))
    standard = net(x)
    assert float(standard.mean()) == pytest.approx(0, abs=1e-4)
    assert float(standard.std(dim=(0, 3)).mean()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("own", [False, True])
def test_own_loudness_makes_quiet_clips_equal_to_loud_ones(own: bool) -> None:
    x = torch.from_numpy(sampled([tone(300), 0.1 * tone(300)], 1600)).float()
    wave = Wave(own, 0.0)
    fit_loudness(wave, x)
    deviations = wave(x).std(2).flatten()
    assert bool(torch.isclose(deviations[0], deviations[1], rtol=1e-2)) == own
    assert torch.isfinite(wave(torch.zeros(1, 1, 50))).all(), "silence stays silence"


def test_clips_are_moved_by_at_most_a_share_and_only_in_training() -> None:
    torch.manual_seed(0)
    x = torch.zeros(200, 1, 100)
    x[:, 0, 50] = 1
    places = moved(x, 0.1)[:, 0].argmax(1)
    assert sorted(set(places.tolist())) == list(range(40, 61))
    net = front(shift=0.1, mask=0.2).eval()
    clip = torch.randn(2, 1, 1600)
    torch.testing.assert_close(net(clip), net(clip))
    assert not torch.equal(net.train()(clip), net(clip))


def test_one_band_and_one_time_are_left_out() -> None:
    torch.manual_seed(0)
    made = masked(torch.ones(50, 1, 20, 30), 0.5)
    bands, frames = (made[:, 0].amax(2) == 0), (made[:, 0].amax(1) == 0)
    assert 0 < float(bands.float().mean()) < 0.5
    assert 0 < float(frames.float().mean()) < 0.5
    assert (bands[:, 1:].int() - bands[:, :-1].int()).abs().sum(1).max() <= 2, "they are in a row"


def test_a_block_is_residual_where_it_changes_no_shape() -> None:
    same, other = Broadcast(4, 4, 1, 2, 0.0).eval(), Broadcast(4, 6, 2, 1, 0.0).eval()
    for each in (same, other):
        for part in each.modules():
            if isinstance(part, torch.nn.Conv2d):
                torch.nn.init.zeros_(part.weight)
    x = torch.rand(2, 4, 8, 5)
    torch.testing.assert_close(same(x), x)
    assert other(x).shape == (2, 6, 4, 5)


def test_pooling_takes_all_places() -> None:
    x = torch.arange(24.0).reshape(1, 2, 3, 4)
    torch.testing.assert_close(Overall("both")(x), torch.tensor([[5.5, 17.5, 11.0, 23.0]]))
    torch.testing.assert_close(Overall("max")(x.flatten(2)), torch.tensor([[11.0, 23.0]]))


def test_new_clips_are_cut_filled_and_brought_to_whole_numbers() -> None:
    spec = {"audio": {"rate": RATE, "length": 4}}
    made = clips(
        [np.array([0.5, -2.0, np.nan]), np.arange(5, dtype=np.int16), np.ones((1, 2))], spec
    )
    expected = [[16384, -32767, 0, 0], [0, 1, 2, 3], [32767, 32767, 0, 0]]
    np.testing.assert_array_equal(made[:, 0], np.array(expected, np.float32))
    for wrong in (np.zeros(0), np.zeros((2, 5))):
        with pytest.raises(ValueError, match="clip 1 has the shape"):
            clips([wrong], spec)
