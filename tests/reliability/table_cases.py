"""Tables of features, of lyrics and of artists."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlproject.corpus.texts import read_lyrics
from tests.reliability.outcomes import Case, Outcome, artists, listed, table, words_of_table

FEATURES = "track_id,genre,a,b\nx,rock,1.5,2\ny,pop,2.5,1\nz,rock,0.5,4\n"


def cases() -> Iterator[Case]:
    def case(what: str, content: str | bytes, **config: object) -> Case:
        return Case("Tables", what, lambda folder: table(folder, content, **config))  # type: ignore[arg-type]

    yield case("a good CSV", FEATURES)
    yield case("semicolons and decimal commas", FEATURES.replace(",", ";").replace(".", ","))
    yield case("tabs", FEATURES.replace(",", "\t"))
    yield case("a first line sep=;", "sep=;\n" + FEATURES.replace(",", ";"))
    yield case("lines of comments before the header", "# made by a program\n# in 2026\n" + FEATURES)
    yield case("Latin-1", FEATURES.replace("pop", "ménestrel").encode("latin-1"))
    yield case("UTF-16", FEATURES.encode("utf-16"))
    yield case("a byte order mark", FEATURES.encode("utf-8-sig"))
    yield case("genres in a column class_name", FEATURES.replace("genre", "class_name"))
    yield case("the same, with label_column", FEATURES.replace("genre", "class_name"), label_column="class_name")
    yield case("genres as numbers in a column target", "track_id,target,a\nx,0,1\ny,1,2\nz,0,3\n")
    yield case("a label_column that is not there", FEATURES, label_column="gnre")
    yield case("no genres at all, labels: none", "track_id,a\nx,1\ny,2\n", labels="none")
    yield case("genres that differ in case", FEATURES.replace("z,rock", "z,Rock"))
    yield case("ten segments of each track", "filename,label,a\n" + _segments())
    parts = "".join(f"song{track}_{part:02}.wav,blues,{track}.{part}\n" for track in range(3) for part in range(10))
    yield case("segments named song1_00 to song1_09", "filename,label,a\n" + parts)
    numbered = "".join(
        f"{disc}.{track},{'ab'[track % 2]},{disc * 9 + track}\n" for disc in (1, 2) for track in range(5)
    )
    yield case("tracks named disc.track", "track_id,genre,a\n" + numbered)
    yield case("no genre in any row", "track_id,a\nx,1\ny,2\nz,3\n")
    yield case("genres as numbers in a column genreID", "track_id,genreID,a\nx,0,1\ny,1,2\nz,0,3\n")
    yield case("semicolons, decimal points and one 1,100", "track_id;genre;a;b\nx;p;0.5;1,100\ny;q;1.5;2\nz;p;2.5;3\n")
    yield case("semicolons and quoted decimal commas", 'track_id;genre;a\nx;p;"1,5"\ny;q;"2,5"\n')
    yield case("a first line sep=;;;", "sep=;;;\n" + FEATURES.replace(",", ";"))
    yield case(
        "UTF-8 with one wrong byte",
        FEATURES.replace("pop", "ménestrel à l'été").encode().replace(b"rock", b"r\xffck", 1),
    )
    yield case(
        "a header that begins with #",
        "#," + FEATURES.replace("\nx", "\n0,x").replace("\ny", "\n1,y").replace("\nz", "\n2,z"),
    )
    yield case(
        "200 rows of 2,000 empty cells",
        "track_id\tgenre\ta"
        + "\t" * 2000
        + "\n"
        + "".join(f"t{i}\tg{i % 2}\t{i}" + "\t" * 2000 + "\n" for i in range(200)),
    )
    yield case("an id twice", FEATURES + "x,rock,3,3\n")
    yield case("a row without an id", FEATURES + ",rock,3,3\n")
    yield case("a row that is longer than the header", FEATURES + "w,rock,3,3,3\n")
    yield case("a missing value", FEATURES + "w,rock,,3\n")
    yield case("a genre that is missing", FEATURES + "w,,1,3\n")
    yield case("two rows that are the same", FEATURES + "w,pop,1.5,2\n")
    yield case("infinite values", FEATURES + "w,rock,inf,3\n")
    yield case("numbers beyond all measure", FEATURES + "w,rock,1e999,3\n")
    yield case("no column of ids", "name,a\nx,1\n")
    yield case("a header alone", "track_id,genre,a\n")
    yield case("an empty file", "")
    yield case("one binary zero", FEATURES.encode() + b"\0")
    yield case("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + os.urandom(8) * 0)
    yield case("a CSV named .parquet", FEATURES, name="features.parquet")
    yield case("a table of another suffix", FEATURES, name="features.xlsx")
    yield Case("Tables", "a pipe named .csv", _pipe)
    yield from lyrics()


def _segments() -> str:
    return "".join(f"blues.0000{track}.{part}.wav,blues,{track}{part}\n" for track in range(3) for part in range(10))


def _pipe(folder: Path) -> Outcome:
    os.mkfifo(folder / "features.csv")
    return listed(folder / "features.csv", folder, corpus="table")


def lyrics() -> Iterator[Case]:
    french, russian = "Où est le garçon? Ça va très bien, déjà été à l'hôtel", "Я помню чудное мгновенье"
    for what, content in (
        ("a text in UTF-8 with a byte order mark", french.encode("utf-8-sig")),
        ("a text in UTF-16", russian.encode("utf-16")),
        ("a text in UTF-16 without a byte order mark", "plain words of a song".encode("utf-16-le")),
        ("a text in Windows-1252", french.encode("cp1252")),
        ("a text in Windows-1251", russian.encode("cp1251")),
        ("a text in Shift JIS", "夜の街を歩いていく君の声が聞こえる".encode("shift_jis")),
        ("a picture named .txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a text of 2 MB", b"la " * 700_000),
        ("an .lrc with time stamps", b"[ar:Somebody]\n[00:12.00]First line\n[00:17.20]Second line"),
    ):
        yield Case("Lyrics", what, lambda _, content=content, timed=".lrc" in what: _text(content, timed=timed))  # type: ignore[misc]

    def case(what: str, content: str | bytes) -> Case:
        return Case("Lyrics", what, lambda folder: words_of_table(folder, content))

    yield case("a table of texts", "track_id,text\nx,la la\ny,lo lo\n")
    yield case("a table with blanks around ids and texts", "track_id,text\n x , la la \n")
    yield case("a table with an id in another Unicode form", "track_id,text\ne\u0301tude,la la\n")
    yield case("a table in semicolons and Latin-1", "track_id;text\nx;garçon\n".encode("latin-1"))
    yield case("a table with ids that are numbers", "track_id,text\n000002,la la\n")
    yield case("a table without texts", "track_id,words\nx,la\n")
    yield case("a table with an id twice", "track_id,text\nx,la\nx,lo\n")
    yield Case("Lyrics", "a table of artists", lambda folder: artists(folder, "track_id,artist\nx,Somebody\ny,NA\n"))
    yield Case("Lyrics", "a table of artists without artists", lambda folder: artists(folder, "track_id,who\nx,y\n"))


def _text(content: bytes, *, timed: bool) -> Outcome:
    text, encoding = read_lyrics(content, timed=timed)
    return Outcome("used" if encoding == "utf-8" else "used, and said", f"{encoding}: {' / '.join(text.splitlines())}")
