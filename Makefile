# Everything a fresh machine needs is set up by `make demo` and `make test`, in .venv and build.
PYTHON ?= python3
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo serve test test-slow lint bench clean

demo: $(VENV)/.ready
	mkdir -p out
	$(BIN)/python -m lib_omost render --request "a yellow fish above a red circle on a teal background" --out out/picture.png --side-by-side out/demo.png
	@echo "Open out/demo.png: the words, the composition, the picture. To try the page: make serve"

# The accordion's page without a WebUI. Its gradio cannot live beside diffusers' packages.
serve: $(VENV)/.ready build/gradio4/.ready
	$(BIN)/python -m lib_omost serve

# What the hosts' own gradio decides, attacks on the page among it. Other conftests need torch, which
# is not in its environments, and schemathesis does not go with them.
IN_PAGE := --confcutdir tests/api --ignore tests/api/test_schemas.py \
  tests/page/test_accordion.py tests/page/test_page_streams.py tests/api \
  tests/serve/test_gate.py tests/serve/test_application.py

# A file's tests share servers and models, so a file stays in one process.
IN_PARALLEL := --numprocesses 2 --dist loadfile --no-loadscope-reorder

test: lint page-ready
	$(BIN)/node --test "tests/javascript/*.test.mjs"
	build/gradio3/bin/python -m pytest $(IN_PAGE)
	build/gradio4/bin/python -m pytest $(IN_PAGE)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" $(IN_PARALLEL) --ignore tests/page/test_accordion.py \
	  --ignore tests/page/test_page_streams.py --ignore tests/serve/test_application.py

# What takes minutes; a real host is checked by `python -m tests.conformance`.
test-slow: $(VENV)/.test-ready
	$(BIN)/pip install --quiet -e '.[slow]'
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.test-ready node_modules/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/node node_modules/eslint/bin/eslint.js
	$(BIN)/node node_modules/typescript/bin/tsc
	$(BIN)/node node_modules/typescript/bin/tsc --project tests/javascript

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/attention.py
	$(BIN)/python benchmarks/planning.py
	$(BIN)/python benchmarks/unet_step.py

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet -e '.[render,llm]'
	touch $@

# A1111's own UNet and samplers, without the dependency trees that would replace torch.
$(VENV)/.test-ready: $(VENV)/.ready
	$(BIN)/pip install --quiet -e '.[render,llm,quantised,dev]'
	$(BIN)/pip install --quiet --no-deps stable-diffusion-sdkit==2.1.5 k-diffusion==0.0.15
	touch $@

# ESLint and TypeScript, which check javascript/; .venv has node itself from the Python package index.
node_modules/.ready: package-lock.json | $(VENV)/.test-ready
	$(BIN)/npm ci --silent
	touch $@

# The page is tested in the gradio of each host, in environments of their own, with Chromium.
.PHONY: page-ready
page-ready: build/gradio3/.ready build/gradio4/.ready
	@command -v chromium || command -v chromium-browser || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get -qq update && apt-get -qq install -y chromium; } || \
	  echo "Left out: the browser tests. Install Chromium (no root and apt here to do it)."

build/gradio4/.ready: lib_omost/serve/requirements.txt
build/gradio%/.ready: tests/page/requirements-gradio%.txt
	$(PYTHON) -m venv build/gradio$*
	build/gradio$*/bin/pip install --quiet -r $<
	touch $@

clean:
	rm -rf $(VENV) out build node_modules
