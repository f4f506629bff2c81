import csv

import pytest
import yaml

from data import CONTRACT, TEMPLATES
from service.errors import InvalidTemplate
from service.forms.catalogue import load_form, load_forms

YEARS = ["2019", "2021"]


def rows(name):
    with (CONTRACT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def form(year):
    return next(form for form in load_forms() if form.year == year)


@pytest.mark.parametrize("year", YEARS)
def test_fields_and_label_paths_are_the_contracts_in_printed_order(year):
    assert [spec.id for spec in form(year).fields()] == [field for field, _ in rows(f"fields-{year}.tsv")]


@pytest.mark.parametrize("year", YEARS)
def test_label_paths_end_as_the_contract_prints_them(year):
    ours = {spec.id: spec.label for spec in form(year).fields()}
    for field, label in rows(f"fields-{year}.tsv"):
        assert ours[field] == label


@pytest.mark.parametrize("year", YEARS)
def test_identities_are_the_contracts_in_order(year):
    ours = [
        (spec.id, " + ".join(spec.left), " + ".join(spec.right))
        for table in form(year).tables
        for spec in form(year).identity_specs(table.id)
    ]
    assert ours == [tuple(row) for row in rows(f"identities-{year}.tsv")]


def broken(tmp_path, change):
    content = yaml.safe_load((TEMPLATES / "cn-disclosure-2021.yaml").read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["tables"][1]["blocks"][0]["rows"].append({"id": "received", "label": "x"}), "stands twice"),
        (lambda c: c["identities"][0]["left"].append("nobody"), "nobody"),
        (lambda c: c["tables"][0].update(chapter="nowhere"), "unknown chapter"),
        (lambda c: c["identities"][0].update(table="nowhere"), "unknown table"),
        (lambda c: c.update(colour="red"), "broken.yaml"),
        (lambda c: c.pop("year"), "broken.yaml"),
    ],
)
def test_a_form_that_breaks_its_rules_is_refused(tmp_path, change, says):
    with pytest.raises(InvalidTemplate, match=says):
        load_form(broken(tmp_path, change))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InvalidTemplate, match="no form files"):
        load_forms(tmp_path)
