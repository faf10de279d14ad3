# Every target carries its own text: `make` lists them.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

# The first Python that can run everything, Triton included, or else one without Triton.
PYTHON ?= $(shell for range in '<(3,13)' '<(3,14)'; do for python in python3 python3.12 python3.11 python3.13; do \
	$$python -c "import sys, venv, ensurepip; sys.exit(not (sys.version_info >= (3,11) and sys.version_info $$range))" 2>/dev/null \
	&& { echo $$python; exit; }; done; done)

VENV := .venv
BIN := $(VENV)/bin
VENV_NUMPY2 := .venv-numpy2
VENV_FUZZ := .venv-fuzz
VENV_CLIENTS := .venv-clients
VENV_DEPLOY := .venv-deploy
VENV_DOCS := .venv-docs
# Its theme tells of its own future at each run.
MKDOCS = NO_MKDOCS_2_WARNING=1 $(VENV_DOCS)/bin/mkdocs
FUZZ_TARGETS := decode multipart json urlencoded image_url options
PIP_INSTALL := pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes
MODEL := u2netp
MODEL_FILE := model_repository/$(MODEL)/1/model.onnx
PROTOS := $(shell find proto -name '*.proto')
SERVICE_PROTOS := $(shell grep -rl '^service ' proto)
PROTOC = $(BIN)/python -m grpc_tools.protoc --proto_path=proto \
	--proto_path=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
STUBS := services/mattebox/segmenter/v1
KERNELS := services/segmenter/imaging/kernels
# docker, or podman: whatever takes `build` with these options.
CONTAINER_ENGINE ?= docker
IMAGES := gateway segmenter models up
# The networks in those images that hold networks, by spaces.
MODELS ?= u2netp
WITH_MODELS = $(notdir $(basename $(shell grep -l '^ARG MODELS=' deploy/docker/*.Dockerfile)))
VERSION := $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)
REVISION = $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
# What makes two builds of one revision the same, as far as an engine knows of it.
EPOCH = $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
# The tests of pixel code also run with the other major version of NumPy.
NUMPY2_TESTS := tests/unit/segmenter --ignore tests/unit/segmenter/imaging/kernels/test_build_hook.py
TESTS_OF_PARTS := tests/architecture tests/fuzz tests/integration tests/unit
TESTS_OF_WHOLE := tests/contract tests/e2e
TESTS_OF_DEPLOYMENT := tests/deploy

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: kernels $(MODEL_FILE) ## Set up and run the whole service: make up ARGS="--port 9000"
	@exec $(BIN)/mattebox up $(ARGS)

.PHONY: setup
setup: $(VENV)/.dev kernels $(MODEL_FILE) ## Set up everything that development needs

# Installing builds them, too; this is for those who change them, and takes no time where nothing has.
.PHONY: kernels
kernels: $(VENV)/.runtime ## Build the segmenter's kernels anew if their C has changed; setup, test and up do so, too
	@$(BIN)/python $(KERNELS)/build_hook.py

.PHONY: test
test: setup $(VENV_NUMPY2)/.ready $(VENV_CLIENTS)/.ready $(VENV_DEPLOY)/.ready $(VENV_DOCS)/.ready ## Set up and run the whole suite: make test ARGS="-k png"
ifeq ($(strip $(ARGS)),)
	@$(MAKE) --no-print-directory --jobs=2 test-parts test-whole
else
	$(BIN)/python -m pytest $(ARGS)
	$(VENV_NUMPY2)/bin/python -m pytest $(NUMPY2_TESTS) --quiet $(ARGS)
endif

# What runs side by side: parts, and the whole as its users meet it and as it is deployed.
.PHONY: test-parts test-whole
test-parts:
	$(BIN)/python -m pytest --quiet $(TESTS_OF_PARTS)
	$(VENV_NUMPY2)/bin/python -m pytest --quiet $(NUMPY2_TESTS)
test-whole:
	$(BIN)/python -m pytest $(TESTS_OF_WHOLE)
	$(BIN)/python -m pytest --quiet $(TESTS_OF_DEPLOYMENT)

.PHONY: test-quick
test-quick: setup ## Run what takes no real Triton and no minutes
	$(BIN)/python -m pytest -m "not e2e and not slow" $(ARGS)

.PHONY: test-e2e
test-e2e: setup $(VENV_CLIENTS)/.ready ## Run what starts the real Triton
	$(BIN)/python -m pytest -m e2e $(ARGS)

.PHONY: test-contract
test-contract: setup $(VENV_CLIENTS)/.ready ## Hold every line of the public contract against a running service
	$(BIN)/python -m pytest tests/contract $(ARGS)

.PHONY: lint
lint: $(VENV)/.dev proto-check ## Check style, imports and that the stubs match the protos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

.PHONY: types
types: $(VENV)/.dev ## Check types, strictly
	$(BIN)/mypy services tests benchmarks docs examples deploy/monitoring
	$(BIN)/mypy deploy/triton/backends/onnxruntime/model.py

.PHONY: fmt
fmt: $(VENV)/.dev ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: check
check: lint types test ## Everything that has to hold before a change lands

.PHONY: proto
proto: $(VENV)/.dev ## Generate the stubs from the protos
	$(call generate-stubs,services)

.PHONY: proto-check
proto-check: $(VENV)/.dev ## Fail where the committed stubs do not match the protos
	@rm -rf $(VENV)/stubs && mkdir $(VENV)/stubs
	$(call generate-stubs,$(VENV)/stubs)
	@diff -ru --exclude=__init__.py --exclude=__pycache__ $(VENV)/stubs/mattebox/segmenter/v1 $(STUBS) \
		|| { echo "the stubs do not match the protos: run 'make proto'"; exit 1; }

.PHONY: bench
bench: setup ## Measure stages, load and overhead of a running service, in some minutes
	$(BIN)/python -m benchmarks.stages
	$(BIN)/python -m benchmarks.performance --short $(ARGS)

.PHONY: bench-peers
bench-peers: setup ## Measure speed and memory against their budgets, beside rembg's server
	$(BIN)/python -m benchmarks.performance $(ARGS)

.PHONY: quality
quality: setup ## Measure mattes and colours beside rembg's
	$(BIN)/python -m benchmarks.quality $(ARGS)

.PHONY: fuzz
fuzz: $(VENV_FUZZ)/.ready ## Fuzz each target for a minute; what is found goes to .fuzz/
	$(call fuzz-each,60,1)

.PHONY: fuzz-nightly
fuzz-nightly: $(VENV_FUZZ)/.ready ## Fuzz each target for ten minutes, from another seed each time
	$(call fuzz-each,600,0)

.PHONY: reliability
reliability: setup ## Hold the promises of docs/reliability.md that are measured: two hours, ARGS=--short minutes
	$(BIN)/python -m benchmarks.reliability $(ARGS)

.PHONY: soak
soak: setup ## Half an hour of mixed load: memory, descriptors and threads must stay
	$(BIN)/python -m benchmarks.soak $(ARGS)

.PHONY: images
images: ## Build the container images: make images CONTAINER_ENGINE=podman
	$(foreach image,$(IMAGES),$(call build-image,$(image)))

.PHONY: sbom
sbom: $(VENV)/.dev $(VENV_DEPLOY)/.ready ## Write to dist/sbom/ what is in each image (CycloneDX), without a container engine
	$(BIN)/python -m tests.deploy.images.sbom dist/sbom

.PHONY: docs
docs: $(VENV_DOCS)/.ready ## Make a site of docs/ in dist/site, and fail where there is a warning
	$(MKDOCS) build --strict

.PHONY: docs-serve
docs-serve: $(VENV_DOCS)/.ready ## Show the site at http://127.0.0.1:8000, made anew at each change
	$(MKDOCS) serve --strict

.PHONY: lock
lock: $(VENV)/.dev ## Compile the lock files anew from pyproject.toml
	$(call compile,runtime,--all-extras pyproject.toml)
	$(call compile,dev,--all-extras --group dev --constraint requirements/runtime.txt pyproject.toml)
	$(call compile,build,--group build --constraint requirements/runtime.txt)
	$(call compile,tool,--constraint requirements/runtime.txt pyproject.toml)
	$(call compile,models,--extra models --constraint requirements/runtime.txt pyproject.toml)
	$(call compile,gateway,--extra gateway pyproject.toml)
	$(call compile,segmenter,--extra segmenter pyproject.toml)
	$(call compile,tracing,--extra tracing --constraint requirements/gateway.txt --constraint requirements/segmenter.txt pyproject.toml)
	$(call compile,numpy2,--extra segmenter --extra models --extra tracing --group test pyproject.toml)
	$(call compile,fuzz,--extra gateway --extra segmenter --group fuzz --constraint requirements/runtime.txt pyproject.toml)
	$(call compile,clients,--group clients)
	$(call compile,deploy,--group deploy)
	$(call compile,docs,--group docs)
	$(call compile,clients-source,--group clients-source --no-deps)

.PHONY: clean
clean: ## Remove what set-up and tests made, models and state excepted
	rm -rf $(VENV) $(VENV_NUMPY2) $(VENV_FUZZ) $(VENV_CLIENTS) $(VENV_DEPLOY) $(VENV_DOCS) .mypy_cache .pytest_cache .ruff_cache .hypothesis .images dist \
		$(KERNELS)/*.so $(KERNELS)/*.so.sha256

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Mattebox needs Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/$(PIP_INSTALL) -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(BIN)/$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

# Without the models' and Triton's extras nothing holds NumPy back.
$(VENV_NUMPY2)/.ready: requirements/numpy2.txt pyproject.toml
	$(PYTHON) -m venv $(VENV_NUMPY2)
	$(VENV_NUMPY2)/bin/$(PIP_INSTALL) -r requirements/numpy2.txt
	$(VENV_NUMPY2)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV_FUZZ)/.ready: requirements/fuzz.txt pyproject.toml
	$(PYTHON) -m venv $(VENV_FUZZ)
	$(VENV_FUZZ)/bin/$(PIP_INSTALL) -r requirements/fuzz.txt
	$(VENV_FUZZ)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The clients know nothing of Mattebox, and none of its packages are here. The one without a wheel
# is built by the setuptools of the first file: whatever runs here is held by a hash.
$(VENV_CLIENTS)/.ready: requirements/clients.txt requirements/clients-source.txt
	$(PYTHON) -m venv $(VENV_CLIENTS)
	$(VENV_CLIENTS)/bin/$(PIP_INSTALL) -r requirements/clients.txt
	$(VENV_CLIENTS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation \
		-r requirements/clients-source.txt
	@touch $@

$(VENV_DEPLOY)/.ready: requirements/deploy.txt
	$(PYTHON) -m venv $(VENV_DEPLOY)
	$(VENV_DEPLOY)/bin/$(PIP_INSTALL) -r requirements/deploy.txt
	@touch $@

$(VENV_DOCS)/.ready: requirements/docs.txt
	$(PYTHON) -m venv $(VENV_DOCS)
	$(VENV_DOCS)/bin/$(PIP_INSTALL) -r requirements/docs.txt
	@touch $@

$(MODEL_FILE): | $(VENV)/.runtime
	$(BIN)/mattebox models install $(MODEL)

# Protos have no gRPC code of their own where they define no service.
define generate-stubs
@$(PROTOC) --python_out=$(1) --pyi_out=$(1) $(PROTOS)
@$(PROTOC) --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	--grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) $(SERVICE_PROTOS)
endef

define build-image
@$(CONTAINER_ENGINE) build --file deploy/docker/$(1).Dockerfile --tag mattebox-$(1):$(VERSION) \
	--build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --build-arg SOURCE_DATE_EPOCH=$(EPOCH) \
	$(if $(filter $(1),$(WITH_MODELS)),--build-arg "MODELS=$(MODELS)") .

endef

# All targets run, whatever one finds.
define fuzz-each
@$(VENV_FUZZ)/bin/python $(KERNELS)/build_hook.py
@failed=; for target in $(FUZZ_TARGETS); do \
	$(VENV_FUZZ)/bin/python -m tests.fuzz $$target --seconds $(1) --seed $(2) || failed="$$failed $$target"; \
	done; test -z "$$failed" || { echo "found something, see .fuzz/:$$failed"; exit 1; }
endef

define compile
$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header $(2) --output-file requirements/$(1).txt
endef
