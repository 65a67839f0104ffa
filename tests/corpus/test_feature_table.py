import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlproject.config.data import DataConfig
from mlproject.corpus.feature_columns import twins, usable_columns
from mlproject.corpus.gtzan import known_faults
from mlproject.corpus.opening import open_corpus
from mlproject.corpus.sampling import sample
from mlproject.corpus.subset import collect_subset
from mlproject.errors import ArchiveError, ConfigError, CorpusNotFoundError
from tests.corpus.corpus_contract import CorpusContract

NAN, INF = float("nan"), float("inf")
MATRICES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.sampled_from([np.float32(x) for x in (0, 1, 2, NAN, INF)]),
)


@pytest.fixture
def table(tmp_path):
    """Write columns to a file and open it as a corpus."""

    def make(columns, *, name="features.csv", labels="auto"):
        path, frame = tmp_path / name, pd.DataFrame(columns)
        if name.endswith(".csv"):
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path)
        return open_corpus(DataConfig(corpus="table", root=str(path), labels=labels))

    return make


def small(**changes):
    """Four tracks that differ in two columns."""
    columns = {"track_id": list("dacb"), "genre": ["x", "x", "y", "y"], "a": [1.0, 2, 3, 4], "b": [5.0, 6, 8, 7]}
    return {key: value for key, value in {**columns, **changes}.items() if value is not None}


def by_id(corpus):
    return {track.track_id: track for track in corpus.tracks()}


def unusable(corpus):
    return {track.track_id: track.unusable for track in corpus.tracks() if track.unusable}


def columns(corpus):
    return list(corpus.features(corpus.tracks()).columns)


@pytest.mark.parametrize("name", ["features.csv", "features.parquet"])
class TestFeatureTable(CorpusContract):
    @pytest.fixture
    def corpus(self, table, name):
        return table(small(), name=name)

    def test_rows_are_found_by_their_ids(self, corpus):
        features = corpus.features([by_id(corpus)["c"], by_id(corpus)["d"]])
        pd.testing.assert_frame_equal(features, pd.DataFrame({"a": [3.0, 1], "b": [8.0, 5]}, dtype="float32"))

    def test_tracks_know_their_genres_and_what_they_weigh(self, corpus):
        assert {track.track_id: (track.genre, track.size) for track in corpus.tracks()} == {
            "a": ("x", 8),
            "b": ("y", 8),
            "c": ("y", 8),
            "d": ("x", 8),
        }

    def test_it_has_no_words(self, corpus):
        assert (corpus.holds, corpus.lyrics, corpus.words(corpus.tracks()).by_track) == ("statistics", "tracks", {})


class TestNames:
    def test_audio_suffix_of_a_filename_is_stripped_and_other_dots_stay(self, table):
        names = ["blues.00000.wav", "jazz.00001.AU", "no suffix", "jazz.00002"]
        ids = {track.track_id: track.name for track in table(small(track_id=None, filename=names)).tracks()}
        expected = {"blues.00000": names[0], "jazz.00001": names[1], "jazz.00002": names[3], "no suffix": names[2]}
        assert ids == expected

    def test_ids_are_text(self, table):
        corpus = table(small(track_id=["002", "010", "NA", "1e3"], genre=["None", "1", "2", "null"]))
        assert {track.track_id: track.genre for track in corpus.tracks()} == {
            "002": "None",
            "010": "1",
            "1e3": "null",
            "NA": "2",
        }

    def test_label_serves_as_genre_and_neither_is_ever_a_feature(self, table):
        codes = small(genre=None, Label=[1, 1, 2, 2])
        corpus = table(codes)
        assert {track.genre for track in corpus.tracks()} == {"1", "2"}
        assert columns(corpus) == columns(table(codes, labels="none")) == ["a", "b"]
        both = table(small(label=[3, 4, 5, 6]))
        assert {track.genre for track in both.tracks()} == {"x", "y"}
        assert columns(both) == ["a", "b"]

    def test_genres_are_left_alone_where_the_music_is_not_labelled(self, table):
        assert {track.genre for track in table(small(), labels="none").tracks()} == {None}
        assert {track.genre for track in table(small(genre=None)).tracks()} == {None}
        assert {track.genre for track in table(small(genre=["", None, " ", ""])).tracks()} == {None}

    def test_artists_of_the_table(self, table):
        corpus = table(small(artist=["Nina", "", None, "Sun Ra"]))
        assert {track.track_id: track.artist for track in corpus.tracks()} == {
            "a": None,
            "b": "Sun Ra",
            "c": None,
            "d": "Nina",
        }


class TestColumns:
    @pytest.mark.parametrize(
        ("name", "values", "reason"),
        [
            ("length", [1, 2, 3, 4], "the length of the file"),
            ("Length", [1, 2, 3, 4], "the length of the file"),
            ("", [0, 1, 2, 3], "no name"),
            ("id", [0, 1, 2, 3], "a number of the row"),
            ("title", ["p", "q", "r", "s"], "not numeric, such as 'q'"),
            ("mixed", ["1", "2", "3", "three"], "not numeric, such as 'three'"),
            ("one", [7, 7, 7, 7], "one value alone"),
            ("one but gaps", [7, 7, 7, None], "one value alone"),
            ("mostly", [1, None, INF, NAN], "missing or infinite in 3 of 4 rows"),
            ("huge", [1e39, 1e39, -1e39, 1], "missing or infinite in 3 of 4 rows"),
            ("nothing", [None, None, None, None], "missing or infinite in 4 of 4 rows"),
        ],
    )
    def test_column_that_is_no_feature_is_left_out_with_its_reason(self, table, name, values, reason):
        corpus = table(small(**{name: values}))
        assert columns(corpus) == ["a", "b"]
        ((_, given),) = corpus.columns_left_out.items()
        assert reason in given
        assert unusable(corpus) == {}

    def test_yes_and_no_are_numbers(self, table):
        assert columns(table(small(live=[True, False, True, True]))) == ["a", "b", "live"]

    def test_column_that_varies_in_unusable_rows_alone_is_left_out(self, table):
        corpus = table(small(a=[None, 2, 3, 4], rest=[1, 0, 0, 0]))
        assert corpus.columns_left_out == {"rest": "one value alone"}
        assert list(unusable(corpus)) == ["d"]


class TestRows:
    @pytest.mark.parametrize("gap", [None, INF, -INF, 1e39])
    def test_row_with_a_gap_is_unusable(self, table, gap):
        reason = "1 of 2 columns are missing or infinite, such as b"
        assert unusable(table(small(b=[5.0, gap, 8, 7]))) == {"a": reason}

    def test_row_without_a_genre_is_unusable_where_others_have_one(self, table):
        corpus = table(small(genre=["x", None, "y", "y"]))
        assert unusable(corpus) == {"a": "has no genre, where other tracks have one"}
        assert unusable(table(small(genre=["x", None, "y", "y"]), labels="none")) == {}

    def test_twin_of_an_earlier_id_is_a_fault_and_another_genre_is_said(self, table):
        faults = {
            track.track_id: track.fault
            for track in table(small(a=[1, 1, 1, 2], b=[2, 2, 2, 3])).tracks()
            if track.fault
        }
        assert faults == {"c": "identical to a, which is x and not y", "d": "identical to a"}

    def test_twins_are_judged_by_usable_columns_and_rows_alone(self, table):
        corpus = table(small(a=[1, 1, None, 4], b=[5, 5, 5, 5], c=[0, -0.0, 0, 3], title=list("pqrs")))
        assert [track.track_id for track in corpus.tracks() if track.fault] == ["d"]


class TestChecksums:
    def test_change_of_a_value_is_a_change_of_its_row_alone(self, table):
        first, second = table(small()).checksums(), table(small(a=[1.0, 2, 3.5, 4])).checksums()
        assert {track for track in first if first[track] != second[track]} == {"c"}

    @pytest.mark.parametrize("change", [{"b": None, "z": [5.0, 6, 8, 7]}, {"note": ["p", "q", "r", "s"]}])
    def test_change_of_the_columns_is_a_change_of_all(self, table, change):
        first, second = table(small()).checksums(), table(small(**change)).checksums()
        assert all(first[track] != second[track] for track in first)

    def test_order_of_the_rows_does_not_matter(self, table):
        shuffled = pd.DataFrame(small()).iloc[[2, 0, 3, 1]]
        assert table(shuffled).checksums() == table(small()).checksums()


class TestSubset:
    def test_chosen_rows_are_one_file_named_by_its_content(self, table, tmp_path):
        corpus = table(small(b=[5.0, None, 8, 7]))
        chosen = sample(corpus.tracks(), per_genre=None, seed=0)
        subset = collect_subset(corpus, chosen, tmp_path / "out", clip_seconds=30)
        (file,) = (tmp_path / "out").iterdir()
        assert {row.file for row in subset.tracks} == {file.name}
        assert [row.track_id for row in subset.tracks] == [track.track_id for track in chosen.tracks]
        assert [row.row for row in subset.tracks] == [0, 1, 2]
        pd.testing.assert_frame_equal(pd.read_parquet(file), corpus.features(chosen.tracks))
        assert subset.rejected == [("a", "nothing", "1 of 2 columns are missing or infinite, such as b")]
        assert subset.facts == {"columns": 2, "columns_left_out": {}}
        again = collect_subset(corpus, chosen, tmp_path / "again", clip_seconds=30)
        assert again == subset

    def test_no_usable_row_is_an_error_with_the_first_reason(self, table, tmp_path):
        corpus = table({"track_id": ["p", "q", "r", "s"], "a": [1, 2, None, None], "b": [None, None, 1, 2]})
        chosen = sample(corpus.tracks(), per_genre=None, seed=0)
        with pytest.raises(
            CorpusNotFoundError, match=r"none of the 4 tracks can be used; the first: .: 1 of 2 columns"
        ):
            collect_subset(corpus, chosen, tmp_path / "out", clip_seconds=30)


class TestKaggleTable:
    @pytest.fixture
    def kaggle(self, test_data):
        return open_corpus(DataConfig(corpus="table", root=str(test_data / "gtzan_features_30_sec.csv")))

    def test_works_as_it_is(self, kaggle):
        assert len(kaggle.tracks()) == 1000
        assert len(columns(kaggle)) == 57
        assert list(kaggle.columns_left_out) == ["length"]
        assert len({track.genre for track in kaggle.tracks()}) == 10
        assert unusable(kaggle) == {}
        assert len(sample(kaggle.tracks(), per_genre=None, seed=0).tracks) == 986
        assert len(sample(kaggle.tracks(), per_genre=None, seed=0, exclude_faults=False).tracks) == 1000

    def test_finds_the_published_twins_by_value(self, kaggle):
        found = {track.track_id: track.fault for track in kaggle.tracks() if track.fault}
        published = {track: reason for track, reason in known_faults().items() if "identical" in reason}
        assert {track: reason.split(",")[0] for track, reason in found.items()} == published
        assert found["rock.00016"] == "identical to metal.00058, which is metal and not rock"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        ("track_id,a\n", "has no rows"),
        ("name,a,b\nx,1,2\n", r"has neither track_id nor filename among its 3 columns \(name, a, b, ...\)"),
        ("track_id,a\nx,1\nx,2\n", "has 'x' 2 times in the column track_id; give each row"),
        ("filename,a\nx.wav,1\nx.au,2\n", "has 'x' 2 times in the column filename"),
        ("track_id,a\nx,1\n,2\n", "has 1 rows without a name"),
        (
            "track_id,genre\nx,1\ny,2\n",
            r"has no column to use as a feature \(there is none\); give a table with numbers",
        ),
        ("track_id,a\nx,p\ny,q\n", r"no column to use as a feature \(a: not numeric, such as 'p'\)"),
        ("track_id,a\nx,1\n", r"no column to use as a feature \(a: one value alone\)"),
        ("name;a\nx;1\n", r"has neither track_id nor filename among its 2 columns \(name, a"),
        ("track_id,a\nx,1,2\ny,2\n", "cannot be read"),
        ("track_id,a,Track_Id\nx,1,2\ny,2,3\n", "has the column 'track_id' 2 times; keep one"),
    ],
)
def test_table_that_cannot_serve_is_one_line(tmp_path, content, message):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(ConfigError, match=message) as caught:
        open_corpus(DataConfig(corpus="table", root=str(tmp_path / "t.csv"))).tracks()
    assert "\n" not in str(caught.value)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize(("name", "message"), [("", "is a folder"), ("nowhere.csv", "does not exist")])
def test_root_that_is_no_file_is_named(tmp_path, name, message):
    with pytest.raises(CorpusNotFoundError, match=rf"{message}; expected a .csv or .parquet file of features"):
        open_corpus(DataConfig(corpus="table", root=str(tmp_path / name))).tracks()


def test_table_as_another_corpus_says_which_one_it_is(tmp_path):
    (tmp_path / "t.csv").write_text("track_id,a\n")
    with pytest.raises(ArchiveError, match="a table of features needs corpus: table"):
        open_corpus(DataConfig(corpus="gtzan", root=str(tmp_path / "t.csv")))


@given(MATRICES)
def test_what_is_used_has_no_gap_and_varies(values):
    used = usable_columns(values)
    rest = values[used.complete][:, used.columns]
    assert np.isfinite(rest).all()
    assert set(used.columns) | set(used.left_out) == set(range(values.shape[1]))
    assert not set(used.columns) & set(used.left_out)
    if used.complete.sum() > 1:
        assert (rest.max(axis=0, initial=-INF) > rest.min(axis=0, initial=INF)).all()


@given(MATRICES, st.randoms())
def test_order_of_rows_and_columns_does_not_matter(values, random):
    rows, order = (random.sample(range(n), n) for n in values.shape)
    used, shuffled = usable_columns(values), usable_columns(values[rows][:, order])
    assert {order[i] for i in shuffled.columns} == set(used.columns)
    assert {order[i]: reason for i, reason in shuffled.left_out.items()} == used.left_out
    np.testing.assert_array_equal(shuffled.complete, used.complete[rows])


@given(arrays.arrays(np.float32, (8, 2), elements=st.sampled_from([np.float32(x) for x in (0.0, -0.0, 1.0)])))
def test_of_identical_rows_one_is_no_twin(values):
    names = list("abcdefgh")
    found = twins(values, names)
    assert len(values) - len(found) == len(np.unique(values + 0, axis=0))
    for name, original in found.items():
        assert original < name
        np.testing.assert_array_equal(values[names.index(name)], values[names.index(original)])
