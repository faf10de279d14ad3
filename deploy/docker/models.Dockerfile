# The tool `mattebox` with networks that it has installed, for an init container to deliver to Triton:
# `models deliver u2netp --from /opt/mattebox/model_repository --to /models`. Build it from the root of
# the repository: `make images`.

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

# Networks are fetched, wrapped and proved by what the final image has no use for.
FROM ${PYTHON} AS installer
RUN --mount=type=bind,source=requirements/models.txt,target=/tmp/models.txt \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/installer \
    && /opt/installer/bin/python -m pip install --root-user-action ignore \
        --require-hashes --only-binary :all: -r /tmp/models.txt

FROM installer AS models
COPY --from=wheel /dist /dist
RUN /opt/installer/bin/python -m pip install --root-user-action ignore --no-index --no-deps /dist/*.whl
COPY model_repository /opt/mattebox/model_repository
# Names out of `mattebox models list`, by spaces, of networks that need no file of the operator's.
ARG MODELS=u2netp
RUN --mount=type=cache,target=/root/.cache/pip \
    for model in ${MODELS}; do \
        /opt/installer/bin/mattebox models install "${model}" --repository /opt/mattebox/model_repository \
        || exit 1; \
    done

# What the tool stands on.
FROM ${PYTHON} AS dependencies
RUN --mount=type=bind,source=requirements/tool.txt,target=/tmp/tool.txt \
    --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip /opt/mattebox \
    && python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --require-hashes --only-binary :all: --no-compile -r /tmp/tool.txt \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mattebox/lib

# The project by itself, so that a change of it is a small layer.
FROM dependencies AS project
COPY --from=wheel /dist /dist
RUN python3 -m pip --python /opt/mattebox/bin/python install --root-user-action ignore \
        --no-index --no-deps --no-compile --root /project /dist/*.whl \
    && /opt/mattebox/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /project \
    && mkdir /project/models

FROM ${PYTHON}
# Nothing is installed into this image any more.
RUN rm -rf /usr/local/bin/pip* /usr/local/bin/wheel /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/*
COPY --from=dependencies /opt/mattebox /opt/mattebox
COPY --from=project /project/opt/mattebox /opt/mattebox
# A volume that an engine puts here begins as this folder's owner may use it.
COPY --from=project --chown=65532:65532 /project/models /models
COPY --from=models /opt/mattebox/model_repository /opt/mattebox/model_repository
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mattebox models" \
    org.opencontainers.image.description="Self-hosted background removal: networks, ready to be delivered" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
ENV PATH=/opt/mattebox/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/opt/mattebox/bin/mattebox"]
CMD ["models", "deliver", "u2netp", "--from", "/opt/mattebox/model_repository", "--to", "/models"]
