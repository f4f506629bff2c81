"""POST /v1/reports and GET /v1/reports/{id}."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from service.results import Extraction
from tests.api.conftest import FILE_BYTES
from tests.built import build


def _post(client: TestClient, data: bytes, name: str = "report.pdf", **query: str) -> httpx.Response:
    return client.post("/v1/reports", files={"file": (name, data)}, params=query)


def _problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert "Traceback" not in response.text
    return problem


def test_a_report_is_answered_with_its_result_and_nothing_else(client: TestClient) -> None:
    response = _post(client, b"fine", "年报 二〇二一.pdf")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert Extraction.model_validate_json(response.content) == build("年报 二〇二一.pdf", b"fine", clean=True)


def test_the_result_is_stored_under_its_location(client: TestClient) -> None:
    sent = _post(client, b"fine")
    assert sent.headers["location"] == f"/v1/reports/{sent.headers['x-report-id']}"
    stored = client.get(sent.headers["location"])
    assert (stored.status_code, stored.content) == (200, sent.content)


def test_sending_a_file_again_adds_a_version(client: TestClient) -> None:
    first, second = _post(client, b"again"), _post(client, b"again")
    assert first.headers["x-report-id"] != second.headers["x-report-id"]
    assert client.get(first.headers["location"]).content == first.content


@pytest.mark.parametrize(
    ("sent", "known"),
    [("../../etc/年报.pdf", "年报.pdf"), (r"C:\报告\a　b.pdf", "a　b.pdf"), ("dir/", "upload")],
)
def test_a_name_is_never_a_path(client: TestClient, sent: str, known: str) -> None:
    assert _post(client, b"fine", sent).json()["source"]["name"] == known


def test_an_unreadable_file_is_the_callers_problem(client: TestClient) -> None:
    problem = _problem(_post(client, b"damaged"), 422)
    assert problem["type"] == "urn:gouji:error:damaged-file"
    assert (problem["code"], problem["detail"]) == ("damaged-file", "The file is cut off.")


def test_an_unforeseen_error_keeps_its_details_to_the_log(client: TestClient) -> None:
    response = _post(client, b"bug")
    assert _problem(response, 500)["code"] == "internal-error"
    assert "secret" not in response.text


def test_a_dead_worker_is_replaced(client: TestClient) -> None:
    response = _post(client, b"die")
    assert _problem(response, 503)["code"] == "worker-lost"
    assert response.headers["retry-after"]
    assert _post(client, b"fine").status_code == 200


def test_a_file_that_takes_too_long_is_stopped(client: TestClient) -> None:
    assert _problem(_post(client, b"sleep 60"), 422)["code"] == "time-limit-exceeded"
    assert _post(client, b"fine").status_code == 200


def test_a_missing_file_is_invalid(client: TestClient) -> None:
    problem = _problem(client.post("/v1/reports", data={"other": "1"}), 422)
    assert problem["errors"][0]["where"] == "body/file"
    assert _problem(client.post("/v1/reports"), 422)["errors"][0]["where"] == "body/file"


def test_a_broken_form_is_a_bad_request(client: TestClient) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    _problem(client.post("/v1/reports", content=b"no boundary", headers=headers), 400)


def test_not_waiting_is_not_offered_yet(client: TestClient) -> None:
    assert "wait=false" in _problem(_post(client, b"fine", wait="false"), 400)["detail"]
    assert _problem(_post(client, b"fine", wait="perhaps"), 422)["errors"][0]["where"] == "query/wait"


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(client: TestClient) -> None:
    assert _problem(_post(client, b"x" * (FILE_BYTES + 1)), 413)["code"] == "limit-exceeded"
    assert _post(client, b"x" * FILE_BYTES).status_code == 200


def test_a_body_far_over_the_limit_is_refused_by_its_announced_length(client: TestClient) -> None:
    assert _problem(_post(client, b"x" * (3 * FILE_BYTES)), 413)["code"] == "limit-exceeded"


def test_a_body_of_unknown_length_is_refused_while_it_comes_in(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 10_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    _problem(client.post("/v1/reports", content=body(), headers=headers), 413)


def test_health_answers_while_a_file_is_read_and_the_queue_is_bounded(client: TestClient) -> None:
    _post(client, b"fine")
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(_post, client, b"sleep 0.8") for _ in range(2)]
        time.sleep(0.3)
        began = time.monotonic()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code in (200, 503)
        assert _problem(_post(client, b"fine"), 503)["code"] == "overloaded"
        assert time.monotonic() - began < 0.5
        assert [response.result().status_code for response in slow] == [200, 200]
    assert _post(client, b"fine").status_code == 200


def test_an_unknown_id_is_not_found_and_a_malformed_one_invalid(client: TestClient) -> None:
    assert _problem(client.get(f"/v1/reports/{'0' * 32}"), 404)["code"] == "not-found"
    _problem(client.get("/v1/reports/not-an-id"), 422)
