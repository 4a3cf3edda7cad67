"""Patterns: which ones are generated for JavaScript, and that none of these is slow."""

from __future__ import annotations

import re

import pytest
from fal_codegen.document.patterns.javascript import to_javascript
from fal_codegen.document.patterns.rust import matches, to_rust

SLOW = [
    "^(a+)+$", "^(a*)*$", "^(a|a)*$", "^(a|aa)+$", "^(?:a?){30}a{30}$", "^a*a*$", r"^\s*\s*$",
    r"^(\w+\s?)*$", "^(?:(?:|)b)*$", "(x+x+)+y", r"^a.*b.*c$", "^(.*a){12}", "x[a-z]*@",
    r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@[a-z0-9]+$", "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^(?:a{0,9}){0,9}$", "^(?:" + "(?:a|a)" * 30 + ")$", "^(?:[ab]|[bc])+$", r"^(?:\w|\d)+$",
    r"^(?:[^\d]|[a-z])+$", r"^(?:.|\s)*$",
]  # fmt: skip
SOUND = [
    r"^\w+$", "^[a-c]+$", "(a|b)?c{2,3}", r"\d{4}-\d\d", r"^https?://[^\s/]+/?", "^(jpg|jpeg|png)$",
    "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", "^.{1,500}$", r"^[^@]+@[^@]+\.[a-z]+$", "a|b|",
    "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "^[a-z]+(-[a-z]+)*$", r"^\d+(?:\.\d+)*:\d+$",
    "[0-9a-f]{32}", r"\d{10}", "id-[a-z]{2,50}@x",
]  # fmt: skip


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_can_be_slow_is_refused(pattern: str) -> None:
    assert to_javascript(pattern) == ("", "backtracking-pattern")


@pytest.mark.parametrize("pattern", SOUND)
def test_a_pattern_that_cannot_be_slow_is_kept(pattern: str) -> None:
    assert to_javascript(pattern).source


@pytest.mark.parametrize(
    ("pattern", "shorter"),
    [("[a-c.]+@x", "[a-c.]@x"), ("(?:ab)*?$", "$"), ("[ab]{2,}c+", "[ab]{2}c")],
)
def test_a_search_need_not_try_every_start_of_a_run(pattern: str, shorter: str) -> None:
    """`a+b` matches anywhere in a text exactly if `ab` does, which takes one pass to find."""
    assert to_javascript(pattern).source == shorter
    for text in ("", "a.b@x", "ab", "abab", "cbac", "aabcc", "@x", "..@x.", "abbbc"):
        assert bool(re.search(pattern, text)) == bool(re.search(shorter, text))


def test_the_bounds_of_the_analysis_hold() -> None:
    """A pattern that is too large to analyse is rejected quickly."""
    assert to_javascript("^" + "[ab]?" * 5_000 + "$").refusal == "backtracking-pattern"
    assert to_javascript("^(?:" + "|".join(f"(?:a{'b' * n})*" for n in range(60)) + ")$").refusal
    assert to_javascript("(" * 200 + "a" + ")" * 200).refusal == "unportable-pattern"


@pytest.mark.parametrize(
    ("pattern", "refusal"),
    [
        ("(?i)abc", "unportable-pattern"),
        (r"\Aabc\z", "unportable-pattern"),
        (r"\p{Greek}", "unportable-pattern"),
        (r"\bword\b", "unportable-pattern"),
        (r"[a-\d]", "unportable-pattern"),
        (r"[\W]", "unportable-pattern"),
        ("a{2}{3}", "unportable-pattern"),
    ],
)
def test_what_javascript_lacks_or_reads_otherwise_is_refused(pattern: str, refusal: str) -> None:
    assert to_javascript(pattern).refusal == refusal


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        (r"^\d$", r"^\p{Nd}$"),
        (r"^[^\s]$", r"^[^\p{White_Space}]$"),
        ("^.$", r"^[^\n]$"),
        (r"^\u{1F600}\x{41}$", r"^\u{1F600}\u{41}$"),
        ("^(?<year>[0-9])/$", "^(?:[0-9])/$"),
        (r"^\/[\-a]$", r"^\/[\-a]$"),
    ],
)
def test_what_both_mean_is_written_as_javascript_has_it(pattern: str, source: str) -> None:
    assert to_javascript(pattern).source == source


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)b", "(?<!a)b", r"(a)\1", "[a[b]]", "[a&&b]", "[[:alpha:]]", r"\<word\>", r"\b{start}a",
     "a{,3}", "[a", 5],
)  # fmt: skip
def test_what_rust_lacks_or_reads_otherwise_is_refused(pattern: object) -> None:
    assert to_rust(pattern) is None


def test_halves_of_a_character_become_one() -> None:
    pattern = to_rust(r"^\ud83d\ude00+$")
    assert pattern == r"^\u{1F600}+$"
    assert matches(pattern, "😀😀") and not matches(pattern, "x")
