# The gateway: HTTP in, gRPC out. Build it from the root of the repository: `make images`.

ARG PYTHON=python:3.11-slim-bookworm

# The project's own wheel, out of the sources, by build tools that are locked as everything else is.
FROM ${PYTHON} AS wheel
WORKDIR /src
RUN --mount=type=bind,source=requirements/build.txt,target=/tmp/build.txt \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip /opt/build \
    && python3 -m pip --python /opt/build/bin/python install --root-user-action ignore \
        --require-hashes --only-binary :all: -r /tmp/build.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY services services
COPY deploy/triton/backends deploy/triton/backends
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /dist

# What it stands on. Bytecode that nobody checks against sources again is the quickest to start on.
FROM ${PYTHON} AS dependencies
RUN --mount=type=bind,source=requirements/gateway.txt,target=/tmp/gateway.txt \
    --mount=type=bind,source=requirements/tracing.txt,target=/tmp/tracing.txt \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip /opt/mattebox \
    && python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --require-hashes --only-binary :all: --no-compile \
        -r /tmp/gateway.txt -r /tmp/tracing.txt \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mattebox/lib

# The project by itself, so that a change of it is a small layer.
FROM dependencies AS project
COPY --from=wheel /dist /dist
RUN python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --no-index --no-deps --no-compile --root /project /dist/*.whl \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /project \
    && mkdir /project/data

FROM ${PYTHON}
# Nothing is installed into this image any more.
RUN rm -rf /usr/local/bin/pip* /usr/local/bin/wheel /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/*
COPY --from=dependencies /opt/mattebox /opt/mattebox
COPY --from=project /project/opt/mattebox /opt/mattebox
# A volume that an engine puts here begins as this folder's owner may use it.
COPY --from=project --chown=65532:65532 /project/data /data
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mattebox gateway" \
    org.opencontainers.image.description="Self-hosted background removal: the HTTP gateway" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# Uploads are few and large: mapped each by itself, they leave no holes when they go.
ENV PATH=/opt/mattebox/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    MALLOC_TRIM_THRESHOLD_=8388608
USER 65532:65532
WORKDIR /
EXPOSE 8080 9090
ENTRYPOINT ["/opt/mattebox/bin/mattebox-gateway"]
