"""Networks of the variational encoders: torch modules.

A network maps inputs to a Gaussian `posterior` and can `decode` a latent; it has no loss.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from mlproject.models.row_space import RowSpace

__all__ = ["Batch", "ConvNetwork", "DenseNetwork", "Gaussian", "MultimodalNetwork", "VariationalNetwork"]

Batch = Mapping[str, Tensor]

LOG_VARIANCE = 10.0  # bound of the log-variance on both sides: exp stays far inside float32


class Gaussian(NamedTuple):
    """Diagonal Gaussian by track."""

    # (n_tracks, latent_dim): the log-variance lies in [-10, 10]
    mean: Tensor
    log_variance: Tensor

    @classmethod
    def of(cls, moments: Tensor) -> Self:
        """Split a layer's output of shape (n_tracks, 2 * latent_dim) into mean and clamped log-variance."""
        mean, log_variance = moments.chunk(2, dim=1)
        return cls(mean, log_variance.clamp(-LOG_VARIANCE, LOG_VARIANCE))

    def sample(self) -> Tensor:
        """Draw one latent per track, differentiable in the moments (Kingma & Welling 2014)."""
        return self.mean + torch.randn_like(self.mean) * torch.exp(0.5 * self.log_variance)


def product_of_experts(experts: Sequence[Gaussian], present: Sequence[Tensor]) -> Gaussian:
    """Multiply Gaussian experts with the standard normal prior, itself an expert (Wu & Goodman 2018, section 2.2).

    `present`, shape (n_tracks, 1) each, is 0 where a track lacks the expert's input: the expert's precision is 0 then.
    """
    # A product of Gaussians adds precisions and averages means by them; the prior has precision 1 and mean 0.
    precisions = [torch.exp(-expert.log_variance) * here for expert, here in zip(experts, present, strict=True)]
    precision = 1 + torch.stack(precisions).sum(dim=0)
    weighted = [expert.mean * share for expert, share in zip(experts, precisions, strict=True)]
    return Gaussian(torch.stack(weighted).sum(dim=0) / precision, -torch.log(precision))


def mlp(sizes: Sequence[int]) -> nn.Sequential:
    """Return linear layers of the given sizes with ReLU between them."""
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class VariationalNetwork(nn.Module, ABC):
    """q(z | x) and p(x | z); a batch maps ``audio`` and whatever else the network reads to tensors, rows are tracks."""

    @abstractmethod
    def posterior(self, batch: Batch) -> Gaussian:
        """Return the distribution of the latent given the inputs."""

    @abstractmethod
    def decode(self, latent: Tensor, batch: Batch) -> Tensor:
        """Map latents of shape (n_tracks, latent_dim) to audio columns, shape (n_tracks, n_columns)."""

    def unrotate(self, space: RowSpace) -> None:
        """Turn this network on rotated columns into the equivalent one on the original columns."""
        raise NotImplementedError(f"{type(self).__name__} is not fully connected to the columns")


class DenseNetwork(VariationalNetwork):
    """Fully connected; the decoder alone gets a batch's ``condition``, shape (n_tracks, n_conditions), if any."""

    def __init__(self, n_columns: int, hidden: Sequence[int], latent_dim: int, *, n_conditions: int = 0) -> None:
        super().__init__()
        self.encoder = mlp((n_columns, *hidden, 2 * latent_dim))
        self.decoder = mlp((latent_dim + n_conditions, *reversed(hidden), n_columns))

    def posterior(self, batch: Batch) -> Gaussian:
        return Gaussian.of(self.encoder(batch["audio"]))

    def decode(self, latent: Tensor, batch: Batch) -> Tensor:
        inputs = torch.cat([latent, batch["condition"]], dim=1) if "condition" in batch else latent
        columns: Tensor = self.decoder(inputs)
        return columns

    def unrotate(self, space: RowSpace) -> None:
        basis, scale = torch.from_numpy(space.basis), space.scale
        first, last = self.encoder[0], self.decoder[-1]
        assert isinstance(first, nn.Linear)
        assert isinstance(last, nn.Linear)
        # Rotated columns are r = scale * basis.T @ x. First layer: W @ r is (W @ basis.T * scale) @ x. The last layer
        # gives r, and x is basis @ r / scale.
        first.weight = nn.Parameter(first.weight.detach() @ basis.T * scale)
        last.weight = nn.Parameter(basis @ last.weight.detach() / scale)
        last.bias = nn.Parameter(basis @ last.bias.detach() / scale)


class MultimodalNetwork(VariationalNetwork):
    """An expert for the audio, and one for the ``lyrics`` of tracks whose ``has_lyrics``, shape (n_tracks, 1), is 1."""

    def __init__(self, n_columns: int, n_lyrics: int, hidden: Sequence[int], latent_dim: int) -> None:
        super().__init__()
        self.audio = DenseNetwork(n_columns, hidden, latent_dim)
        self.lyrics = DenseNetwork(n_lyrics, hidden, latent_dim) if n_lyrics else None

    def posteriors(self, batch: Batch) -> dict[str, Gaussian]:
        """Return the posteriors of both together, of the audio alone and of the lyrics alone, each times the prior."""
        audio = self.audio.posterior(batch)
        everyone = torch.ones_like(audio.mean[:, :1])
        alone = product_of_experts([audio], [everyone])  # the prior counts even beside a single expert
        if self.lyrics is None:
            return {"both": alone}
        lyrics, known = self.lyrics.posterior({"audio": batch["lyrics"]}), batch["has_lyrics"]
        both = product_of_experts([audio, lyrics], [everyone, known])
        return {"both": both, "audio": alone, "lyrics": product_of_experts([lyrics], [known])}

    def posterior(self, batch: Batch) -> Gaussian:
        return self.posteriors(batch)["both"]

    def decode(self, latent: Tensor, batch: Batch) -> Tensor:  # noqa: ARG002
        return self.audio.decode(latent, {})

    def unrotate(self, space: RowSpace) -> None:
        self.audio.unrotate(space)


class ConvNetwork(VariationalNetwork):
    """Strided convolutions over the steps of a multi-channel series, and their mirror image.

    `shape` are the channels and steps that a row of columns holds, channel by channel; `channels` are the outputs of
    each convolution, which halves the number of steps.
    """

    KERNEL = 5

    def __init__(self, shape: tuple[int, int], channels: Sequence[int], latent_dim: int) -> None:
        super().__init__()
        widths, lengths = [shape[0], *channels], [shape[1]]
        for _ in channels:
            lengths.append(-(-lengths[-1] // 2))  # a stride of 2 with padding rounds up
        self.shape, self.narrow, self.lengths = shape, (widths[-1], lengths[-1]), lengths[-2::-1]
        steps, pad = list(pairwise(widths)), self.KERNEL // 2
        self.down = nn.ModuleList([nn.Conv1d(a, b, self.KERNEL, stride=2, padding=pad) for a, b in steps])
        self.up = nn.ModuleList([nn.Conv1d(b, a, self.KERNEL, padding=pad) for a, b in reversed(steps)])
        self.to_moments = nn.Linear(widths[-1] * lengths[-1], 2 * latent_dim)
        self.from_latent = nn.Linear(latent_dim, widths[-1] * lengths[-1])

    def posterior(self, batch: Batch) -> Gaussian:
        series = torch.unflatten(batch["audio"], 1, self.shape)  # (n_tracks, n_channels, n_steps)
        for convolution in self.down:
            series = torch.relu(convolution(series))
        return Gaussian.of(self.to_moments(series.flatten(1)))

    def decode(self, latent: Tensor, batch: Batch) -> Tensor:  # noqa: ARG002
        series = torch.unflatten(self.from_latent(latent), 1, self.narrow)
        for convolution, length in zip(self.up, self.lengths, strict=True):
            # Nearest-neighbour upsampling before a convolution leaves no checkerboard, as strided transposes do.
            series = convolution(nn.functional.interpolate(torch.relu(series), size=length))
        return series.flatten(1)
