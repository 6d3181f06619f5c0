# Built without an engine at hand? `make check` lints this file; tests/deploy runs the entrypoint as a process.
FROM python:3.12-slim AS build

WORKDIR /src
# Third-party packages first: they change seldom, and the layer is kept.
COPY deploy/requirements.lock ./
RUN python -m venv /opt/label-studio \
 && /opt/label-studio/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

# The wheel's build hook builds the front end with the Node.js of a wheel.
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && /opt/label-studio/bin/pip install --no-cache-dir --no-deps /wheels/*.whl


FROM python:3.12-slim

LABEL org.opencontainers.image.title="Label Studio Server" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN groupadd --system --gid 10001 label-studio \
 && useradd --system --uid 10001 --gid 10001 --home-dir /label-studio --shell /usr/sbin/nologin label-studio \
 && install --directory --owner=10001 --group=10001 --mode=0755 /label-studio

COPY --from=build /opt/label-studio /opt/label-studio
COPY deploy/docker-entrypoint.sh deploy/prepare_instance.py deploy/healthcheck.py /opt/label-studio/deploy/

ENV PATH=/opt/label-studio/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PROJECT_NAME=my_project \
    HOST=0.0.0.0 \
    PORT=8080 \
    PROTOCOL=http:// \
    INIT_COMMAND=--init

# Project directories are made here, as `label-studio start my_project` says.
WORKDIR /label-studio
VOLUME /label-studio
USER 10001:10001
EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "/opt/label-studio/deploy/healthcheck.py"]
ENTRYPOINT ["/opt/label-studio/deploy/docker-entrypoint.sh"]
CMD ["start"]
