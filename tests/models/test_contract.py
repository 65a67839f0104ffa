"""Every model and clusterer keeps scikit-learn's own contract."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlproject.clustering.clusterers import KneeDBSCAN
from mlproject.models.autoencoder import Autoencoder
from mlproject.models.conv_vae import ConvVae
from mlproject.models.cvae import ConditionalVae
from mlproject.models.fusion import FusedRepresentation
from mlproject.models.mvae import MultimodalVae
from mlproject.models.pca import PrincipalComponents
from mlproject.models.umap_embedding import UmapEmbedding
from mlproject.models.umap_ensemble import UmapEnsemble
from mlproject.models.vae import Vae


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        PrincipalComponents(1),
        Autoencoder(2, hidden=(4,), epochs=5, random_state=0),
        FusedRepresentation(PrincipalComponents(1)),
        Vae(2, hidden=(4,), epochs=5, random_state=0),
        ConvVae(2, n_steps=4, channels=(3,), epochs=5, random_state=0),
        ConditionalVae(2, hidden=(4,), epochs=5, n_conditions=3, random_state=0),
        MultimodalVae(2, hidden=(4,), epochs=5, random_state=0),
        UmapEmbedding(2, n_neighbors=5, random_state=0),
        UmapEnsemble(2, n_embeddings=2, n_neighbors=5, random_state=0),
        KneeDBSCAN(),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
