"""Which of two readings of a page is taken, with made-up pages and forms."""

from itertools import pairwise
from types import SimpleNamespace

import pytest

import service.scan
import service.scanned
from service.documents.model import Page
from service.scanned import Found, read_better

FIELDS = 20


def form(found, confidence=0.99, failing=0):
    """A form with a table of which so many fields were found, and one that the file has not.

    Of its identities, each of one field and the next, the first so many fail.
    """
    states = ["read"] * found + ["missing"] * (FIELDS - found)
    fields = {
        i: SimpleNamespace(state=s, confidence=confidence, value=min(i, failing) if s == "read" else None)
        for i, s in enumerate(states)
    }
    absent = {i: SimpleNamespace(state="missing", confidence=0.0, value=None) for i in range(FIELDS, 2 * FIELDS)}
    tables = (SimpleNamespace(found=True, fields=fields), SimpleNamespace(found=False, fields=absent))
    pairs = pairwise(range(2 * FIELDS))
    identities = tuple(SimpleNamespace(id=f"{i}", left=(i,), right=(after,)) for i, after in pairs)
    return SimpleNamespace(fields={**fields, **absent}, tables=tables, identities=identities)


def page(number, name="first", scanned=True):
    return Page(
        number, 100.0, 100.0, scanned=scanned, problem=None if name != "broken" else "it is torn", tokens=(name,)
    )


def find_by(counts, failing=None):
    """Finds as many fields as stand for the names of the pages, with as many identities that fail."""

    def find(pages):
        names = [one.tokens[0] for one in pages]
        fails = sum((failing or {}).get(name, 0) for name in names)
        return Found(pages, (), form(sum(counts[name] for name in names), failing=fails))

    return find


@pytest.fixture
def otherwise(monkeypatch):
    """Every page can be read otherwise; the numbers of those that were."""
    read = []

    def read_otherwise(source, known, readers):
        for way in ("other", "third"):
            read.append(source.number)
            yield page(source.number, f"{way} {source.number}")

    monkeypatch.setattr(service.scan, "read_otherwise", read_otherwise)
    return read


@pytest.fixture(autouse=True)
def worn(monkeypatch):
    """The numbers of the pages that are worn."""
    pages = set()
    monkeypatch.setattr(service.scan, "is_worn", lambda one: one.number in pages)
    return pages


@pytest.fixture
def again(monkeypatch):
    """Every page can be read again; the numbers of those that were. Merged readings are their pair."""
    read = []

    def read_again(source, known, readers):
        read.append(source.number)
        return page(source.number, f"again {source.number}")

    monkeypatch.setattr(service.scan, "read_again", read_again)
    monkeypatch.setattr(service.scanned, "merged", lambda first, second: (first, second))
    return read


def names(found):
    return [one.tokens[0] for one in found.pages]


def test_a_page_is_exchanged_where_more_is_found_with_other_rules(otherwise):
    find = find_by({"first": 5, "other 1": 3, "third 1": 5, "other 2": 8, "third 2": 10})
    sources = (page(1), page(2))
    assert names(read_better(sources, find(sources), None, find)) == ["first", "third 2"]
    assert otherwise == [1, 1, 2, 2]


def test_a_reading_with_more_fields_is_not_taken_if_its_identities_fail(otherwise):
    sources, counts = (page(1),), {"first": 8, "other 1": 12, "third 1": 10}
    find = find_by(counts, {"other 1": 3})
    assert names(read_better(sources, find(sources), None, find)) == ["third 1"]
    find = find_by(counts, {"other 1": 1})
    assert names(read_better(sources, find(sources), None, find)) == ["other 1"]


def test_a_reading_whose_identities_hold_is_taken_though_it_has_no_more_fields(otherwise):
    find = find_by({"first": 8, "other 1": 8, "third 1": 7}, {"first": 3, "other 1": 2, "third 1": 3})
    assert names(read_better((page(1),), find((page(1),)), None, find)) == ["other 1"]


def test_no_further_page_is_read_otherwise_once_nearly_all_is_found(otherwise):
    find = find_by({"first": 5, "other 1": 14, "third 1": 14, "other 2": 6, "third 2": 6})
    sources = (page(1), page(2))
    assert names(read_better(sources, find(sources), None, find)) == ["other 1", "first"]
    assert otherwise == [1, 1]


def test_identities_that_lack_a_field_do_not_fail():
    assert Found((), (), form(5, failing=3)).failing == 3
    assert Found((), (), form(3, failing=3)).failing == 2
    assert Found((), (), form(5)).failing == 0


def test_nothing_is_read_again_where_nearly_all_was_found(otherwise):
    find = find_by({"first": 9, "other 1": 10, "other 2": 10})
    sources = (page(1), page(2))
    found = find(sources)
    assert read_better(sources, found, None, find) is found
    assert otherwise == []


def test_pages_with_text_and_pages_that_could_not_be_read_stay(otherwise):
    find = find_by({"first": 1, "broken": 0, "other 1": 9, "other 2": 9})
    sources = (page(1, scanned=False), page(2, "broken"))
    assert names(read_better(sources, find(sources), None, find)) == ["first", "broken"]
    assert otherwise == []


def test_a_reading_that_fails_leaves_what_was_read_before(monkeypatch):
    def read_otherwise(source, known, readers):
        yield page(1, "other 1")
        raise RuntimeError("no memory")

    monkeypatch.setattr(service.scan, "read_otherwise", read_otherwise)
    find = find_by({"first": 1, "other 1": 3})
    sources = (page(1),)
    assert names(read_better(sources, find(sources), None, find)) == ["other 1"]


def test_fields_that_are_hardly_sure_count_for_little():
    assert Found((), (), form(10, 0.1)).right == pytest.approx(1.0)
    assert Found((), (), form(2, 0.9)).right == pytest.approx(1.8)
    assert Found((), (), form(FIELDS, 0.1)).lost == FIELDS
    assert Found((), (), form(FIELDS, 0.6)).lost == 0


def test_all_pages_of_a_worn_report_that_lacks_something_are_read_again_and_merged(worn, again):
    worn.add(2)
    find = find_by({"first": 9, "again 1": 8, "again 2": 9})
    sources = (page(1), page(2))
    found = find(sources)
    both = read_better(sources, found, None, find)
    assert both.pages == found.pages
    assert both.form[0] is found.form
    assert both.form[1].fields[16].state == "read"
    assert both.form[1].fields[17].state == "missing"
    assert again == [1, 2]


@pytest.mark.parametrize(("found", "number"), [(9, 3), (10, 2)], ids=["none is worn", "nothing is lost"])
def test_no_page_is_read_again_without_need(worn, again, found, number):
    worn.add(number)
    find = find_by({"first": found})
    sources = (page(1), page(2))
    first = find(sources)
    assert read_better(sources, first, None, find) is first
    assert again == []


def test_a_second_reading_that_finds_much_less_tells_nothing(worn, again):
    worn.add(1)
    find = find_by({"first": 18, "again 1": 2})
    found = find((page(1),))
    assert read_better((page(1),), found, None, find) is found
    assert again == [1]


def test_a_page_that_fails_when_it_is_read_again_stays_as_it_was(worn, again, monkeypatch):
    def read_again(source, known, readers):
        if source.number == 1:
            raise RuntimeError("no memory")
        return page(source.number, "again 2")

    monkeypatch.setattr(service.scan, "read_again", read_again)
    worn.add(1)
    find = find_by({"first": 8, "again 2": 5, "broken": 0})
    sources = (page(1), page(2), page(3, "broken"))
    both = read_better(sources, find(sources), None, find)
    assert sum(one.state == "read" for one in both.form[1].fields.values()) == 8 + 5
