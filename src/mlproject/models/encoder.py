"""What every encoder says of itself: the facts that the layers above need, as attributes of its class."""

from collections.abc import Callable
from typing import ClassVar

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

__all__ = ["Encoder", "OnEpoch", "Transformer"]

OnEpoch = Callable[[int, float], bool | None]


class Transformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn transformer whose output has the precision of its input."""

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags


class Encoder(Transformer):
    """A transformer of a design matrix that a task file can name."""

    # Blocks whose content is in the latent already, or must not reach it: they are not joined to it.
    encodes: ClassVar[tuple[str, ...]] = ("audio",)
    # Whether it trains by epochs: it takes `epochs`, `learning_rate` and `on_epoch`, and has a `loss_curve_`.
    trains: ClassVar[bool] = False
    seeded: ClassVar[bool] = False  # whether it draws random numbers, so that it takes a `random_state`
    variational: ClassVar[bool] = False  # whether `mlproject.models.vae_diagnostics` can measure it
    reconstructs: ClassVar[bool] = False  # whether it has a method `reconstruct`
    needs_frames: ClassVar[bool] = False  # whether it convolves frames, so that it takes their `frame_shape`
    # Whether it can be fitted to audio that is rotated onto its row space already, with a `rotation_scale`.
    takes_rotated: ClassVar[bool] = False
    bounded: ClassVar[bool] = False  # whether `latent_dim` is at most the number of tracks and of columns
    # Scalings of the PCAs that a gain over the baseline is checked against; empty for PCA itself.
    linear_counterparts: ClassVar[tuple[str, ...]] = ("zscores",)
    # Kind of the same encoder without a condition, for one that keeps its condition out of the latent.
    unconditioned: ClassVar[str | None] = None
    loss_name: ClassVar[str | None] = None  # what `loss_curve_` measures, and in which unit
    # Loss of a network that gives the mean of every column, where it is known.
    loss_of_means: ClassVar[float | None] = None
