import numpy as np

from mlproject.evaluation.folds import stratified_folds

CLASSES = np.repeat(["blues", "jazz"], [12, 8])


def test_each_fold_has_like_shares_and_each_track_is_tested_once():
    folds = stratified_folds(CLASSES, n_folds=4, seed=0)
    assert [np.sum(CLASSES[test] == "jazz") for _, test in folds] == [2, 2, 2, 2]
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(20))


def test_groups_stay_whole():
    groups = np.arange(20) // 2
    for train, test in stratified_folds(CLASSES, groups, n_folds=3, seed=1):
        assert not set(groups[train]) & set(groups[test])


def test_rare_classes_and_few_groups_lower_the_number_of_folds():
    assert len(stratified_folds(np.repeat(["a", "b"], [10, 3]), seed=0)) == 3
    assert len(stratified_folds(CLASSES, np.arange(20) % 2, seed=0)) == 2
    assert stratified_folds(np.repeat(["a", "b"], [10, 1]), seed=0) == []
    assert stratified_folds(CLASSES, np.zeros(20), seed=0) == []
