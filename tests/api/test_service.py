"""Health, forms, OpenAPI, and errors outside of any route."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api import Settings, create_app
from service.api.routes import health
from service.errors import MissingModel
from service.forms.catalogue import load_forms
from tests.api.fakes import without_models


def _wait_until_ready(client: TestClient) -> dict[str, Any]:
    for _ in range(100):
        response = client.get("/readyz")
        if response.status_code == 200:
            break
        time.sleep(0.05)
    answer: dict[str, Any] = response.json()
    return answer


def test_the_service_lives(client: TestClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_models_store_and_workers_are(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_models_present", lambda: None)
    assert _wait_until_ready(client) == {
        "status": "ready",
        "checks": dict.fromkeys(("models", "store", "workers"), "ok"),
    }


def test_not_ready_without_models(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise MissingModel("The model is not installed.")

    monkeypatch.setattr(health, "_models_present", absent)
    response = client.get("/readyz")
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.json()["checks"]["models"] == "The model is not installed."


def test_not_ready_without_a_worker_until_it_is_back(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_models_present", lambda: None)
    answer = client.post("/v1/reports", files={"file": ("x", b"pid")})
    os.kill(int(answer.json()["source"]["name"]), signal.SIGKILL)
    time.sleep(0.2)
    assert client.get("/readyz").status_code == 503
    assert _wait_until_ready(client)["status"] == "ready"


def test_a_service_whose_worker_cannot_start_says_so(tmp_path: Path) -> None:
    app = create_app(Settings(store_url=f"sqlite:///{tmp_path}/r.db"), without_models)
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200
        response = client.post("/v1/reports", files={"file": ("x", b"fine")})
        assert (response.status_code, response.json()["code"]) == (503, "missing-model")


def test_forms_lists_every_field_of_every_form(client: TestClient) -> None:
    listed = client.get("/v1/forms").json()
    assert [form["id"] for form in listed] == [form.id for form in load_forms()]
    for form, known in zip(listed, load_forms(), strict=True):
        assert [f["id"] for fields in form["tables"].values() for f in fields] == [spec.id for spec in known.fields()]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/reports", 405)])
def test_errors_outside_of_routes_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["type"] == "about:blank"
    assert ("allow" in response.headers) == (status == 405)


def test_openapi_describes_results_and_problems(client: TestClient) -> None:
    api = client.get("/openapi.json").json()
    responses = api["paths"]["/v1/reports"]["post"]["responses"]
    assert responses["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Extraction"}
    assert "Location" in responses["200"]["headers"]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert {status for status, r in responses.items() if r.get("content") == problem} >= {"413", "415", "422", "503"}
    assert {"type", "title", "status", "detail"} <= set(api["components"]["schemas"]["Problem"]["properties"])
    assert "InvalidPart" in api["components"]["schemas"]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_STORE_URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("GOUJI_WORKERS", "3")
    monkeypatch.setenv("GOUJI_LIMIT_FILE_BYTES", "17")
    settings = Settings()
    assert (settings.store_url, settings.workers, settings.limits.file_bytes) == ("sqlite:///elsewhere.db", 3, 17)
