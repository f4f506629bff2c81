import json

import numpy as np
import pytest

from models.cells import (
    BLANK,
    INPUTS,
    MARK,
    NONE,
    OUTPUTS,
    ROLES,
    SHAPES,
    UNKNOWN,
    CellClasses,
    CellClassifier,
    CellEncoder,
    CellGeometry,
    CellInput,
    describe,
    load_classifier,
    read_description,
    shape_of,
    windows,
)
from service.errors import MissingModel

VOCABULARY = (*SHAPES, *"规章总计1")
SMALL = CellGeometry(head=3, tail=2, steps=11, ranks=5, window=8)
CLASSES = CellClasses((NONE, "t.first", "t.second"), (NONE, "t.left", "t.right"))


def row(line, *texts):
    count = len(texts)
    return [CellInput(text, line, at / count, (at + 1) / count) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", BLANK),
        ("/", MARK),
        ("0", "<1 digits>"),
        ("12", "<2 digits>"),
        ("123456789012", "<8 digits>"),
        ("5.035", "<decimal>"),
        ("-3", "<negative>"),
        ("0 0 / 12", "<4 numbers>"),
        ("规章", None),
        ("1属于国家秘密", None),
        ("2笔", None),
    ],
)
def test_a_value_is_seen_by_its_shape_alone(text, shape):
    assert shape_of(text) == shape


def test_numbers_of_one_shape_look_the_same_and_texts_do_not():
    arrays = CellEncoder(VOCABULARY, SMALL).encode(row(0, "规章", "37", "91", "5", "总计"))
    assert arrays.index.tolist() == [0, 1, 1, 2, 3]
    assert arrays.texts[1].tolist() == [SHAPES.index("<2 digits>"), 0, 0, 0, 0]
    assert [VOCABULARY[token] for token in arrays.texts[0][:2]] == ["规", "章"]


def test_long_texts_show_both_ends_and_unknown_characters_are_unknown():
    arrays = CellEncoder(VOCABULARY, SMALL).encode(row(0, "规章总计规章计", "规龘"))
    assert "".join(VOCABULARY[token] for token in arrays.texts[0]) == "规章总章计"
    assert [VOCABULARY[token] for token in arrays.texts[1][:2]] == ["规", UNKNOWN]


def test_places_and_ranks():
    cells = [*row(4, "规章", "1", "", "7"), *row(9, "总计", "/", "5")]
    arrays = CellEncoder(VOCABULARY, SMALL).encode(cells)
    assert arrays.boxes[:, 1].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert arrays.boxes[3].tolist() == [8, 0, 10, 0]
    assert arrays.left.tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert arrays.right.tolist() == [0, 3, 2, 1, 0, 2, 1]


def test_ranks_end_where_the_tables_of_the_network_do():
    arrays = CellEncoder(VOCABULARY, SMALL).encode(row(0, *"12345678"))
    assert arrays.left.max() == arrays.right.max() == SMALL.ranks - 1


@pytest.mark.parametrize("counts", [[3], [8], [4, 4, 4], [5] * 9, [20], [1] * 40, [7, 2, 9, 1, 30, 3]])
def test_windows_answer_for_every_cell_once(counts):
    cells = [cell for line, count in enumerate(counts) for cell in row(line, *["1"] * count)]
    runs = list(windows(cells, 8))
    assert [number for start, end, first, last in runs for number in range(first, last)] == list(range(len(cells)))
    assert all(start <= first <= last <= end and end - start <= 8 for start, end, first, last in runs)


def test_windows_end_between_lines():
    cells = [cell for line in range(10) for cell in row(line, "规章", "1", "2")]
    assert all(start % 3 == 0 and (end % 3 == 0) for start, end, _, _ in windows(cells, 8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A random network without training, exported."""
    torch = pytest.importorskip("torch")
    from training.cells.model import CellNetwork, NetworkSize, export_onnx

    torch.manual_seed(3)
    out = tmp_path_factory.mktemp("cells")
    network = CellNetwork(len(VOCABULARY), CLASSES, SMALL, NetworkSize(16, 1, 2, 32, 8))
    export_onnx(network, out / "model.onnx", texts=SMALL.head + SMALL.tail)
    (out / "model.json").write_text(json.dumps(describe("7", CLASSES, VOCABULARY, SMALL, seed=3)), encoding="utf-8")
    return out


def test_a_classifier_gives_probabilities_for_every_cell(folder):
    classifier = CellClassifier(folder)
    assert classifier.name == f"cells-{folder.name}"
    assert classifier.classes == CLASSES
    cells = [cell for line in range(9) for cell in row(line, "规章", "1", "", "3.5")]
    found = classifier.classify(cells)
    assert found.role.shape == (36, len(ROLES))
    assert found.row.shape == found.column.shape == (36, 3)
    for probabilities in (found.role, found.row, found.column):
        assert probabilities.dtype == np.float32
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        assert (probabilities >= 0).all()


def test_no_cells_have_no_probabilities(folder):
    found = CellClassifier(folder).classify([])
    assert found.role.shape == (0, len(ROLES))


def test_digits_never_change_what_is_said(folder):
    classifier = CellClassifier(folder)
    one, other = (classifier.classify(row(0, "规章", *numbers)) for numbers in (("12", "0"), ("98", "7")))
    assert np.array_equal(one.row, other.row)
    longer = classifier.classify(row(0, "规章", "123", "7"))
    assert not np.array_equal(one.row, longer.row)


def test_inputs_and_outputs_are_those_of_the_file(folder):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == list(INPUTS)
    assert [one.name for one in session.get_outputs()] == list(OUTPUTS)


def test_without_a_description_there_is_no_model(tmp_path):
    with pytest.raises(MissingModel):
        read_description(tmp_path)
    (tmp_path / "model.json").write_text('{"model": "cells", "geometry": {"strange": 1}}', encoding="utf-8")
    with pytest.raises(MissingModel):
        CellClassifier(tmp_path)


def test_a_broken_network_is_a_missing_model(tmp_path, folder):
    (tmp_path / "model.json").write_text((folder / "model.json").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(MissingModel):
        CellClassifier(tmp_path)


def test_nothing_is_served_where_there_are_no_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("GOUJI_WEIGHTS", str(tmp_path))
    assert load_classifier() is None
