"""The way round a block: fits what goes in to what comes out. Knows channels and strides alone."""

from __future__ import annotations

from torch import nn


def shortcut(inside: int, outside: int, stride: int, *, norm: bool = False) -> nn.Module:
    """Fit the input to the block's output: halve it by averaging, then widen it.

    This is the shortcut of ResNet-D (arXiv:1812.01187). A 1 x 1 convolution of stride 2, as in
    the first ResNet, ignores three pixels of four, and corrupts memory in torch 2.13 on CPUs
    without AVX-512 when its few input channels are stored last.

    Args:
        norm: Normalise the batch behind what is fitted by a convolution.
    """
    parts: list[nn.Module] = []
    if stride == 2:
        parts.append(nn.AvgPool2d(2, ceil_mode=True))
    if inside != outside:
        parts.append(nn.Conv2d(inside, outside, 1, bias=False))
        parts += [nn.BatchNorm2d(outside)] if norm else []
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts) if parts else nn.Identity()
