"""Training of a torch network: full batch, Adam, a guard against numbers that are none, the same bits every time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from mlproject.errors import TrainingError
from mlproject.models.encoder import OnEpoch

__all__ = ["Adam", "minimise", "reproducible"]


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Fix torch's random stream and number of threads; both are as before afterwards."""
    threads = torch.get_num_threads()
    # Sums over threads depend on their number; and two of them wait for each other, step by step, on a busy machine.
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1). torch's own imports its compiler at the first step, which takes 2 s."""

    DECAYS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.steps = 0

    @torch.no_grad()
    def step(self, loss: Tensor) -> None:
        """Move all parameters against the gradient of a loss."""
        self.steps += 1
        first, second = self.DECAYS
        rate = self.learning_rate / (1 - first**self.steps)
        gradients = torch.autograd.grad(loss, self.parameters)
        for parameter, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            # mean = b1 * mean + (1 - b1) * g, square = b2 * square + (1 - b2) * g**2; both start at 0, which their
            # divisors 1 - b**steps undo.
            mean.lerp_(gradient, 1 - first)
            square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            root = (square / (1 - second**self.steps)).sqrt_().add_(self.EPSILON)
            parameter.addcdiv_(mean, root, value=-rate)


def minimise(
    network: nn.Module,
    loss: Callable[[int], Tensor],
    *,
    learning_rate: float,
    epochs: int,
    on_epoch: OnEpoch | None = None,
) -> np.ndarray:
    """Take one step per epoch against a loss, a function of the epoch (from 1); return the losses before each step.

    `on_epoch` is called with the epoch and its loss; returning True ends the training. All parameters of the network
    are trained.

    Raises
    ------
    TrainingError
        If the loss or a weight is no longer finite.
    """
    optimiser, losses = Adam(network.parameters(), learning_rate), list[float]()
    for epoch in range(1, epochs + 1):
        value = loss(epoch)
        optimiser.step(value)
        losses.append(float(value.detach()))
        if not np.isfinite(losses[-1]) or not all(torch.isfinite(weights).all() for weights in network.parameters()):
            raise TrainingError.diverged(epoch, learning_rate)
        if on_epoch is not None and on_epoch(epoch, losses[-1]):
            break
    return np.asarray(losses, dtype=np.float32)
