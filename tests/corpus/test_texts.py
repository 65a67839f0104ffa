"""Texts of many programs and languages -> the same words."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.corpus.texts import as_joined, by_name, read_lyrics, read_text
from mlproject.errors import TextSourceError

FRENCH = "Où est le garçon? Ça va très bien, déjà été à l'hôtel"
RUSSIAN = "Я помню чудное мгновенье, передо мной явилась ты"
JAPANESE = "夜の街を歩いていく君の声が聞こえる"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["plain words of a song", FRENCH, RUSSIAN])
def test_unicode_of_every_kind_is_read(text, encoding):
    assert read_text(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        ("I’m on fire – and you don’t care", "cp1252"),
        ("café", "latin-1"),
        (RUSSIAN, "cp1251"),
        ("Катюша", "cp1251"),
        (JAPANESE, "shift_jis"),
        ("月亮代表我的心 你问我爱你有多深", "gbk"),
        ("Zażółć gęślą jaźń, pieśń o miłości", "cp1250"),
    ],
)
def test_older_encodings_are_found_out_and_named(text, encoding):
    found = read_text(text.encode(encoding))
    assert found.text == text
    assert found.encoding != "utf-8"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"RIFF$\xac\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0", bytes(range(256))]
)
def test_other_kinds_of_files_are_no_text(content):
    with pytest.raises(TextSourceError, match="is no text"):
        read_text(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_text_or_are_refused(content):
    with suppress(TextSourceError):
        assert isinstance(read_text(content).text, str)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=100))
def test_utf_8_is_read_as_it_is(text):
    assert read_text(text.encode()).text == text.removeprefix("\ufeff")


def test_time_stamps_and_headers_of_an_lrc_file_are_no_words():
    content = b"[ar:Somebody]\r\n[00:12.00]First <00:12.50>line\r\n[00:17.2][01:00]Second line\n\n[02:00.00]\n"
    assert read_lyrics(content, timed=True).text == "First line\nSecond line"
    assert read_lyrics(b"[Chorus]\nla la", timed=True).text == "[Chorus]\nla la"


def test_stray_control_characters_leave_a_text_a_text():
    assert "la" in read_text(b"la la la " * 50 + b"\x7f").text
    assert read_text(b"la la la " * 50 + b"\x1a").text == "la la la " * 50


def test_a_text_larger_than_lyrics_is_refused():
    with pytest.raises(TextSourceError, match="is larger than 1 MiB"):
        read_lyrics(b"la " * 400_000, timed=False)


def test_names_join_whatever_their_form_and_blanks():
    assert as_joined(" e\u0301tude ") == as_joined("étude") == unicodedata.normalize("NFC", "étude")


def test_names_of_two_forms_keep_what_is_their_own():
    composed, apart = "étude", "e\u0301tude"
    assert by_name({composed: "one", apart: "two"}, [apart, composed]) == {composed: "one", apart: "two"}
    assert by_name({composed: "one"}, [apart, "other"]) == {apart: "one"}
    assert by_name({apart: "two"}, [composed]) == {composed: "two"}
