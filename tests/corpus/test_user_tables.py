import pandas as pd
import pytest

from mlproject.corpus.user_tables import read_artists, read_text_table
from mlproject.errors import ConfigError, TextSourceError


def write(path, text):
    path.write_text(text)
    return path


def test_text_stays_text_and_blank_is_unknown(tmp_path):
    path = write(tmp_path / "a.csv", "track_id,artist\n0001, NA \n0002,\n0003,None\n")
    assert read_artists(path).values == {"0001": "NA", "0003": "None"}


@pytest.mark.parametrize("header", ["track_id,artist_group", "Track_ID, Artist_Group", "\ufefftrack_id,artist_group"])
def test_groups_of_artists_serve_too_in_any_case(tmp_path, header):
    assert read_artists(write(tmp_path / "a.csv", f"{header}\nx,007\n")).values == {"x": "007"}


def test_artist_goes_before_its_group(tmp_path):
    assert read_artists(write(tmp_path / "a.csv", "artist_group,artist,track_id\n1,Nina,x\n1,,y\n")).values == {
        "x": "Nina"
    }


def test_parquet_with_ids_as_its_index_and_numbers_as_groups(tmp_path):
    frame = pd.DataFrame({"artist": [3, None]}, index=pd.Index(["x", "y"], name="track_id"), dtype="Int64")
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_artists(tmp_path / "a.parquet").values == {"x": "3"}


def test_published_list_of_gtzan_works_as_it_is(test_data):
    artists = read_artists(test_data / "gtzan_tracks.csv").values
    assert len(artists) == 948
    assert len(set(artists.values())) == 412
    assert artists["blues.00000"] == "0"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", r"artists='.*a.txt': expected a file that ends in .csv or .parquet"),
        ("a.csv", "", r"a.csv' cannot be read \(No columns .*correct artists in conf/data.yaml or MLPROJECT_ARTISTS"),
        ("a.parquet", "no parquet", "a.parquet' cannot be read"),
        (
            "a.csv",
            "track_id,singer\nx,y\n",
            "has the columns track_id, singer; it needs track_id and artist or artist_g",
        ),
        ("a.csv", "artist\ny\n", "it needs track_id"),
        ("a.csv", "track_id,artist\nx,y\nx,z\n", "has 'x' twice; keep one row per track"),
        ("a.csv", "track_id,artist,Artist\nx,y,z\n", "has the column 'artist' 2 times"),
        ("a.csv", "track_id,artist\nx,y,z\n", "cannot be read"),
    ],
)
def test_file_that_cannot_serve_is_one_line(tmp_path, name, text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read_artists(write(tmp_path / name, text))
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere.csv' cannot be read .*correct artists in"):
        read_artists(tmp_path / "nowhere.csv")


@pytest.fixture(params=["csv", "parquet"])
def write_words(request, tmp_path):
    def write(**columns):
        path = tmp_path / f"words.{request.param}"
        frame = pd.DataFrame(columns)
        frame.to_csv(path, index=False) if request.param == "csv" else frame.to_parquet(path, index=False)
        return path

    return write


def test_table_gives_a_text_for_each_track_and_leaves_out_blank_ones(write_words):
    path = write_words(track_id=["a", "b", "c", "d"], text=[" words ", None, "  ", "more, words"], year=[1, 2, 3, 4])
    assert read_text_table(path).values == {"a": "words", "d": "more, words"}


def test_numbers_may_be_ids_and_texts(write_words):
    assert read_text_table(write_words(track_id=[1, 2], text=[10, 20])).values == {"1": "10", "2": "20"}


def test_ids_and_texts_stay_as_they_are_written(write_words):
    path = write_words(track_id=["000002", "1.0"], text=["words", "1999"])
    assert read_text_table(path).values == {"000002": "words", "1.0": "1999"}


def test_missing_column_is_named(write_words):
    with pytest.raises(TextSourceError, match=r"has the columns id, text; it needs track_id and text"):
        read_text_table(write_words(id=["a"], text=["x"]))


def test_track_that_comes_twice_is_named(write_words):
    with pytest.raises(TextSourceError, match="has 'b' twice; keep one row per track"):
        read_text_table(write_words(track_id=["a", "b", "b"], text=["x", "y", "z"]))


def test_missing_file_says_what_to_correct(tmp_path):
    with pytest.raises(TextSourceError, match=r"words.csv' cannot be read .*correct lyrics.file"):
        read_text_table(tmp_path / "words.csv")


@pytest.mark.parametrize(
    ("name", "content"), [("words.csv", b""), ("words.csv", b'a,b\n"'), ("words.parquet", b"PAR1")]
)
def test_damaged_file_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TextSourceError, match=r"lyrics.file="):
        read_text_table(tmp_path / name)


def test_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(TextSourceError, match=r"expected a file that ends in .csv or .parquet"):
        read_text_table(tmp_path / "words.json")


def test_what_was_found_out_about_the_format_is_said(tmp_path):
    (tmp_path / "words.csv").write_bytes("track_id;text\nx;garçon\n".encode("latin-1"))
    texts, notes = read_text_table(tmp_path / "words.csv")
    assert texts == {"x": "garçon"}
    assert notes == ["words.csv was read with semicolons between its cells, the encoding cp1252"]
    (tmp_path / "who.csv").write_text("track_id\tartist\nx\tNina\n", "utf-16")
    artists, notes = read_artists(tmp_path / "who.csv")
    assert artists == {"x": "Nina"}
    assert notes == ["who.csv was read with tabs between its cells, the encoding utf-16"]
