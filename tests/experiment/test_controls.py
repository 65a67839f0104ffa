from dataclasses import replace

import numpy as np
import pytest

from mlproject.config.models import AutoencoderConfig, MvaeConfig, PrincipalComponentsConfig, VaeConfig
from mlproject.config.tasks import BlocksConfig, TaskConfig
from mlproject.experiment.controls import controls_of
from mlproject.experiment.design_matrix import TextVectors, build_design
from mlproject.experiment.fit import build_model, fit_model

NETWORK = AutoencoderConfig(latent_dim=4, hidden=(8,), epochs=3, lyrics_dim=3)
PCA = PrincipalComponentsConfig(latent_dim=5, lyrics_dim=3)
AUDIO, LYRICS = BlocksConfig(), BlocksConfig(lyrics="embedding")
GENRE, ALL = BlocksConfig(genre="one_hot"), BlocksConfig(lyrics="embedding", genre="one_hot")
OF_THE_MODEL = ["PCA on the same blocks", "untrained encoder"]
OF_SIDES = ["side information alone", "audio replaced by noise"]
OF_LYRICS = ["lyrics permuted across tracks", "lyrics permuted within genre"]


@pytest.fixture
def partly(small_inputs):
    """A third of the tracks have no words."""
    rows = np.where(np.arange(60) % 3 == 0, -1, np.arange(60))
    return replace(small_inputs, texts=replace(small_inputs.texts, row_by_track=rows))


@pytest.fixture
def controls(small_inputs):
    """Map the names of a task's controls to them, and the design that they work on."""

    def of(task, inputs=small_inputs):
        design = build_design(task.blocks, inputs, np.arange(60))
        return {control.name: control for control in controls_of(task, design, inputs.genres)}, design

    return of


class Spy:
    """Stands for the fit of a model: keeps what it was asked for, and returns nothing but zeros."""

    def __call__(self, task, design):
        self.task, self.design = task, design
        return np.zeros((60, 2), dtype=np.float32)

    def block(self, name):
        return block(self.design, name)


def block(design, name):
    start, end = design.matrix.columns[name]
    return design.matrix.values[:, start:end]


def rows_of(values):
    return sorted(map(bytes, np.ascontiguousarray(values)))


@pytest.mark.parametrize(
    ("model", "blocks", "expected"),
    [
        (PCA, AUDIO, []),
        (NETWORK, AUDIO, OF_THE_MODEL),
        (PCA, LYRICS, [*OF_SIDES, *OF_LYRICS]),
        (NETWORK, LYRICS, [*OF_THE_MODEL, *OF_SIDES, *OF_LYRICS]),
        (NETWORK, GENRE, [*OF_THE_MODEL, *OF_SIDES, "genre permuted across tracks"]),
        (NETWORK, ALL, [*OF_THE_MODEL, *OF_SIDES, *OF_LYRICS, "genre permuted across tracks"]),
    ],
)
def test_each_control_is_there_where_it_applies(controls, model, blocks, expected):
    found, _ = controls(TaskConfig(model=model, blocks=blocks))
    assert list(found) == expected
    assert all(control.meaning for control in found.values())


def test_who_has_words_is_a_control_only_where_some_lack_them(controls, partly):
    task = TaskConfig(model=NETWORK, blocks=LYRICS)
    assert "who has words, alone" not in controls(task)[0]
    found, _ = controls(task, partly)
    mask = found["who has words, alone"].latent(Spy(), np.random.default_rng(0))
    np.testing.assert_array_equal(mask, (np.arange(60) % 3 != 0)[:, None])


def test_audio_noise_has_the_columns_means_and_spreads_and_leaves_the_words(controls, rng):
    found, design = controls(TaskConfig(model=NETWORK, blocks=LYRICS))
    spy, drawn = Spy(), []
    for _ in range(40):
        found["audio replaced by noise"].latent(spy, rng)
        drawn.append(spy.block("audio"))
    audio, noise = block(design, "audio"), np.concatenate(drawn)
    np.testing.assert_allclose(noise.mean(axis=0), audio.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(noise.std(axis=0), audio.std(axis=0), rtol=0.06)
    assert np.abs(np.corrcoef(np.hstack([audio, drawn[0]]), rowvar=False)[:60, 60:]).max() < 0.6
    assert spy.design.matrix.values.dtype == np.float32
    np.testing.assert_array_equal(spy.block("lyrics"), block(design, "lyrics"))


def test_words_permuted_across_tracks_keep_each_text_and_who_has_words_with_it(controls, partly, rng):
    found, design = controls(TaskConfig(model=NETWORK, blocks=LYRICS), partly)
    spy = Spy()
    found["lyrics permuted across tracks"].latent(spy, rng)
    np.testing.assert_array_equal(spy.block("audio"), block(design, "audio"))
    assert not np.array_equal(spy.block("lyrics"), block(design, "lyrics"))
    both = [np.hstack([block(one, "lyrics"), block(one, "has_lyrics")]) for one in (design, spy.design)]
    assert rows_of(both[0]) == rows_of(both[1])
    own = [(row == block(design, "lyrics")).all(axis=1).argmax() for row in spy.block("lyrics")]
    assert (partly.genres[own] != partly.genres).mean() > 0.5


def test_words_permuted_within_genre_keep_what_words_tell_of_the_genre(controls, small_inputs, rng):
    found, design = controls(TaskConfig(model=NETWORK, blocks=LYRICS))
    spy = Spy()
    found["lyrics permuted within genre"].latent(spy, rng)
    assert (spy.block("lyrics") != block(design, "lyrics")).any(axis=1).mean() > 0.8
    for genre in np.unique(small_inputs.genres):
        members = small_inputs.genres == genre
        assert rows_of(spy.block("lyrics")[members]) == rows_of(block(design, "lyrics")[members])


def test_texts_of_a_genre_survive_their_permutation_within_it(controls, small_inputs, rng):
    by_genre = {genre: row for row, genre in enumerate(np.unique(small_inputs.genres))}
    themes = replace(small_inputs, texts=TextVectors(small_inputs.texts.vectors[:4], row_by_genre=by_genre))
    found, design = controls(TaskConfig(model=NETWORK, blocks=LYRICS), themes)
    spy = Spy()
    found["lyrics permuted within genre"].latent(spy, rng)
    np.testing.assert_array_equal(spy.design.matrix.values, design.matrix.values)


def test_condition_is_dealt_out_to_other_tracks(controls, rng):
    found, design = controls(TaskConfig(model=NETWORK, blocks=ALL))
    spy = Spy()
    found["genre permuted across tracks"].latent(spy, rng)
    assert rows_of(spy.block("genre")) == rows_of(block(design, "genre"))
    assert (spy.block("genre") != block(design, "genre")).any(axis=1).mean() > 0.5
    for name in ("audio", "lyrics"):
        np.testing.assert_array_equal(spy.block(name), block(design, name))


def test_no_control_changes_the_design_itself(controls, partly, rng):
    found, design = controls(TaskConfig(model=NETWORK, blocks=ALL), partly)
    before = design.matrix.values.copy()
    for control in found.values():
        control.latent(Spy(), rng)
    np.testing.assert_array_equal(design.matrix.values, before)


def test_side_information_alone_does_not_hear_the_music(controls, small_inputs):
    task = TaskConfig(model=NETWORK, blocks=ALL)
    found, _ = controls(task)
    deaf = replace(small_inputs, mfcc=np.ones_like(small_inputs.mfcc))
    alone = [one["side information alone"].latent(None, None) for one in (found, controls(task, deaf)[0])]
    np.testing.assert_array_equal(*alone)
    assert alone[0].shape == (60, 3 + 4)
    for part in (alone[0][:, :3], alone[0][:, 3:]):
        assert part.var(axis=0).sum() == pytest.approx(1, rel=1e-5)


def test_pca_on_the_same_blocks_has_the_models_size(controls, small_evaluation):
    task = TaskConfig(model=NETWORK, blocks=ALL)
    found, design = controls(task)
    spy = Spy()
    found["PCA on the same blocks"].latent(spy, None)
    assert spy.task == task.model_copy(update={"model": PrincipalComponentsConfig(latent_dim=4, lyrics_dim=3)})
    assert spy.design is design
    _, vectors = fit_model(spy.task, small_evaluation, design)
    assert vectors.shape == (60, 4 + 3 + 4)


def test_pca_has_at_most_as_many_components_as_there_are_columns(controls, small_evaluation):
    wide = NETWORK.model_copy(update={"latent_dim": 12})
    found, _ = controls(TaskConfig(model=wide, blocks=BlocksConfig(audio="statistics")))

    def fit(task, design):
        return fit_model(task, small_evaluation, design)[1]

    assert found["PCA on the same blocks"].latent(fit, None).shape == (60, 7)


MODELS = {
    "autoencoder": NETWORK,
    "vae": VaeConfig(latent_dim=4, hidden=(8,), epochs=20, warm_up=5, lyrics_dim=3),
    "mvae": MvaeConfig(latent_dim=4, hidden=(8,), epochs=20, warm_up=5, lyrics_dim=3),
}


@pytest.mark.parametrize("name", MODELS)
def test_untrained_encoder_has_the_weights_that_were_drawn(controls, small_evaluation, name):
    task = TaskConfig(model=MODELS[name], blocks=LYRICS)
    found, design = controls(task)
    asked = {}

    def fit(task, design):
        asked["task"] = task
        return fit_model(task, small_evaluation, design)[1]

    untrained = found["untrained encoder"].latent(fit, None)
    # A step twice as long would not move them either, and a seed draws others.
    model = asked["task"].model
    longer = asked["task"].model_copy(
        update={"model": model.model_copy(update={"learning_rate": 2 * model.learning_rate})}
    )
    np.testing.assert_allclose(fit_model(longer, small_evaluation, design)[1], untrained, rtol=1e-6, atol=1e-6)
    assert not np.allclose(untrained, fit_model(task, small_evaluation, design)[1], atol=1e-3)
    other = small_evaluation.model_copy(update={"seed": 1})
    assert not np.allclose(untrained, fit_model(asked["task"], other, design)[1], atol=1e-3)


def test_untrained_weights_of_an_autoencoder_are_bit_for_bit_those_of_no_step(controls, small_evaluation):
    task = TaskConfig(model=NETWORK, blocks=BlocksConfig(audio="statistics"))
    found, design = controls(task)
    spy = Spy()
    found["untrained encoder"].latent(spy, None)
    weights = build_model(spy.task, small_evaluation, design).fit(design.matrix.values).encoder_.coefs_
    no_step = spy.task.model_copy(update={"model": spy.task.model.model_copy(update={"learning_rate": 1e-30})})
    drawn = build_model(no_step, small_evaluation, design).fit(design.matrix.values).encoder_.coefs_
    for one, other in zip(weights, drawn, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-12)
