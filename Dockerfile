# kgrag for a server: the page, REST and accounts. No compiler, no torch, no GPU in it; a language
# model is served beside it, see compose.yaml. It runs as user 10001 and writes to /data and /tmp
# only, so that the rest may be read-only.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY indexes ./indexes
COPY kgrag ./kgrag
COPY ui ./ui
COPY eval ./eval
RUN pip wheel --no-deps --constraint constraints.txt --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/kgrag \
    && pip --python /opt/kgrag/bin/python install --constraint constraints.txt /wheels/*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 kgrag \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin kgrag \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/kgrag /opt/kgrag
# What libraries want to keep for themselves goes to /tmp; HOME is nowhere that matters.
ENV PATH=/opt/kgrag/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONSAFEPATH=1 \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
# As Ctrl-C: whatever is being written or waited for is given up at once.
STOPSIGNAL SIGINT
# /healthz needs no account and tells nothing but that it is alive. No proxy is asked.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 7860, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["kgrag"]
# Reached by another name? Say so with --name, which may be given several times. First of all:
# kgrag user add NAME --admin --home /data
CMD ["ui", "--accounts", "/data", "--host", "0.0.0.0", "--port", "7860", "--name", "localhost:7860"]
