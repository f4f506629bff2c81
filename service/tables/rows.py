"""The region of a table without rules -> its cells: heading rows, body rows, labels over several rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

from service.documents.model import Box, Cell, Page, Token
from service.tables.bands import LabelLine, assign
from service.tables.marks import has_digits, is_enumerated, is_number
from service.tables.table import NumberPlace, Table
from service.tables.text import alternatives, confidence, place, reader, shows_ink, tokens_text, union, worn


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens of one line that stand close together."""

    tokens: tuple[Token, ...]
    box: Box
    text: str

    @property
    def number(self) -> bool:
        """Whether it is a number or a stroke in the place of one."""
        return is_number(self.text)

    @property
    def y(self) -> float:
        """Height of its middle."""
        return (self.box.y0 + self.box.y1) / 2

    @property
    def x(self) -> float:
        """Middle between its sides."""
        return (self.box.x0 + self.box.x1) / 2


Line = tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A chunk or several, and the places of the grid that they take."""

    chunks: tuple[Chunk, ...]
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1


def arrange(
    region: Sequence[Line],
    body: int,
    labels: Sequence[float],
    numbers: Sequence[float],
    bars: Sequence[float],
    page: Page,
    empty: Sequence[Token] = (),
    foot: float = 0.0,
) -> Table:
    """Build the table of a region.

    `body` is the index of its first line of numbers; `labels` are the x at which label columns begin, `numbers` the
    edges of the columns of numbers, `bars` the heights of rules across the table, all in fractions of the page;
    `empty` are tokens without text, which on a scanned page prove a place empty. A region of nothing but headings has
    one row without numbers, down to `foot`.
    """
    edges = (*labels, *numbers)
    pieces, depth = _heading(region[:body], edges)
    rows, groups = _body(region[body:], edges, len(labels), bars) if region[body:] else ([[]], [])
    for n, row in enumerate(rows, depth):
        pieces += _in_row(row, n, edges, len(labels))
    pieces += _group_labels(groups, rows, depth, edges)
    count = depth + len(rows)
    box = union(c.box for line in region for c in line)
    box = box._replace(y1=max(box.y1, foot))
    levels = _levels(pieces, count, box)
    cells = tuple(_torn(_cells(pieces, edges, levels, page, empty), len(labels)))
    places = tuple(_number_places(pieces, range(depth, count), len(labels), edges, levels))
    return Table(cells, count, edges, box, "aligned", places, _middles(pieces, depth, len(labels), len(edges) - 1))


def _middles(pieces: Sequence[_Piece], depth: int, first: int, columns: int) -> tuple[float | None, ...]:
    """Where the numbers of every column from `first` on have their middle, below the heading."""
    held: list[list[float]] = [[] for _ in range(columns)]
    for piece in pieces:
        if piece.row >= depth and piece.column_span == 1:
            held[piece.column] += [chunk.x for chunk in piece.chunks if chunk.number]
    return tuple(median(xs) if xs else None for xs in held[first:])


def _number_places(
    pieces: Sequence[_Piece], rows: range, first: int, edges: Sequence[float], levels: Sequence[float]
) -> Iterator[NumberPlace]:
    """The places right of the labels; a row with more words than numbers there is one of headings.

    One character is a misread digit.
    """
    balance: Counter[int] = Counter()
    for piece in pieces:
        if piece.column + piece.column_span > first:
            for chunk in piece.chunks:
                balance[piece.row] += -1 if chunk.number else len(chunk.text) > 1
    words = {row for row, more in balance.items() if more > 0}
    for row in rows:
        if row not in words:
            sides = _free_sides([c for p in pieces if p.row == row for c in p.chunks], edges[first:])
            for (left, column), (right, _) in pairwise(sides):
                yield NumberPlace(row, first + column, Box(left, levels[row], right, levels[row + 1]))


def _free_sides(chunks: Sequence[Chunk], edges: Sequence[float]) -> list[tuple[float, int]]:
    """The edges of columns in a row, with their indices, but for those that a number with words runs across.

    Another block of the table has its columns there; half of the text would be read. What is digits throughout may be
    the numbers of two columns.
    """
    worded = [c.box for c in chunks if not all(is_number(token.text) for token in c.tokens)]

    def across(edge: float) -> bool:
        return any(box.x0 + _RIM * (box.x1 - box.x0) < edge < box.x1 - _RIM * (box.x1 - box.x0) for box in worded)

    inner = [(edge, n) for n, edge in enumerate(edges[1:-1], 1) if not across(edge)]
    return [(edges[0], 0), *inner, (edges[-1], len(edges) - 1)]


def _reach(chunk: Chunk, edges: Sequence[float]) -> tuple[int, int]:
    """First column and number of columns that a chunk stands over, by at least a third of a column or of itself."""
    over = []
    for i, (a, b) in enumerate(pairwise(edges)):
        common = min(b, chunk.box.x1) - max(a, chunk.box.x0)
        if common > min(b - a, chunk.box.x1 - chunk.box.x0) / 3:
            over.append(i)
    if not over:
        over = [0 if chunk.x < edges[0] else len(edges) - 2]
    return over[0], over[-1] - over[0] + 1


def _heading(lines: Sequence[Line], edges: Sequence[float]) -> tuple[list[_Piece], int]:
    """Place heading chunks: those over several columns in rows by their height, all others in one row below them.

    One that is alone on the first of several lines stands over all columns.
    """
    alone = lines[0][0] if len(lines) > 1 and len(lines[0]) == 1 else None
    reach = [(c, *_reach(c, edges)) for line in lines for c in line]
    wide = [each for each in reach if each[2] > 1 or each[0] is alone]
    heights: list[float] = []
    for chunk, *_ in sorted(wide, key=lambda each: each[0].y):
        if not heights or chunk.y - heights[-1] > 0.6 * (chunk.box.y1 - chunk.box.y0):
            heights.append(chunk.y)
    pieces = []
    for chunk, column, span in wide:
        row = min(range(len(heights)), key=lambda i: abs(heights[i] - chunk.y))
        pieces.append(_Piece((chunk,), row, column, 1, span))
    columns = sorted({column for c, column, span in reach if span == 1 and c is not alone})
    for column in columns:
        chunks = tuple(c for c, at, span in reach if span == 1 and at == column and c is not alone)
        pieces.append(_Piece(chunks, len(heights), column))
    return _apart(pieces), len(heights) + bool(columns)


def _apart(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Let no two pieces of a row take the same place: the later gives way, or joins where nothing is left of it."""
    kept: list[_Piece] = []
    for piece in sorted(pieces, key=lambda p: (p.row, p.column)):
        last = kept[-1] if kept else None
        if last is None or last.row != piece.row or last.column + last.column_span <= piece.column:
            kept.append(piece)
            continue
        end = piece.column + piece.column_span
        begin = last.column + last.column_span
        if begin < end:
            kept.append(_Piece(piece.chunks, piece.row, begin, 1, end - begin))
        else:
            kept[-1] = _Piece(last.chunks + piece.chunks, last.row, last.column, 1, last.column_span)
    return kept


def _body(
    lines: Sequence[Line], edges: Sequence[float], label_columns: int, bars: Sequence[float]
) -> tuple[list[list[Chunk]], list[Chunk]]:
    """Return the chunks of every row, and those of labels over several rows."""
    limit = edges[label_columns]
    anchored = [[c for c in line if c.x >= limit] for line in lines]
    anchored = [line for line in anchored if line]
    groups, labels = _labels(lines, edges, label_columns)
    heights = [c.box.y1 - c.box.y0 for line in lines for c in line if not c.number]
    size = median(heights or [c.box.y1 - c.box.y0 for line in lines for c in line])
    labels.sort(key=lambda line: line[0].y)
    heights = [sum(c.y for c in line) / len(line) for line in anchored]
    bands = assign([LabelLine(line[0].y, is_enumerated(line[0].text)) for line in labels], heights, bars, size)
    rows = []
    for band in bands:
        row = [c for i in band.labels for c in labels[i]]
        rows.append(row + (anchored[band.anchor] if band.anchor is not None else []))
    return rows, groups


def _labels(lines: Sequence[Line], edges: Sequence[float], label_columns: int) -> tuple[list[Chunk], list[list[Chunk]]]:
    """Tell labels over several rows (another stands right of them, or one character a line) from those of one row."""
    limit = edges[label_columns]
    groups: list[Chunk] = []
    labels: list[list[Chunk]] = []
    shorts = [line[0] for line in lines if len(line[0].text) <= 2]
    for line in lines:
        texts = [c for c in line if c.x < limit]
        if label_columns > 1:
            deepest = _reach(texts[-1], edges)[0] if texts else 0
            groups += [c for c in texts if _reach(c, edges)[0] < deepest]
            texts = [c for c in texts if _reach(c, edges)[0] >= deepest]
            short = len(texts) == 1 and deepest < label_columns - 1 and len(texts[0].text)
            if short and (
                short == 1 or (deepest == 0 and short == 2 and len(line) == 1 and _goes_on(texts[0], shorts))
            ):
                groups += texts
                continue
        if texts:
            labels.append(texts)
    return groups, labels


def _goes_on(text: Chunk, others: Sequence[Chunk]) -> bool:
    """Whether others that are as short stand closely above or below a text: lines of a label two characters wide."""
    size = text.box.y1 - text.box.y0
    gaps = [max(c.box.y0 - text.box.y1, text.box.y0 - c.box.y1) for c in others if abs(c.x - text.x) < size]
    return any(gap < size for gap in gaps if gap > -size / 2)


def _in_row(chunks: Sequence[Chunk], row: int, edges: Sequence[float], label_columns: int) -> list[_Piece]:
    """Place the chunks of one row: a number in the column of its centre, a text over all columns it covers."""
    places: dict[tuple[int, int], list[Chunk]] = {}
    for chunk in chunks:
        if chunk.number and chunk.x >= edges[label_columns]:
            column = sum(edge <= chunk.x for edge in edges[1:-1])
            places.setdefault((column, 1), []).append(chunk)
        else:
            column, span = _reach(chunk, edges)
            if column < label_columns:
                span = min(span, label_columns - column)
                column, span = next(((c, max(s, span)) for c, s in places if c == column), (column, span))
            places.setdefault((column, span), []).append(chunk)
    return _apart([_Piece(tuple(held), row, column, 1, span) for (column, span), held in places.items()])


def _group_labels(
    groups: Sequence[Chunk], rows: Sequence[Sequence[Chunk]], depth: int, edges: Sequence[float]
) -> list[_Piece]:
    """Unite the lines of each label over several rows, and let it take the rows beside which it stands."""
    if not groups or not rows:
        return []
    middles = [sum(c.y for c in row) / len(row) for row in rows]
    united: list[tuple[int, list[Chunk]]] = []
    for chunk in sorted(groups, key=lambda c: (_reach(c, edges)[0], c.y)):
        column = _reach(chunk, edges)[0]
        size = chunk.box.y1 - chunk.box.y0
        if united and united[-1][0] == column and chunk.box.y0 - united[-1][1][-1].box.y1 < 1.5 * size:
            united[-1][1].append(chunk)
        else:
            united.append((column, [chunk]))
    pieces: list[_Piece] = []
    for column, chunks in united:
        ends = (min(range(len(rows)), key=lambda i: abs(middles[i] - c.y)) for c in (chunks[0], chunks[-1]))
        first, last = sorted(ends)  # the pieces of a slanting line may be nearest to rows in another order
        pieces.append(_Piece(tuple(chunks), depth + first, column, last - first + 1, 1))
    return pieces


def _levels(pieces: Sequence[_Piece], count: int, box: Box) -> list[float]:
    """Heights between the rows: half way between what stands above and below them.

    The rows of a heading need not be in the order of their heights.
    """
    spans = [(2.0, -1.0)] * count
    for piece in pieces:
        if piece.row_span == 1:
            low, high = spans[piece.row]
            here = union(c.box for c in piece.chunks)
            spans[piece.row] = (min(low, here.y0), max(high, here.y1))
    above = list(accumulate((high for _, high in spans), max))
    below = list(accumulate((low for low, _ in reversed(spans)), min))[::-1]
    levels = [box.y0]
    for high, low in zip(above, below[1:], strict=False):
        levels.append(max(levels[-1], (high + low) / 2 if low < 2 else high))
    return [*levels, max(box.y1, levels[-1])]


def _settled(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Give every place to one piece: of one row before of several; one that finds no place joins what stands there."""
    taken: dict[tuple[int, int], int] = {}
    kept: list[_Piece] = []
    for piece in sorted(pieces, key=lambda p: (p.row_span > 1, p.row, p.column)):
        columns = range(piece.column, piece.column + piece.column_span)
        runs: list[list[int]] = [[]]
        for row in range(piece.row, piece.row + piece.row_span):
            if any((row, column) in taken for column in columns):
                runs.append([])
            else:
                runs[-1].append(row)
        free = max(runs, key=len)
        if not free:
            index = next(taken[piece.row, column] for column in columns if (piece.row, column) in taken)
            kept[index] = replace(kept[index], chunks=kept[index].chunks + piece.chunks)
            continue
        taken.update({(row, column): len(kept) for row in free for column in columns})
        kept.append(replace(piece, row=free[0], row_span=len(free)))
    return kept


def _cells(
    pieces: Sequence[_Piece], edges: Sequence[float], levels: Sequence[float], page: Page, empty: Sequence[Token]
) -> list[Cell]:
    """Make cells of the pieces, and empty cells of all places left."""
    aspect = page.height / page.width
    taken: set[tuple[int, int]] = set()
    cells = []
    for piece in _settled(pieces):
        tokens = [t for c in piece.chunks for t in c.tokens]
        cells.append(
            Cell(
                row=piece.row,
                column=piece.column,
                row_span=piece.row_span,
                column_span=piece.column_span,
                text=tokens_text(tokens, aspect),
                place=place(page, union(t.box for t in tokens)),
                confidence=confidence(tokens),
                reader=reader(tokens),
                ink=True if page.scanned else None,
                alternatives=alternatives(tokens),
                worn=worn(tokens),
            )
        )
        rows = range(piece.row, piece.row + piece.row_span)
        taken |= {(r, c) for r in rows for c in range(piece.column, piece.column + piece.column_span)}
    for row, column in ((r, c) for r in range(len(levels) - 1) for c in range(len(edges) - 1)):
        if (row, column) not in taken:
            box = Box(edges[column], levels[row], edges[column + 1], levels[row + 1])
            cells.append(_empty_cell(row, column, box, page, [t for t in empty if box.holds(t.box)]))
    return _doubted(cells) if page.scanned else cells


def _torn(cells: Sequence[Cell], labels: int) -> list[Cell]:
    """The cells of a table; the empty ones of a label are doubted beside numbers without one: they may be its own."""
    numbered = {cell.row for cell in cells if cell.column >= labels and is_number(cell.text)}
    labelled = {cell.row for cell in cells if cell.column < labels and cell.text and cell.row_span == 1}
    lone = numbered - labelled
    beside = {row for row in labelled - numbered if {row - 1, row + 1} & lone}
    return [
        replace(cell, confidence=min(cell.confidence, _LONE_ROW)) if cell.row in beside and not cell.text else cell
        for cell in cells
    ]


def _doubted(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of a scan; the empty ones of a row without any number are doubted, and strokes among many zeros.

    Such a row may be one half of another's label, and its numbers those of that row: the ink proves the place empty,
    and not that the place is the row's. And no identity tells the stroke that a seal leaves of a zero from a zero.
    """
    rows = {row for cell in cells if is_number(cell.text) for row in range(cell.row, cell.row + cell.row_span)}
    strokes = {cell for cell in cells if is_number(cell.text) and not has_digits(cell.text)}
    zeros = sum(cell.text == "0" for cell in cells)
    strange = strokes if zeros >= _MANY * len(strokes) else set()
    least = {True: _STRANGE, False: _LONE_ROW}
    return [
        replace(cell, confidence=min(cell.confidence, least[cell in strange]))
        if cell in strange or not (cell.row in rows or cell.text)
        else cell
        for cell in cells
    ]


_RIM = 0.1
"""What runs across an edge by less than this share of its width touches it."""
_LONE_ROW = 0.9
"""Probability at most that a row without rules around it, in which no number stands, is a row of its own."""
_MANY = 8
"""So many zeros to a stroke are printed in a table that has no strokes for nothing ..."""
_STRANGE = 0.5
"""... and probability at most that one is a stroke there."""


def _empty_cell(row: int, column: int, box: Box, page: Page, proof: Sequence[Token]) -> Cell:
    """A place without print; on a scanned page nobody has looked there for ink if no token says so."""
    if not proof:
        return Cell(row, column, "", place(page, box), confidence=0.5 if page.scanned else 1.0)
    return Cell(
        row,
        column,
        "",
        place(page, box),
        confidence=confidence(proof),
        reader=reader(proof),
        ink=shows_ink(proof),
        alternatives=alternatives(proof),
    )
