"""What a network costs: parameters, multiply-accumulates, latency on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def size(net: nn.Module, shape: tuple[int, ...]) -> dict[str, float]:
    """Return `params` and `macs` (for one example, convolutions and products).

    The example is on the device of the network; on the meta device nothing is computed.
    """
    where = next(net.parameters()).device
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net.eval()(torch.zeros(1, *shape, device=where))
    params = sum(p.numel() for p in net.parameters())
    return {"params": float(params), "macs": float(counter.get_total_flops() // 2)}


@torch.inference_mode()
def latency_ms(net: nn.Module, shape: tuple[int, ...], repeats: int = 30) -> float:
    """Return the median milliseconds for one example, on one thread, after a warm-up."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    x = torch.zeros(1, *shape, device=next(net.parameters()).device)
    net.eval()
    times = []
    for _ in range(repeats + 5):
        started = time.perf_counter()
        net(x).cpu()
        times.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    return 1000 * statistics.median(times[5:])


@torch.inference_mode()
def fastest_ms(nets: Sequence[nn.Module], shape: tuple[int, ...], repeats: int = 50) -> list[float]:
    """Return the milliseconds of each network's fastest answer for one example, on one thread.

    They answer in turn, so that the times can be compared whatever else runs on the machine.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    x = torch.zeros(1, *shape, device=next(nets[0].parameters()).device)
    least = [float("inf") for _ in nets]
    for _ in range(repeats):
        for i, net in enumerate(nets):
            started = time.perf_counter()
            net.eval()(x).cpu()
            least[i] = min(least[i], time.perf_counter() - started)
    torch.set_num_threads(threads)
    return [1000 * seconds for seconds in least]
