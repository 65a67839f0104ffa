"""YAML without surprises."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlproject.config.strict_yaml import load_yaml
from mlproject.errors import ConfigError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab:1-. ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_what_was_dumped_is_read(value):
    assert load_yaml(yaml.safe_dump(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: !!int abc", "a 'abc' cannot be read"),
        (f"a: {'9' * 5000}", "a '9999.*cannot be read"),
        ("a: 1:30", "a '1:30' is another number in YAML than it seems"),
        ("a: 017", "a '017' is another number"),
        ("a: [1, 08]", "a '08' is another number"),
        ("a: {b: {c: 1:2:3}}", r"a\.b\.c '1:2:3' is another number"),
        ("a: 1\na: 2", "has 'a' twice; keep one"),
        ("x:\n  a: 1\n  a: 2", "x has 'a' twice"),
        ("a: &x [1]\nb: *x", "b is an alias; write the value itself"),
        ("a: " + "[" * 2000 + "]" * 2000, "a is nested more than 20 levels deep"),
        ("{" * 3000, "nested more than 20 levels deep|no YAML"),
        ("[1]: 2", "has the key 'a list or a mapping', which is no word"),
        ("a: !!python/object/apply:os.system [ls]", "it is no YAML: could not determine a constructor"),
        ('a: "\\UFFFFFFFF"', "it is no YAML"),
        ("a: b: c", "it is no YAML: mapping values are not allowed"),
        ("a: \0", "it is no YAML"),
        ("# " + "x" * 2_000_000, "it has 2,000,002 characters"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_surprise_is_one_line_with_its_key(text, reason):
    with pytest.raises(ConfigError, match=reason) as caught:
        load_yaml(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_bomb_of_aliases_is_refused_at_once():
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(ConfigError, match="is an alias"):
        load_yaml("\n".join(lines))


def test_dates_stay_text_and_numbers_numbers():
    assert load_yaml("a: 2026-02-31\nb: 0\nc: -0.5\nd: 10\ne: '017'") == {
        "a": "2026-02-31",
        "b": 0,
        "c": -0.5,
        "d": 10,
        "e": "017",
    }


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        load_yaml(text)
    except ConfigError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most texts are no error
