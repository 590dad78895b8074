"""Scores of how differently a network treats the examples of a mini-batch."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from archwright.measure.zerocost.probe import Probe

SMALL = 1e-5
BINS = 5
"""Classes that the values of a regression are cut into, at their quantiles."""

MANY = 100
"""Classes from which on EPE-NAS compares classes instead of adding them up."""


def nwot(probe: Probe) -> float:
    """Log determinant of how many units two examples agree on (Mellor et al., 2021, 2006.04647).

    A unit agrees where both examples have its activation's input above 0, or both have not; for
    activations other than ReLU that is our reading. A network without any is worst.
    """
    rows = len(probe.x)
    kernel = torch.zeros(rows, rows, dtype=torch.float64, device=probe.x.device)
    for active in probe.run.active:
        code = active.float()
        above = code.sum(1)
        kernel += 2 * code @ code.T - above - above[:, None] + code.shape[1]
    return float(torch.linalg.slogdet(kernel).logabsdet)


def swap(probe: Probe) -> float:
    """Number of different patterns of units over examples (Peng et al., 2024, arXiv:2403.04161).

    Without the paper's regularisation, which needs the size that is wanted.
    """
    if not probe.run.active:
        return -math.inf
    units = torch.cat([active.T for active in probe.run.active]).cpu().numpy()
    bits = np.packbits(units, axis=1)
    words = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
    return float(len(np.unique(words[:, 0] if words.shape[1] == 1 else words, axis=0)))


def jacob_cov(probe: Probe) -> float:
    """How little the Jacobians of the examples are alike (arXiv:2006.04647, first version).

    -sum(log(v + k) + 1 / (v + k)) over the eigenvalues v of their correlations.
    """
    values = torch.linalg.eigvalsh(_correlations(probe.jacobian)).clamp_min(0) + SMALL
    return -float((values.log() + 1 / values).sum())


def epe_nas(probe: Probe) -> float:
    """The same within each class (Lopes et al., 2021, arXiv:2102.08099).

    Sum over classes of |sum of log(|correlation| + k)|; with more than 100 classes, of the
    differences between the classes' means. Values are put in classes at their quantiles; of
    several values or labels the first counts.
    """
    kinds = _kinds(probe.y)
    present = [int(kind) for kind in kinds.unique()]
    sums = []
    for kind in present:
        logs = (_correlations(probe.jacobian[kinds == kind]).abs() + SMALL).log()
        sums.append(float(logs.sum()) / (len(logs) if len(present) > MANY else 1))
    if len(present) <= MANY:
        return sum(map(abs, sums))
    return float(np.abs(np.subtract.outer(sums, sums)).sum()) / len(sums)


def _correlations(rows: Tensor) -> Tensor:
    """Return the correlations between rows; NaN with a row that does not vary."""
    centred = rows - rows.mean(1, keepdim=True)
    unit: Tensor = centred / centred.norm(dim=1, keepdim=True)
    found: Tensor = unit @ unit.T
    return found


def _kinds(y: Tensor) -> Tensor:
    y = y if y.ndim == 1 else y[:, 0]
    if not y.is_floating_point():
        return y.long()
    cuts = torch.linspace(0, 1, BINS + 1, device=y.device)[1:-1]
    return torch.bucketize(y, torch.quantile(y, cuts.to(y.dtype)))
