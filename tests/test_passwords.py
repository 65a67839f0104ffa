"""Passwords in addresses and messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlproject.passwords import has_password, hide_passwords

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://user:{SECRET}@host/base",
        f"postgresql+psycopg://user:{SECRET}:{SECRET}@host:5432/base",
        f"postgresql://user:{SECRET}@{SECRET}@host/base",
        f"postgresql://user:{SECRET}/{SECRET}@host/base",
        f"postgresql://:{SECRET}@host/base",
        f"postgresql://host/base?user=me&password={SECRET}&sslmode=require",
        f"http://host/?access_token={SECRET}",
        f"connection to 'http://user:{SECRET}@host:5000' failed: password={SECRET}",
        f"host=localhost PASSWORD = {SECRET}",
        f"postgresql://host/base?password={SECRET},{SECRET};{SECRET}",
        f"password='{SECRET} and more'",
        f'{{"password": "{SECRET}"}}',
        f"postgresql://user:it's{SECRET}@host/base",
        f"https://{SECRET}@host/repository.git",
        f"storage=postgresql://user:{SECRET}@host/base",
    ],
)
def test_a_password_is_hidden_wherever_an_address_has_it(text):
    assert SECRET not in hide_passwords(text)
    assert has_password(text)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:////home/me/checkout/mlflow.db",
        "postgresql://user@host/base",
        "http://127.0.0.1:5000/#/experiments/0",
        "latent_dim=64",
        "http://127.0.0.1:5000/#/models/genre-clusters@champion",
        "max_token=5",
        "give passwords in PGPASSWORD, ~/.pgpass or MLPROJECT_STUDY_STORAGE",
        "ratio 3:4 at noon @ home",
    ],
)
def test_what_has_no_password_stays_as_it_is(text):
    assert hide_passwords(text) == text
    assert not has_password(text)


@given(st.text(st.characters(exclude_characters=" \t\n'\"", exclude_categories=("Z", "C")), min_size=3, max_size=20))
def test_any_password_is_hidden(password):
    shown = hide_passwords(f"mysql://someone:{password}@server/base")
    assert shown == "mysql://someone:***@server/base"
