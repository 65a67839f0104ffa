import pandas as pd
import pytest

from mlproject.corpus.user_tables import read_artists
from mlproject.errors import ConfigError


def write(path, text):
    path.write_text(text)
    return path


def test_text_stays_text_and_blank_is_unknown(tmp_path):
    path = write(tmp_path / "a.csv", "track_id,artist\n0001, NA \n0002,\n0003,None\n")
    assert read_artists(path) == {"0001": "NA", "0003": "None"}


@pytest.mark.parametrize("header", ["track_id,artist_group", "Track_ID, Artist_Group", "\ufefftrack_id,artist_group"])
def test_groups_of_artists_serve_too_in_any_case(tmp_path, header):
    assert read_artists(write(tmp_path / "a.csv", f"{header}\nx,007\n")) == {"x": "007"}


def test_artist_goes_before_its_group(tmp_path):
    assert read_artists(write(tmp_path / "a.csv", "artist_group,artist,track_id\n1,Nina,x\n1,,y\n")) == {"x": "Nina"}


def test_parquet_with_ids_as_its_index_and_numbers_as_groups(tmp_path):
    frame = pd.DataFrame({"artist": [3, None]}, index=pd.Index(["x", "y"], name="track_id"), dtype="Int64")
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_artists(tmp_path / "a.parquet") == {"x": "3"}


def test_published_list_of_gtzan_works_as_it_is(test_data):
    artists = read_artists(test_data / "gtzan_tracks.csv")
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
