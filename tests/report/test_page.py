"""The report's file: what it says, and what it does not hold."""

import dataclasses
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from flhetero_dash.report import report_page
from tests.reports import HOSTILE, LAST, Study

MADE = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
SENTENCE = (
    "In round 2 the federated model and Hospital A's own model disagree on 9 of 40 records; of "
    "these the federated model is right on 0% and the stand-alone model on 100%."
)


class Page(HTMLParser):
    """The elements and the words of a file; fails on what is not closed."""

    def __init__(self, text):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self._open):
            self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path)
    yield made
    made.close()


def written(study, client="Hospital A", shown=2, with_records=False):
    return report_page(study.report(client, shown, with_records), MADE, with_records)


def test_the_answer_comes_first_and_numbers_have_their_n(study):
    study.note([3, *LAST[:2]], "Look at these")
    page = Page(written(study))
    assert SENTENCE in page.text
    assert page.text.index(SENTENCE) < page.text.index("Federated accuracy")
    for words in (
        "Dataset study · 2 clients · 3 communication rounds · 1 note · "
        "written 2026-01-31 23:59 UTC",
        "77.5%all 40 local records",
        "100.0%all 40 local records",
        "22% of 40 local records",
        "Look at these",
        "By Ada · ",
        "Note 1 · 3 records in round 2",
        "local inputs",
        "The models disagree on 2 of 3 records; the federated model is right on 33% (1 of 3) and "
        "the stand-alone model on 100% (3 of 3).",
    ):
        assert words in page.text
    assert "no record itself" in page.text


def test_each_note_has_its_timeline_plane_and_labels(study):
    study.note(LAST, round_index=0)
    study.note(LAST[:4])
    text = written(study)
    notes = text.split('<section class="note">')[1:]
    assert len(notes) == 2
    for note, shown, n_records in zip(notes, (1, 2), (9, 4), strict=True):
        assert f"round {shown} is marked" in note
        assert f"the note&#x27;s {n_records} are outlined" in note
        assert f"Labels of the {n_records} records" in note
        assert note.count("<rect width=") == note.count("<tr>") - 1  # a bar a row, but the head
    # What the figures have in common is there once.
    assert len(re.findall(r'<g id="base-', text)) == len(set(re.findall(r'<g id="(.*?)"', text)))
    assert set(re.findall(r'href="#(.*?)"', text)) <= set(re.findall(r'<g id="(.*?)"', text))
    assert text.count("<use ") == 2 * 3  # both rounds have the same outputs


def test_what_people_wrote_is_shown_literally(tmp_path):
    study = Study(tmp_path)
    study.change(label_names=np.array([HOSTILE, "b", "c", "d"]))
    study.note(list(range(40)), HOSTILE, author=HOSTILE)
    page = Page(written(study))
    assert page.text.count(HOSTILE) >= 3
    assert not page.all("script")
    assert not page.all("img")
    assert not any(name.startswith("on") for _, given in page.elements for name in given)
    pictures = Page(written(study, with_records=True)).all("img")
    assert any(HOSTILE in str(given["alt"]) for given in pictures)
    assert all(set(given) == {"src", "alt"} for given in pictures)
    study.close()


@pytest.mark.parametrize("of_all", [False, True])
@pytest.mark.parametrize("words", ["There are no notes of ", "Notes of "])
def test_hostile_names_of_dataset_and_client_are_shown_literally(study, words, of_all):
    if words == "Notes of ":
        study.note(LAST)
    report = study.report(shown=2)
    client = report.clients[0]
    name = "<i>Client</i>"
    chosen = dataclasses.replace(client.chosen, client=name)
    federation = dataclasses.replace(report.federation, dataset="<u>set</u>")
    client = dataclasses.replace(client, chosen=chosen)
    report = dataclasses.replace(report, clients=(client,), federation=federation, of_all=of_all)
    page = Page(report_page(report, MADE, False))
    assert f"Report: <u>set</u>, {'all clients' if of_all else name}" in page.text
    assert f"and {name}'s own model" in page.text or f"that of {name}" in page.text
    if not of_all or words == "Notes of ":
        assert f"{words}{name}" in page.text
    assert not page.all("i")
    assert not page.all("u")


def test_nothing_is_asked_of_anybody(study):
    study.note(LAST)
    text = written(study, with_records=True)
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<iframe|javascript:", text)
    assert set(re.findall(r'src="(.{10})', text)) == {"data:image"}
    policy = "default-src &#x27;none&#x27;; img-src data:; style-src &#x27;unsafe-inline&#x27;"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text


def test_records_are_in_it_only_when_asked_for(study):
    study.note(LAST)
    assert "data:" not in written(study).replace("img-src data:", "")
    page = Page(written(study, with_records=True))
    assert len(page.all("img")) == 9
    assert page.all("img")[0]["alt"].startswith("Record 31; ground truth: ")
    assert "examples of the records themselves" in page.text


def test_values_of_a_table_are_in_it_only_when_asked_for(tmp_path):
    names = np.array(["<b>age</b>", "sex", "pulse", "weight", "dose"])
    study = Study(tmp_path, shape=(5,), kind="tabular", extra={"feature_names": names})
    study.note([7, 8])
    assert "pulse" not in written(study)
    page = Page(written(study, with_records=True))
    for words in ("Record 7", "<b>age</b>", "pulse", "Its 2 records"):
        assert words in page.text
    study.close()


def test_a_note_of_other_samples_says_so_and_has_no_figure(study):
    study.note(LAST)
    study.change(label_names=np.array(["w", "x", "y", "z"]))
    note = written(study, with_records=True).split('<section class="note">')[1]
    assert "have changed since this note was written" in note
    assert "<svg" not in note.split("</section>")[0]
    assert "Odd ones" in note


def test_inputs_without_ground_truth_are_neither_right_nor_wrong(tmp_path):
    study = Study(tmp_path, with_truth=False)
    study.note(LAST)
    page = Page(written(study))
    assert "there is no ground truth that would say which is right" in page.text
    note = page.text[page.text.index("Note 1") :]
    assert "no ground truth" in note
    assert "right)" not in note
    assert "wrong)" not in note
    study.close()


def test_a_client_without_notes_or_disagreement_says_so(tmp_path):
    study = Study(tmp_path, n_inconsistent=0)
    page = Page(written(study))
    assert "own model agree on all 40 records." in page.text
    assert "There are no notes of Hospital A." in page.text
    study.close()


def test_without_a_stand_alone_model_the_answer_says_why(study):
    for path in (study.data / "history" / "study" / "outputs").glob("*_local.npz"):
        path.unlink()
    assert "cannot be compared for Hospital A. The stand-alone" in Page(written(study)).text
    everyone = Page(written(study, None)).text
    assert "For none of the 2 clients can the two models be compared." in everyone


def test_all_clients_are_a_table_and_those_with_notes_a_chapter(study):
    study.note(LAST, client="Hospital B")
    study.note(LAST, "Left behind", client="Gone")
    page = Page(written(study, None))
    assert (
        "In round 2 the federated model and the clients' own models disagree on 18 of 80 records "
        "of 2 clients; the largest share is that of Hospital A: 22%, 9 of 40." in page.text
    )
    assert "Notes of Hospital B (1)" in page.text
    assert "Notes of Hospital A" not in page.text
    assert page.text.index("clients that the dataset does not have") < page.text.index(
        "Left behind"
    )


def test_figures_and_tables_have_words_for_who_cannot_see_them(study):
    study.note(LAST)
    text = written(study)
    page = Page(text)
    figures = [given for given in page.all("svg") if given.get("aria-hidden") != "true"]
    assert figures
    assert all(given["role"] == "img" for given in figures)
    assert text.count("<title>") == len(figures) + 1  # and the page's own
    assert all("scope" in given for given in page.all("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_200_notes_are_a_small_file(tmp_path):
    study = Study(tmp_path, n_rounds=200)
    for at in range(200):
        study.note([at % 40, 39], f"Note of {at}", round_index=at % 2)
    text = written(study)
    assert text.count('<section class="note">') == 200
    assert len(text) < 2_500_000
    study.close()
