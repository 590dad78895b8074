"""Which trials of a run may be stopped early."""

from __future__ import annotations

from dataclasses import replace

from archwright.auto import ask
from archwright.auto.job import Job
from archwright.core.trial import History, Proposal
from archwright.evaluators.train import Train
from archwright.surrogates.stopping import Peers


def informed(job: Job, evaluate: Train, history: History, proposal: Proposal) -> Train:
    """Return the evaluation that stops a hopeless trial; known-good starts are trained anyway."""
    if proposal.origin == "portfolio" or not allowed(job):
        return evaluate
    rate = job.options.early_stop
    return replace(evaluate, peers=Peers.of(history, proposal.fidelity, job.problem.aim, rate))


def allowed(job: Job) -> bool:
    """Whether trials may be stopped at all.

    Not under several objectives, where a network that is worse may be on the front; not where
    short trials are promoted to longer ones, which is a rule of its own; not in cross-validation,
    where the first fold's curve says little of the mean; not where some networks begin with what
    others have learnt.
    """
    options, settings = job.options, ask.takes(ask.find(job.choice.strategy))
    plain = options.folds == 1 and not options.inherit and not settings & {"rungs", "cost"}
    return plain and options.early_stop > 0
