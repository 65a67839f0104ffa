"""YAML -> plain values, without YAML's surprises: one line says which key is wrong, and why.

Refused are duplicate keys, aliases (a few lines of them can mean billions of values), nesting deeper than any
configuration, keys that are no words, and numbers that mean another one than they say: in YAML 1.1, ``1:30`` is 90
and ``017`` is 15. Dates stay text.
"""

import re
from typing import Any, NoReturn

import yaml

from mlproject.errors import ConfigError

__all__ = ["load_yaml"]

DEEPEST = 20
LARGEST = 1 << 20  # characters; PyYAML reads some 100,000 a second
DATE, SURPRISE = "tag:yaml.org,2002:timestamp", "!surprise"
_SURPRISE = re.compile(
    r"[-+]?(0[0-9_]+(\.[0-9_]*)?|0[bx][0-9a-fA-F_]+|[0-9]+_[0-9_.]*|[0-9]+(:[0-5]?[0-9])+(\.[0-9_]*)?)"
)


class _Loader(yaml.SafeLoader):
    """PyYAML's loader of plain values, which raises `ConfigError` for what is refused."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._keys: list[str] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        has_key = isinstance(parent, yaml.MappingNode) and isinstance(index, yaml.ScalarNode)
        self._keys.append(str(index.value) if has_key else "")
        if self.check_event(yaml.AliasEvent):
            self._refuse("is an alias; write the value itself")
        if len(self._keys) > DEEPEST:
            self._refuse(f"is nested more than {DEEPEST} levels deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode):
            self._check_scalar(node)
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
        self._keys.pop()
        return node

    def _check_scalar(self, node: yaml.ScalarNode) -> None:
        if node.tag == SURPRISE:
            self._refuse(f"{_shown(node)} is another number in YAML than it seems; use digits alone, or quotes")
        try:
            self.construct_object(node)
            node.value.encode()
        except (ValueError, OverflowError, LookupError, AttributeError):  # UnicodeError is a ValueError
            self._refuse(f"{_shown(node)} cannot be read as {node.tag.rsplit(':', 1)[-1]}")

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen = set[str]()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                self._refuse(f"has the key {_shown(key)}, which is no word; it needs 'key: value'")
            if key.value in seen:
                self._refuse(f"has {key.value!r} twice; keep one")
            seen.add(key.value)

    def _refuse(self, reason: str) -> NoReturn:
        place = ".".join(filter(None, self._keys))
        raise ConfigError(f"{place[:80]} {reason}".strip())


def _plain_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return PyYAML's rules for what plain words are, ours for numbers first and without dates."""
    rules = {
        first: [rule for rule in known if rule[0] != DATE]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "-+0123456789":
        rules[first] = [(SURPRISE, re.compile(f"(?:{_SURPRISE.pattern})$")), *rules.get(first, [])]
    return rules


_Loader.yaml_implicit_resolvers = _plain_resolvers()


def load_yaml(text: str) -> Any:
    """Read a YAML document.

    Raises
    ------
    ConfigError
        If it is no YAML, or has what this project refuses; the message names the key, and is one line.
    """
    if len(text) > LARGEST:
        raise ConfigError(f"it has {len(text):,} characters, where no configuration has more than {LARGEST:,}")
    try:
        return yaml.load(text, Loader=_Loader)
    except ConfigError:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # of letters that there are not, too
        raise ConfigError(f"it is no YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ConfigError(f"it is nested more than {DEEPEST} levels deep") from error


def _shown(node: yaml.Node) -> str:
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else "a list or a mapping"
    return repr(text if len(text) <= 40 else text[:37] + "...")
