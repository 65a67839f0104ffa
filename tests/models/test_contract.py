"""Every model and clusterer keeps scikit-learn's own contract."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlproject.clustering import KneeDBSCAN
from mlproject.models.autoencoder import Autoencoder
from mlproject.models.joint import JointRepresentation
from mlproject.models.principal_components import PrincipalComponents


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        PrincipalComponents(1),
        Autoencoder(2, hidden=(4,), epochs=5, random_state=0),
        JointRepresentation(PrincipalComponents(1)),
        KneeDBSCAN(),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
