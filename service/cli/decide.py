"""`gouji issues` and `gouji decide`: the issues of a result, and what people say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.cli.files import read_result
from service.cli.serve import StoreUrl, settings_for
from service.cli.terminal import one_line, print_listing
from service.errors import NotFound, UnreadableInput
from service.results import Decision, Extraction

# The store is imported where it is used: the other commands need none of it, and it takes a while.
if TYPE_CHECKING:
    from service.reconcile.fingerprints import Case
    from service.store import Store

_Result = Annotated[
    str,
    typer.Argument(
        metavar="RESULT",
        help="A JSON file of `gouji extract`, or the SHA-256 of a report whose results are in the store.",
        show_default=False,
    ),
]


def issues_command(
    result: _Result,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    store: StoreUrl = None,
) -> None:
    """List a result's issues: open, settled by a decision, or reopened since a value has changed."""
    from service.decisions import cases

    with _opened(result, store) as (kept, extraction):
        rows = [_row(case) for case in cases(kept, extraction)]
    headings = ("standing", "fingerprint", "severity", "code", "message", "fields", "decision")
    print_listing(headings, rows, as_json=as_json)


def decide_command(
    result: _Result,
    fingerprint: Annotated[str, typer.Argument(metavar="FINGERPRINT", help="Of the issue.", show_default=False)],
    action: Annotated[Literal["accepted", "dismissed"], typer.Argument(help="It is so, or it is nothing.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why.")] = "",
    store: StoreUrl = None,
) -> None:
    """Keep what a person says of an issue; it holds for the same file read anew, until a value changes."""
    from service.decisions import cases, decide

    if not by.strip():
        raise typer.BadParameter("a decision is somebody's.", param_hint="--by")
    said = Decision(fingerprint=fingerprint, action=action, by=by, when=datetime.now(UTC), note=note)
    with _opened(result, store) as (kept, extraction):
        decide(kept, extraction, said)
        standing = [case.standing for case in cases(kept, extraction)]
    typer.echo(f"{standing.count('settled')} of {len(standing)} issues settled")


@contextmanager
def _opened(result: str, url: str | None) -> Iterator[tuple[Store, Extraction]]:
    """The store, and the result that is asked for; raises UnreadableInput, NotFound, StoreUnavailable."""
    from service.store import Store

    with closing(Store(settings_for(url).store_url)) as store:
        yield store, _find(result, store)


def _find(name: str, store: Store) -> Extraction:
    if not re.fullmatch("[0-9a-f]{64}", name):
        try:
            return read_result(Path(name))
        except UnreadableInput as error:
            raise UnreadableInput(f"{name}: {error}") from error
    versions = store.find_by_sha(name)
    if not versions:
        raise NotFound("The store has no result of a file with this SHA-256.")
    return versions[-1].extraction


def _row(case: Case) -> tuple[str, ...]:
    issue, said = case.issue, case.decision
    decision = f"{said.action} by {said.by}, {said.when:%Y-%m-%d}" if said else ""
    note = f": {said.note}" if said and said.note else ""
    about = (issue.message, " ".join(issue.roots or issue.fields))
    texts = (case.standing, issue.fingerprint or "", issue.severity, issue.code, *about, decision + note)
    return tuple(one_line(text) for text in texts)
