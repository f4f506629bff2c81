"""What the chapters say in words against what the tables say: warnings, and only where the scope of the words is clear.

A statement counts when everything before it in its clause is known to leave its scope alone, and nothing before it in
the sentence narrows it (a part, another year, a channel) or brings other agencies in. It agrees when any of the sums
that it may mean equals it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from service.forms.normalise import label_key, value_text
from service.reconcile.blanks import is_left_out
from service.reconcile.fingerprints import fingerprint, printed
from service.reconcile.identities import as_number
from service.reconcile.prose import Clause, clauses, paragraphs, parse_number, sentences
from service.reconcile.statements import Grammar, Kind, Wording, load_statements, sums
from service.reconcile.wording import listed, number, short_label
from service.results import Issue, Reading, Report, Section, Suggestion

CODE = "words-differ"
_QUOTED = 40
"""So many characters of the words are quoted, the last ones."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A number that a chapter states in words."""

    kind: Kind
    value: Fraction
    written: tuple[str, ...]
    """The number as it is written: runs of digits, or Chinese numerals one by one; nothing for words of zero."""
    money: str | None
    """The unit of money, of amounts."""
    words: str
    """As printed, without white space."""
    chapter: str


def words_against_tables(
    sections: Sequence[Section],
    fields: Mapping[str, Reading],
    report: Report,
    labels: Mapping[str, str],
    unsure: Collection[str] = (),
) -> Iterator[Issue]:
    """One warning for each statement of the chapters that the tables contradict.

    Args:
        sections: the chapters.
        fields: every field as it is to be published.
        report: whose report on which year it is, for other agencies and other years do not count.
        labels: the path of printed labels of each field; a field without one goes by its id.
        unsure: numbers, or characters of Chinese ones, that were not read surely in prose; what they state is left out.

    """
    grammar = load_statements()
    seen: set[tuple[str, Fraction, str | None]] = set()
    for statement in _contradicted(sections, fields, report, grammar):
        if any(part in unsure for part in statement.written):
            continue
        key = (statement.kind.id, statement.value, statement.money)
        if key not in seen:
            yield _issue(statement, _Tables(fields, grammar), labels)
        seen.add(key)


def _contradicted(
    sections: Sequence[Section], fields: Mapping[str, Reading], report: Report, grammar: Grammar
) -> Iterator[Statement]:
    """Where a paragraph says a thing twice, the statement that agrees is the one about the whole."""
    tables = _Tables(fields, grammar)
    for section in sections:
        for paragraph in paragraphs(section.text):
            reader = _Paragraph(grammar, report, section.title, tables)
            found = [(one, tables.agrees(one)) for one in reader.statements(paragraph)]
            agreeing = {one.kind.id for one, agrees in found if agrees}
            yield from (one for one, agrees in found if agrees is False and one.kind.id not in agreeing)


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the tables say."""

    fields: Mapping[str, Reading]
    grammar: Grammar

    def agrees(self, statement: Statement) -> bool | None:
        """Whether any sum that the statement may mean equals it; None where no table can tell."""
        options = sums(statement.kind, tuple(self.fields))
        if not options or any(self.fields[name].state == "missing" for option in options for name in option):
            return None
        if any(is_left_out(name, self.fields) for name in options[0]):
            return None
        if statement.money is None:
            return any(self.total(option) == statement.value for option in options)
        verdicts = [self._same_amount(statement, option[0]) for option in options]
        return None if None in verdicts else any(verdicts)

    def total(self, names: Sequence[str]) -> Fraction:
        """The sum of fields; blank and struck-out cells count as zero."""
        return sum((Fraction(str(self.fields[name].value or 0)) for name in names), Fraction())

    def _same_amount(self, statement: Statement, name: str) -> bool | None:
        """Whether two amounts are the same as far as the coarser of them is written out."""
        unit = self.fields[name].unit
        if unit is None or unit not in self.grammar.money or statement.money is None:
            return None
        scales = self.grammar.money[unit], self.grammar.money[statement.money]
        values = self.total((name,)), statement.value
        steps = [scale * _step(value) for scale, value in zip(scales, values, strict=True)]
        first, second = (scale * value for scale, value in zip(scales, values, strict=True))
        return abs(first - second) <= max(steps) / 2


@dataclass(slots=True)
class _Paragraph:
    """Reads one paragraph from its beginning, and knows what has been said so far."""

    grammar: Grammar
    report: Report
    chapter: str
    tables: _Tables
    said: str = ""
    """All of the paragraph before the clause."""
    before: str = ""
    """Of the paragraph so far, what is no statement."""
    sentence: str = ""
    """The same, of the sentence so far."""
    anchored: bool = False
    """A whole has been stated that agrees with the tables."""
    own: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        name = value_text("".join((self.report.agency or "").split()))
        self.own = re.compile(f"{self.grammar.own.pattern}|{re.escape(name)}") if name else self.grammar.own

    def statements(self, paragraph: str) -> Iterator[Statement]:
        """The statements of the paragraph whose scope is clear."""
        for sentence in sentences(paragraph, self.grammar.sentence_ends):
            self.sentence = outside = ""
            for clause in clauses(sentence):
                if not clause.aside:  # what has stood in parentheses says nothing of what comes after them
                    self.sentence = outside
                yield from self._clause(clause)
                if not clause.aside:
                    outside = self.sentence

    def _clause(self, clause: Clause) -> Iterator[Statement]:
        text, at, clear = clause.text, 0, True
        while found := self._first(text, at):
            wording, match = found
            lead = text[at : match.start()]
            self._note(lead)
            clear = clear and self._is_clear(wording, lead, match, clause.after)
            statement = self._statement(wording, match, clause.as_printed) if clear else None
            if statement is not None:
                self.anchored |= not statement.kind.part and bool(self.tables.agrees(statement))
                yield statement
            else:
                self._note(match[0])
            at = match.end()
        self._note(text[at:])
        self.said += text

    def _note(self, text: str) -> None:
        self.before += text
        self.sentence += text

    def _first(self, text: str, start: int) -> tuple[Wording, re.Match[str]] | None:
        """The wording that begins first from there on, of several the longest."""
        if not self.grammar.hint.search(text, start):
            return None
        matches = (
            (wording, match)
            for wording in self.grammar.wordings
            if any(key in text for key in wording.kind.keys)
            and (match := wording.pattern.search(text, start))
            and (not wording.bare or self._is_about(text[: match.end()]))
        )
        return min(matches, key=lambda found: (found[1].start(), -found[1].end()), default=None)

    def _is_about(self, clause: str) -> bool:
        return bool(self.grammar.about.search(self.chapter + self.said + clause))

    def _is_clear(self, wording: Wording, lead: str, match: re.Match[str], after: str) -> bool:
        """Whether the statement counts what the tables count: the report's agency, its year, and all of it."""
        kind = wording.kind
        unknown = label_key(self.grammar.leads[kind.id].sub("", lead))
        return (
            self._is_agency(unknown)
            and self.grammar.tail.match(match.string, match.end()) is not None
            and (bool(unknown) or not self.grammar.others.search(self.own.split(self.before)[-1]))
            and self._is_of_year(match)
            and not self._is_narrowed(kind)
            and (kind.part or not self.grammar.share.match(match.string[match.end() :] + after))
            and (not kind.anchored or self.anchored)
        )

    def _is_agency(self, name: str) -> bool:
        """Whether it is nothing, or what the agency is called for short."""
        characters = iter(label_key(self.report.agency or ""))
        return all(char in characters for char in name)

    def _is_of_year(self, match: re.Match[str]) -> bool:
        """Whether the year named last is the report's, and those in the wording are the years beside it."""
        years = self.grammar.year.findall(self.before)
        named = match.groupdict()
        beside = [(named.get(name), offset) for name, offset in (("last", -1), ("coming", 1))]
        expected = [(years[-1], 0) if years else (None, 0), *beside]
        return all(year is None or int(year) - offset == self.report.year for year, offset in expected)

    def _is_narrowed(self, kind: Kind) -> bool:
        sentence = self.sentence.replace(self.grammar.part_mark, "") if kind.part else self.sentence
        return bool(self.grammar.narrowing.search(self.own.sub("", sentence)))

    def _statement(self, wording: Wording, match: re.Match[str], as_printed: str) -> Statement | None:
        named = match.groupdict()
        text = named.get("n") or ""
        value = Fraction() if wording.none else parse_number(text, self.grammar.numerals)
        if value is None:
            return None
        words = as_printed[: match.end()][-_QUOTED:]
        written = tuple(re.findall(r"\d+", text) or text)
        return Statement(wording.kind, value, written, named.get("money"), words, self.chapter)


def _issue(statement: Statement, tables: _Tables, labels: Mapping[str, str]) -> Issue:
    """The warning about a statement that no sum of the tables agrees with."""
    option = sums(statement.kind, tuple(tables.fields))[0]
    stated, total = as_number(statement.value), as_number(tables.total(option))
    reading = tables.fields[option[0]]
    cells = listed([short_label(labels.get(name, name)) for name in option])
    has = f"{cells} is" if len(option) == 1 else f"the sum of {cells} is"
    units = (statement.money or "", reading.unit or "") if statement.money else ("", "")
    message = (
        f"“{statement.words}” in {statement.chapter} says {number(stated)}{units[0]}, "
        f"but in the table {has} {number(total)}{units[1]}."
    )
    values = {name: printed(tables.fields[name]) for name in option}
    return Issue(
        code=CODE,
        severity="warning",
        message=message,
        fields=option,
        suggestion=_suggestion(statement, option, reading),
        fingerprint=fingerprint(CODE, [statement.kind.id, *option], {**values, "words": number(stated)}),
    )


def _suggestion(statement: Statement, option: Sequence[str], reading: Reading) -> Suggestion | None:
    """The stated number, where it is another reading of the one cell that it is about."""
    stated = as_number(statement.value)
    if len(option) > 1 or statement.money or all(other.value != stated for other in reading.alternatives):
        return None
    reason = "The ink of the cell allows this number, and the words state it."
    return Suggestion(field=option[0], value=stated, reason=reason)


def _step(value: Fraction) -> Fraction:
    """The unit of the last digit that a decimal number is written with."""
    step = Fraction(1)
    while (value / step).denominator != 1 and step > Fraction(1, 10**9):
        step /= 10
    return step
