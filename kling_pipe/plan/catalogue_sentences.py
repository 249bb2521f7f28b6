"""The rules and conditions of a catalogue as sentences for people, made from the lines that are checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, mapping, number, sequence, severity, text, texts
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_rules import is_absence, shown


def rules_in_words(offer: Offer) -> tuple[str, ...]:
    """The rules that a step of an offer can break, about what it takes."""
    told = []
    for rule in offer.rules:
        data = _about(rule.data, offer.fields)
        if rule.about <= offer.fields.keys() and _demands_something(data):
            told.append(rule_words(data))
    return tuple(told)


def rule_words(rule: Data) -> str:
    """`with `image_tail`: needs `mode: pro``."""
    when = mapping(rule, "when")
    if len(when) == 1 and list(when) == list(texts(rule, "forbid")) and severity(rule) is Severity.ERROR:
        return f"does not take {_condition(*next(iter(when.items())))}"  # which is a value of what it else takes
    conditions = condition_words(when, mapping(rule, "when_any"))
    demands = []
    wanted = mapping(rule, "require")
    there = {key: one for key, one in wanted.items() if not is_absence(one)}
    demands += [f"needs {_all_of(there)}"] if there else []
    demands += [f"takes no {_absence(key, one)}" for key, one in wanted.items() if key not in there]
    if "require_any" in rule:
        either = mapping(rule, "require_any")
        demands.append(f"needs {' or '.join(_one(key, wanted) for key, wanted in either.items())}")
    if "forbid" in rule:
        demands.append(f"takes no {' and no '.join(f'`{key}`' for key in texts(rule, 'forbid'))}")
    if "limit" in rule:
        demands.append(_figure_words(mapping(rule, "limit")))
    sent = ", and it is not sent" if text(rule, "code") == "not-sent" else ""
    soft = f" (a {severity(rule)}{sent})" if severity(rule) is not Severity.ERROR else ""
    return f"{conditions}: {', '.join(demands)}{soft}" if conditions else f"{', '.join(demands)}{soft}"


def condition_words(every: Data, either: Data | None = None) -> str:
    """`with `image` and `sound: true`, without `video``; empty where nothing is asked."""
    there = [_condition(key, wanted) for key, wanted in every.items() if not is_absence(wanted)]
    there += [" or ".join(_condition(key, wanted) for key, wanted in either.items())] if either else []
    gone = [_absence(key, wanted) for key, wanted in every.items() if is_absence(wanted)]
    parts = [f"with {' and '.join(there)}"] if there else []
    parts += [f"without {' and '.join(gone)}"] if gone else []
    return ", ".join(parts)


def bounds_words(limit: Data, noun: str = "") -> str:
    """`3 to 15`, `at most 2500 characters`."""
    low, high = number(limit, "min"), number(limit, "max")
    tail = f" {noun}" if noun else ""
    if low is None:
        return f"at most {high:g}{tail}" if high is not None else ""
    if low == high:
        return f"{low:g}{tail}"
    return f"{low:g} to {high:g}{tail}" if high is not None else f"at least {low:g}{tail}"


def _about(rule: Data, fields: Data) -> Data:
    """A rule without what a model does not take anyway."""
    limit = mapping(rule, "limit")
    items = {"items": [key for key in texts(limit, "items") if key in fields]} if "items" in limit else {}
    when = {key: wanted for key, wanted in mapping(rule, "when").items() if key in fields or not is_absence(wanted)}
    forbid = [key for key in texts(rule, "forbid") if key in fields]
    either = {key: wanted for key, wanted in mapping(rule, "require_any").items() if key in fields}
    return {
        **rule,
        "when": when,
        **({"forbid": forbid} if "forbid" in rule else {}),
        **({"require_any": either} if "require_any" in rule else {}),
        **({"limit": {**limit, **items}} if limit else {}),
    }


def _demands_something(rule: Data) -> bool:
    return any(form in rule for form in ("require", "require_any", "limit")) or bool(texts(rule, "forbid"))


def _absence(key: str, wanted: object) -> str:
    return f"`{key}`" if not isinstance(wanted, Mapping) else _condition(key, wanted["not"])


def _all_of(conditions: Data) -> str:
    return " and ".join(_condition(key, wanted) for key, wanted in conditions.items())


def _one(key: str, wanted: object) -> str:
    if isinstance(wanted, Mapping) and "not" in wanted:
        return f"`{key}` other than {shown(wanted['not'])}"
    return _condition(key, wanted)


def _condition(key: str, wanted: object) -> str:
    if wanted == "present":
        return f"`{key}`"
    if wanted == "list":
        return f"a list of `{key}`"
    if isinstance(wanted, list | tuple):
        return f"`{key}: {' or '.join(shown(value) for value in wanted)}`"
    if not isinstance(wanted, Mapping):
        return f"`{key}: {shown(wanted)}`"
    if "in" in wanted:
        return f"`{key}` of {text(wanted, 'in').replace('-', ' ')}"
    if "contains" in wanted:
        return f"`{text(wanted, 'contains')}` in the `{key}`"
    if "length" in wanted:
        return f"`{key}` of {bounds_words(mapping(wanted, 'length'), 'characters')}"
    if "items" in wanted:
        return f"{bounds_words(mapping(wanted, 'items'))} of `{key}`"
    return f"`{key}` of {bounds_words(wanted)}"


def _figure_words(limit: Data) -> str:
    return f"{terms_words(limit)}: {bounds_words(limit)}"


def terms_words(limit: Data) -> str:
    """`` `a` + `b` − `c` ``, or a product of such sums."""
    if "product" in limit:
        return " × ".join(f"(1 + {_plus(keys)})" for keys in sequence(limit, "product"))
    terms = _plus(texts(limit, "items") or texts(limit, "sum"))
    return " − ".join([terms, *(f"`{key}`" for key in texts(limit, "minus"))])


def _plus(keys: object) -> str:
    several: Iterable[object] = keys if isinstance(keys, list | tuple) else (keys,)
    return " + ".join(f"`{key}`" for key in several)
