"""The pages: what they must contain.

The results are written by hand. Where the expected text matters, it comes from HTML's own rules, by way of the
parsers of the standard library, and not from the code that writes the page.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_samples import (
    HOSTILE,
    Page,
    claim,
    document,
    evidence,
    example,
    first_claim,
    hostile,
    mutant,
    site,
)

from verify.report import ReportError, render_site
from verify.report.tables import cell


def test_the_example_is_a_results_document() -> None:
    schema = Path(__file__).parents[2] / "verify" / "results.schema.json"
    jsonschema.validate(example(), json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("claims/multistage.eq7.html", "the data are symmetric"),
        ("claims/multistage.eq7.html", "the difference is zero as a polynomial"),
        ("claims/multistage.eq7.html", "at P = 1/3, Q = 2: 8/3 against 16/3"),
        ("claims/multistage.eq7.html", "1 of 2 caught, 1 not counted"),
        ("claims/multistage.eq7.html", "verify/papers/multistage/dynamics.py"),
        ("claims/multistage.eq7.html", "lemmata verify multistage.eq7 --effort quick --seed 20260504"),
        ("claims/multistage.eq7.html", "Used by multistage.prop4"),
        ("claims/multistage.prop4.html", "Rests on multistage.eq7"),
        ("claims/multistage.prop4.html", "full network, m = 1000"),
        ("claims/multistage.rem7.html", "expected SUPPORTED"),
        ("claims/multistage.prop4.html", "a choice made here where the paper leaves one open"),
        ("claims/multistage.rem7.html", '"counterexample"'),
        ("papers/paper-multistage.html", "Section 3.1"),
        ("papers/paper-multistage.html", "Section 4"),
        ("index.html", "A. Author, 2024"),
        ("index.html", "sympy"),
        ("index.html", "20260504"),
        ("index.html", "1 of 3 verdicts is not as expected"),
        ("index.html", "Negative controls caught 1 of 2"),
        ("index.html", "multistage.rem7 Title of multistage.rem7 is REFUTED, expected SUPPORTED"),
        ("graph.html", "eq7 Title of multistage.eq7 ✓ settled Used by prop4"),
        ("graph.html", "Rests on eq7"),
    ],
)
def test_the_pages_say_what_the_results_say(pages: dict[str, Page], address: str, wanted: str) -> None:
    assert wanted in pages[address].text


def test_there_is_a_page_for_each_claim_and_each_paper(pages: dict[str, Page]) -> None:
    claims = {f"claims/multistage.{name}.html" for name in ("eq7", "prop4", "rem7")}
    assert set(pages) == {"index.html", "graph.html", "papers/paper-multistage.html"} | claims


def test_verdicts_are_words_and_not_colour_alone(pages: dict[str, Page]) -> None:
    words = {data for tag, data in pages["index.html"].texts if tag == "span"}
    assert {"PROVED", "SUPPORTED", "REFUTED"} <= words


@pytest.mark.parametrize("made", [example, hostile])
def test_every_link_meets_a_place(made: Any) -> None:
    files = render_site(made())
    found = {name: Page(text.decode()) for name, text in files.items() if name.endswith(".html")}
    ids = {
        name: [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        for name, page in found.items()
    }
    for name, page in found.items():
        assert [id for id, times in Counter(ids[name]).items() if times > 1] == []
        for _, attributes in page.elements:
            for key in ("aria-labelledby", "aria-describedby", "for", "aria-controls"):
                for target in attributes.get(key, "").split():
                    assert target in ids[name]
            for key in ("href", "src"):
                if key not in attributes or attributes[key].startswith("#verdict="):
                    continue
                file, _, fragment = attributes[key].partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
                assert target in files
                if fragment and not fragment.startswith("paper="):
                    assert fragment in ids[target]


def test_a_claim_that_the_results_lack_is_named_and_not_linked(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    assert "sharpness.eq1 not among these results" in page.text
    assert not [one for one in page.named("a") if "sharpness" in one.get("href", "")]


def test_a_number_larger_than_any_float_is_shown() -> None:
    assert cell(10**400) == "1.000000e+400"
    assert cell(-(10**400)) == "−1.000000e+400"


def test_headings_are_in_order_and_landmarks_are_there(pages: dict[str, Page]) -> None:
    for page in pages.values():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert len(page.named("main")) == 1
        assert page.named("html") == [{"lang": "en"}]
        assert {"class": "skip", "href": "#main"} in page.named("a")


def test_tables_have_headers(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert all(attributes.get("scope") in ("col", "row", "rowgroup") for attributes in page.named("th"))
    assert len(pages["claims/multistage.prop4.html"].named("caption")) == 1


def test_long_tables_are_folded_away() -> None:
    table = {"columns": ["m"], "rows": [[m] for m in range(30)]}
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", table=table)])))
    assert "Values: 30 rows" in page.text
    assert "29" in page.text


def test_the_steps_of_a_derivation_are_shown_in_their_order() -> None:
    steps = [
        {"text": "The flow is derived from $R$.", "latex": r"\dot a = -\partial_a R"},
        {"text": "Its expansion.", "latex": r"\unknown{<b>}"},
        {"text": HOSTILE},
    ]
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", derivation=steps)])))
    assert "The flow is derived from R." in page.text
    assert page.text.index("Its expansion.") < page.text.index(r"\unknown{<b>}") < page.text.index("<script>")
    assert "Further data" not in page.text
    assert not page.named("img", "b")


@pytest.mark.parametrize("steps", ["one", [3], [{}], [{"text": ""}], [{"text": 3}]])
def test_what_is_no_derivation_is_shown_as_data(steps: Any) -> None:
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", derivation=steps)])))
    assert '"derivation"' in page.text


def test_long_numbers_are_shortened_and_kept(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    assert "4.12346" in page.text
    assert "4.123456789" in {attributes.get("title") for attributes in page.named("td")}


def test_figures_are_drawn_with_their_own_names_and_descriptions(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    drawn = [attributes for attributes in page.named("svg") if attributes.get("role") == "img"]
    assert len(drawn) == 3
    assert len({attributes["aria-labelledby"] for attributes in drawn}) == 3
    described = " ".join(data for tag, data in page.texts if tag == "desc")
    assert "y axis: loss, log" in described
    assert "T₁ at 2.1" in described


def test_the_same_results_make_the_same_report() -> None:
    assert render_site(example()) == render_site(json.loads(json.dumps(example())))


def test_the_map_of_a_paper_names_the_claims_that_look_at_it() -> None:
    made = document(
        claim("multistage.eq7"), claim("multistage.prop4", uses=["multistage.eq7"], verdict="SUPPORTED")
    )
    entry = {
        "id": "eq7",
        "number": "(7)",
        "title": "The dynamics",
        "kind": "claim",
        "basis": "derived",
        "statement": r"\dot a_k = w_k \cdot z",
        "claims": ["multistage.eq7", "multistage.eq9"],
        "reach": "for any width $m$",
        "rests_on": ["asm1"],
    }
    other = entry | {
        "id": "asm1",
        "number": HOSTILE,
        "title": HOSTILE,
        "claims": [],
        "rests_on": [],
        "reach": HOSTILE,
    }
    made["papers"][0]["entries"] = [other, entry]
    page = site(made)["papers/paper-multistage.html"]
    assert "(7) ✓ The dynamics: settled" in page.text
    assert "(7) The dynamics claim, calculated from the model; rests on" in page.text
    assert "Not among these results: eq9" in page.text
    assert "These results hold 1 of the 2 claims that the map names" in page.text
    assert "No claim looks at it." in page.text
    assert "for any width" in page.text
    assert not page.named("img")
    assert "In the map of the paper the claim is under (7)." in site(made)["claims/multistage.eq7.html"].text
    assert "In the map of the paper" not in site(made)["claims/multistage.prop4.html"].text


def test_changed_constants_are_said_and_in_the_command() -> None:
    made = document(claim("multistage.eq7", parameters=["zeta"]), claim("multistage.eq8"))
    constant = {
        "name": "zeta",
        "symbol": r"\zeta",
        "meaning": HOSTILE,
        "allowed": "a number above 0",
        "value": "1/20",
        "default": "1/10",
        "changed": True,
        "claims": ["multistage.eq7"],
    }
    made["papers"][0]["parameters"] = [constant, constant | {"name": "gamma", "changed": False}]
    made["controls"] = False
    pages = site(made)
    assert "= 1/20 instead of 1/10." in pages["index.html"].text
    assert "The negative controls were not run." in pages["index.html"].text
    page = pages["claims/multistage.eq7.html"]
    assert "= 1/20 (changed from 1/10): <script>" in page.text
    said = "lemmata verify multistage.eq7 --effort quick --seed 20260504 --set multistage.zeta=1/20"
    assert ("code", said) in page.texts
    assert "They were not run." in page.text
    assert "Constants that it reads" not in pages["claims/multistage.eq8.html"].text


def test_a_paper_in_a_file_is_repeated_from_the_file() -> None:
    made = document(claim("toys.eq1"))
    made["papers"] = [
        {"name": "toys", "title": "T", "reference": "", "file": {"name": "my toys.py", "sha256": ""}}
    ]
    pages = site(made)
    assert "lemmata verify 'my toys.py' toys.eq1 --effort" in pages["claims/toys.eq1.html"].text
    assert "lemmata verify 'my toys.py' --effort" in pages["index.html"].text


def test_an_overview_of_hundreds_of_claims_stays_small() -> None:
    mutants = [mutant(f"m{i}", witness="at 1", killed=True) for i in range(12)]
    many = document(*(claim(f"a.c{i}", mutants=mutants if i < 5 else []) for i in range(300)))
    assert len(render_site(many)["index.html"]) < 3_000_000 / 4


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"claims": 3},
        document(claim("a.b", verdict="MAYBE")),
        document(claim("a.b", evidence=[3])),
        document(claim("a.b"), claim("a.b")),
        [],
        None,
    ],
)
def test_what_is_no_results_document_is_refused_in_one_sentence(broken: Any) -> None:
    with pytest.raises(ReportError) as caught:
        render_site(broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "heading"),
    [
        ("Section 3.2, equation (7)", "Section 3.2"),
        ("Theorem 1 in section 4", "Section 4"),
        ("§5.1", "Section 5.1"),
        ("Appendix B, equation (65)", "Appendix B"),
        ("Sect. A.2", "Appendix A.2"),
        ("beyond the paper", "Beyond the paper"),
        ("abstract, 'the loss rises'", "Abstract"),
        ("beyond the abstract; a toy", "Beyond the abstract"),
        ("Theorem 2 (iii), equation (44)", "Theorem 2"),
        ("equation (7)", "Claims"),
        ("", "Claims"),
    ],
)
def test_claims_stand_under_their_section(where: str, heading: str) -> None:
    page = site(document(claim("a.b", where=where)))["papers/paper-a.html"]
    assert ("h3", heading) in page.texts


def test_results_without_claims_are_a_page_too() -> None:
    pages = site(document())
    assert "hold no claims" in pages["index.html"].text


def test_ids_that_look_alike_get_different_addresses() -> None:
    made = document(*(claim(id) for id in ("a.x y", "a.x!y", "a.X-Y", "main", "..", "a/../../b")))
    names = [name for name in render_site(made) if name.startswith("claims/")]
    assert len({name.lower() for name in names}) == 6
    assert all(re.fullmatch(r"claims/[A-Za-z0-9][\w.-]*\.html", name) for name in names)


def test_the_document_is_left_as_it_was() -> None:
    made = example()
    before = copy.deepcopy(made)
    render_site(made)
    assert made == before
