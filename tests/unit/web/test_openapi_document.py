"""A document from YAML files: put together, references filled in, queries added."""

import itertools
from typing import Annotated

import pytest
from pydantic import Field

from newsman.web.openapi.document import read_document
from newsman.web.query import TEXT, QueryModel

HEAD = """
openapi: 3.1.0
info: {title: A sample}
security: [{bearer: []}]
components:
  responses:
    Bad:
      description: Bad.
      content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}
  parameters:
    Id: {name: id, in: path}
  schemas:
    B: {type: string}
"""
PATHS = """
paths:
  /a/{id}:
    get:
      operationId: readA
      x-query: Words
      parameters: [{$ref: "#/components/parameters/Id"}]
      responses:
        "200": {description: Good.}
        "400": {$ref: "#/components/responses/Bad"}
        "404": {$ref: "#/components/responses/Bad", description: Not there.}
    post: {operationId: writeA, security: [], responses: {"200": {description: Good.}}}
"""
NUMBERS = itertools.count()


class Words(QueryModel):
    q: Annotated[str, TEXT] = Field("", description="Words.")


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads the document of files that a test names."""

    def read(**texts):
        package = f"described_{next(NUMBERS)}"
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        for name, text in texts.items():
            (tmp_path / package / f"{name}.yaml").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return read_document(package, {"A": {"type": "object"}}, [Words])

    return read


def test_the_files_of_a_package_are_one_document(read):
    document = read(head=HEAD, paths=PATHS)
    assert document["info"]["title"] == "A sample"
    assert document["info"]["version"]
    assert list(document["paths"]) == ["/a/{id}"]


def test_schemas_of_models_stand_beside_those_of_the_files(read):
    components = read(head=HEAD, paths=PATHS)["components"]
    assert components == {"schemas": {"A": {"type": "object"}, "B": {"type": "string"}}}


def test_a_query_comes_before_the_parameters_of_its_own(read):
    operation = read(head=HEAD, paths=PATHS)["paths"]["/a/{id}"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["q", "id"]
    assert "x-query" not in operation


def test_a_shared_answer_stands_where_it_is_referred_to_and_may_be_described_anew(read):
    responses = read(head=HEAD, paths=PATHS)["paths"]["/a/{id}"]["get"]["responses"]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    assert responses["400"] == {"description": "Bad.", "content": content}
    assert responses["404"] == {"description": "Not there.", "content": content}


def test_an_operation_has_the_security_of_the_document_or_its_own(read):
    methods = read(head=HEAD, paths=PATHS)["paths"]["/a/{id}"]
    assert methods["get"]["security"] == [{"bearer": []}]
    assert methods["post"]["security"] == []


def test_what_two_files_say_is_refused(read):
    with pytest.raises(ValueError, match=r"twice\.yaml: operationId is in another file"):
        read(head=HEAD, paths=PATHS, twice="paths: {'/a/{id}': {get: {operationId: again}}}")


@pytest.mark.parametrize(
    ("right", "wrong"), [("x-query: Words", "x-query: Word"), ("responses/Bad", "responses/Good")]
)
def test_a_name_of_nothing_is_refused(read, right, wrong):
    with pytest.raises(KeyError):
        read(head=HEAD, paths=PATHS.replace(right, wrong))
