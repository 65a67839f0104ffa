"""Every model and clusterer keeps scikit-learn's own contract."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlproject.clustering import KneeDBSCAN
from mlproject.models.autoencoder import Autoencoder
from mlproject.models.conv_vae import ConvVae
from mlproject.models.cvae import ConditionalVae
from mlproject.models.denoising import DenoisingAutoencoder
from mlproject.models.fusion import JointRepresentation
from mlproject.models.mvae import MultimodalVae
from mlproject.models.pca import PrincipalComponents
from mlproject.models.umap_embedding import Manifold
from mlproject.models.umap_ensemble import DeepRepresentation
from mlproject.models.vae import Vae


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        PrincipalComponents(1),
        Autoencoder(2, hidden=(4,), epochs=5, random_state=0),
        JointRepresentation(PrincipalComponents(1)),
        Vae(2, hidden=(4,), epochs=5, random_state=0),
        ConvVae(2, n_steps=4, channels=(3,), epochs=5, random_state=0),
        ConditionalVae(2, hidden=(4,), epochs=5, n_conditions=3, random_state=0),
        MultimodalVae(2, hidden=(4,), epochs=5, random_state=0),
        DenoisingAutoencoder(2, hidden=(4,), epochs=5, random_state=0),
        Manifold(2, n_neighbors=5, random_state=0),
        DeepRepresentation(2, n_layouts=2, n_neighbors=5, random_state=0),
        DeepRepresentation(
            2, n_layouts=1, n_neighbors=5, n_encoders=1, code_dim=2, hidden=(4,), epochs=5, random_state=0
        ),
        KneeDBSCAN(),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
