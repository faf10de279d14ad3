# The segmenter: gRPC in, pixels out; the network runs in Triton. Build it from the root of the repository: `make images`.

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
RUN --mount=type=bind,source=requirements/segmenter.txt,target=/tmp/segmenter.txt \
    --mount=type=bind,source=requirements/tracing.txt,target=/tmp/tracing.txt \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip /opt/mattebox \
    && python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --require-hashes --only-binary :all: --no-compile \
        -r /tmp/segmenter.txt -r /tmp/tracing.txt \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mattebox/lib

# The project by itself, so that a change of it is a small layer.
FROM dependencies AS project
COPY --from=wheel /dist /dist
RUN python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --no-index --no-deps --no-compile --root /project /dist/*.whl \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /project

FROM ${PYTHON}
# Nothing is installed into this image any more.
RUN rm -rf /usr/local/bin/pip* /usr/local/bin/wheel /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/*
COPY --from=dependencies /opt/mattebox /opt/mattebox
COPY --from=project /project/opt/mattebox /opt/mattebox
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mattebox segmenter" \
    org.opencontainers.image.description="Self-hosted background removal: the gRPC segmenter" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# glibc's defaults keep twice as much of what the pictures in work have needed at some time.
ENV PATH=/opt/mattebox/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=1073741824 \
    MALLOC_TRIM_THRESHOLD_=268435456 \
    OPENBLAS_NUM_THREADS=1
USER 65532:65532
WORKDIR /
EXPOSE 50051 9091
ENTRYPOINT ["/opt/mattebox/bin/mattebox-segmenter"]
