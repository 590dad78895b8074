"""Optuna's TPE over a plain PyTorch network and loop. Usage: optuna_torch.py FOLDER SECONDS SEED

What a good engineer writes in an hour: for images a CNN of a few blocks, for tables an MLP on
scaled and one-hot columns; depth, width, dropout, learning rate, weight decay and batch are
searched, with a median pruner; whatever is the best on validation rows answers.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

STARTED = time.monotonic()
EPOCHS = {"images": 5, "tables": 15}
RESERVE = 3.0


def data(folder: Path) -> tuple[str, torch.Tensor, torch.Tensor, torch.Tensor, list]:
    """Return the kind, training inputs and targets, test inputs, and the classes (none: values)."""
    if (folder / "train.npz").exists():
        train, test = np.load(folder / "train.npz"), np.load(folder / "test.npz")
        x, z = (torch.from_numpy(part["x"]).float() / 255 for part in (train, test))
        x, z = (
            part.unsqueeze(1) if part.ndim == 3 else part.permute(0, 3, 1, 2) for part in (x, z)
        )
        return "images", x, torch.from_numpy(train["y"]).long(), z, list(range(10))
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    y = train.pop("target")
    both = pd.get_dummies(pd.concat([train, test]), dtype=float).fillna(0.0).to_numpy(np.float32)
    both = (both - both[: len(train)].mean(0)) / (both[: len(train)].std(0) + 1e-6)
    x, z = torch.from_numpy(both[: len(train)]), torch.from_numpy(both[len(train) :])
    if y.dtype.kind == "f":
        return "tables", x, torch.from_numpy(y.to_numpy(np.float32)), z, []
    codes, classes = pd.factorize(y, sort=True)
    return "tables", x, torch.from_numpy(codes).long(), z, list(classes)


def network(trial: optuna.Trial, kind: str, shape: tuple[int, ...], outputs: int) -> nn.Module:
    depth = trial.suggest_int("depth", 1, 3)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    parts: list[nn.Module] = []
    if kind == "tables":
        width, inside = trial.suggest_int("width", 32, 512, log=True), shape[0]
        for _ in range(depth):
            parts += [
                nn.Linear(inside, width),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.Dropout(dropout),
            ]
            inside = width
        return nn.Sequential(*parts, nn.Linear(inside, outputs))
    width, inside = trial.suggest_categorical("width", [16, 32, 64]), shape[0]
    for block in range(depth):
        wide = width * 2**block
        parts += [nn.Conv2d(inside, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]
        parts += [nn.MaxPool2d(2)]
        inside = wide
    parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout)]
    return nn.Sequential(*parts, nn.Linear(inside, outputs))


class Run:
    """Trains networks until time is up, and keeps the predictions of the best."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.until = folder, STARTED + seconds - RESERVE
        self.kind, self.x, self.y, self.z, self.classes = data(folder)
        order = torch.randperm(len(self.x))
        self.held, self.rows = order[: len(order) // 10], order[len(order) // 10 :]
        self.mean, self.std = (0.0, 1.0) if self.classes else (self.y.mean(), self.y.std())
        self.best = float("inf")

    def loss(self, out: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if self.classes:
            return functional.cross_entropy(out, target)
        return functional.mse_loss(out.squeeze(1), (target - self.mean) / self.std)

    @torch.no_grad()
    def answers(self, net: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
        net.eval()
        return torch.cat([net(part) for part in inputs.split(512)])

    def error(self, net: nn.Module) -> float:
        out, target = self.answers(net, self.x[self.held]), self.y[self.held]
        if self.classes:
            return float((out.argmax(1) != target).float().mean())
        return float(self.loss(out, target))

    def keep(self, net: nn.Module) -> None:
        out = self.answers(net, self.z)
        if self.classes:
            said = np.array(self.classes)[out.argmax(1).numpy()]
        else:
            said = (out.squeeze(1) * self.std + self.mean).numpy()
        np.save(self.folder / "beside.npy", said)
        (self.folder / "beside.npy").replace(self.folder / "predictions.npy")

    def trial(self, trial: optuna.Trial) -> float:
        net = network(trial, self.kind, tuple(self.x.shape[1:]), len(self.classes) or 1)
        rate = trial.suggest_float("lr", 1e-4, 1e-2, log=True)
        decay = trial.suggest_float("decay", 1e-6, 1e-1, log=True)
        batch = trial.suggest_categorical("batch", [64, 128, 256])
        optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=decay)
        rows = TensorDataset(self.x[self.rows], self.y[self.rows])
        loader = DataLoader(rows, batch, shuffle=True, drop_last=True)
        steps = EPOCHS[self.kind] * len(loader)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
        found = float("inf")
        for epoch in range(EPOCHS[self.kind]):
            if not self.epoch(net, loader, optimiser, schedule):
                trial.study.stop()
                return found
            found = self.error(net)
            if found < self.best:
                self.best = found
                self.keep(net)
            trial.report(found, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return found

    def epoch(self, net: nn.Module, loader: DataLoader, optimiser: Any, schedule: Any) -> bool:
        """Train for an epoch; return whether there was time for it."""
        net.train()
        for inputs, target in loader:
            if time.monotonic() > self.until:
                return False
            optimiser.zero_grad()
            self.loss(net(inputs), target).backward()
            optimiser.step()
            schedule.step()
        return True


def main(folder: Path, seconds: float, seed: int) -> None:
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(seed)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    run = Run(folder, seconds)
    sampler, pruner = optuna.samplers.TPESampler(seed=seed), optuna.pruners.MedianPruner()
    study = optuna.create_study(sampler=sampler, pruner=pruner)
    study.optimize(run.trial, timeout=max(1.0, run.until - time.monotonic()))


main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
