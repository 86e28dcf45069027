# The two commands: `make build` and `make test`. They need Python 3.11+, make and a package registry, nothing else.

PYTHON ?= python3
BIN := .venv/bin

export CUSTOMER_TIERING_DB ?= customer_tiering.duckdb
export DBT_PROFILES_DIR := $(CURDIR)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The tests build into their own folder, so that they never meet a DuckDB file that somebody has open.
TEST_FOLDER := build/test
TEST_SAMPLE := $(CURDIR)/$(TEST_FOLDER)/sample.duckdb
TEST_SETTINGS := CUSTOMER_TIERING_DB=$(TEST_FOLDER)/sample.duckdb \
	DBT_TARGET_PATH=$(TEST_FOLDER)/target DBT_LOG_PATH=$(TEST_FOLDER)/logs

# A file's tests share what they built, so they stay together; the files that take longest come first (tests/python/conftest.py).
PYTEST := CUSTOMER_TIERING_TEST_SAMPLE=$(TEST_SAMPLE) \
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Where `make build` leaves the report, and its language: en or zh.
REPORT ?= build/report.html
REPORT_LANGUAGE ?= en

# The folder of published versions, and the language that the app starts in: en or zh.
PUBLISHED ?= published
APP_LANGUAGE ?= en

# The port of `make superset`: 0 is a free one.
SUPERSET_PORT ?= 0

# What the schedulers build, each day: the sample's files, or own data, which also says from when on there can be reviews.
export CUSTOMER_TIERING_VARS ?= {raw_location: seeds/sample}

# Options of `make benchmark`, such as --sizes 10000 --runs 1.
BENCHMARK ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build test test-sample test-integrations test-long test-app test-schedulers test-superset test-metricflow test-spark lint format docs app dagster airflow superset metricflow spark mutation benchmark clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: .venv/.report-installed ## set up, build the sample company on DuckDB, show its tiers, write the report
	$(BIN)/dbt build --exclude-resource-type unit_test
	@$(BIN)/python -m customer_tiering summary --database "$(CUSTOMER_TIERING_DB)"
	@$(BIN)/python -m customer_tiering report --database "$(CUSTOMER_TIERING_DB)" --to "$(REPORT)" --language $(REPORT_LANGUAGE)

test: lint test-sample ## set up, lint, build the sample with all dbt tests, run pytest but for the long tests
	$(PYTEST) -m 'not long'

# Once for all that is made together. Where the form is checked as well, that comes first: it writes into the same target folder.
test-sample: .venv/.develop-installed
	rm -rf $(TEST_FOLDER)/sample.duckdb* $(TEST_FOLDER)/read_already
	$(TEST_SETTINGS) $(BIN)/dbt --warn-error-options '{"error": ["Deprecations"]}' build

# All of them read the sample that test-long builds. Those that start servers wait more than they work, so they run beside each other.
test-integrations: export CUSTOMER_TIERING_TEST_SAMPLE := $(TEST_SAMPLE)
test-integrations: test-long ## the long tests, and what stands around the warehouse: start it, run it, let it fail (minutes)
	@$(MAKE) --no-print-directory test-app test-superset test-metricflow test-spark & others=$$!; \
		$(MAKE) --no-print-directory test-schedulers; passed=$$?; \
		wait $$others && exit $$passed

test-long: test-sample ## whole histories in steps, more random companies and commands, PostgreSQL with thousands of customers
	$(PYTEST) -m long

test-schedulers: .venv/.develop-installed .venvs/dagster/.installed .venvs/airflow/.installed ## Dagster's and Airflow's own tests
	$(PYTEST) tests/integrations/test_dagster.py tests/integrations/test_airflow.py

test-metricflow: .venv/.develop-installed .venvs/metricflow/.installed ## the semantic layer's own tests
	$(BIN)/python -m pytest tests/integrations/test_metricflow.py

lint: .venv/.develop-installed ## check the form of SQL and Python
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p $(TEST_FOLDER)
	$(TEST_SETTINGS) $(BIN)/sqlfluff lint --processes 0 --disable-progress-bar models tests analyses

format: .venv/.develop-installed ## put SQL and Python into that form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	mkdir -p $(TEST_FOLDER)
	$(TEST_SETTINGS) $(BIN)/sqlfluff fix --disable-progress-bar models tests analyses

mutation: .venv/.develop-installed ## change the scoring in a hundred places, see that the tests go red (ONLY=name; an hour)
	PYTHONPATH=. $(BIN)/python tests/python/mutation.py --only $(ONLY)

# In a target folder of its own, so that a build can still be published. Taken out of the page: where the project lies on this
# machine, and what makes the browser ask for icons that are not there.
docs: .venv/.run-installed ## describe every table and column in one file, build/docs/index.html
	test -e "$(CUSTOMER_TIERING_DB)" || $(BIN)/dbt build --exclude-resource-type unit_test
	$(BIN)/dbt docs generate --static --target-path build/docs/target
	@sed -e 's|$(CURDIR)/*||g' -e 's|<link rel="shortcut icon"[^>]*>||' \
		-e 's|<use xlink:href="{{|<use ng-attr-href="{{|g' build/docs/target/static_index.html > build/docs/index.html
	@echo "The docs are in build/docs/index.html"

app: .venvs/app/.installed ## look at the published tiers in a browser; publishes the sample if nothing is published
	@.venvs/app/bin/python -m customer_tiering status --to "$(PUBLISHED)" >/dev/null || $(MAKE) --no-print-directory first-version
	@.venvs/app/bin/python -m customer_tiering app --published "$(PUBLISHED)" --language $(APP_LANGUAGE)

# What is built is published as it is; only where nothing is, the sample is built.
.PHONY: first-version
first-version: .venv/.run-installed
	test -e "$(CUSTOMER_TIERING_DB)" || $(BIN)/dbt build --exclude-resource-type unit_test
	$(BIN)/python -m customer_tiering publish --database "$(CUSTOMER_TIERING_DB)" --to "$(PUBLISHED)"

test-app: .venvs/app/.develop-installed .venv/.run-installed ## the tests of the app and the docs, in a real Chromium
	.venvs/app/bin/python -m pytest tests/integrations/test_app.py tests/integrations/test_docs.py

dagster: .venvs/dagster/.installed ## start Dagster on 127.0.0.1, on the sample or what CUSTOMER_TIERING_VARS names
	@.venvs/dagster/bin/python -m orchestration.dagster.start

airflow: .venvs/airflow/.installed .venv/.run-installed ## start Airflow in the same way
	@.venvs/airflow/bin/python -m orchestration.airflow.start

superset: .venvs/superset/.installed ## the published tiers as a dashboard in Apache Superset; publishes as `make app` does
	@.venvs/superset/bin/python -m customer_tiering status --to "$(PUBLISHED)" >/dev/null || $(MAKE) --no-print-directory first-version
	@.venvs/superset/bin/python -m bi.superset.start --published "$(PUBLISHED)" --port $(SUPERSET_PORT)

test-superset: .venvs/superset/.installed .venvs/app/.develop-installed .venv/.run-installed ## the dashboard's own tests, in the same Chromium
	.venvs/app/bin/python -m pytest tests/integrations/test_superset.py

# Every start of mf asks a server on the internet whether there is a newer mf; a proxy that is not there is its only switch.
metricflow: .venvs/metricflow/.installed .venv/.run-installed ## set up MetricFlow, check the semantic layer (docs/semantic_layer.md)
	@test -e target/semantic_manifest.json -a -e "$(CUSTOMER_TIERING_DB)" || $(BIN)/dbt build --exclude-resource-type unit_test
	HTTPS_PROXY=http://127.0.0.1:9 .venvs/metricflow/bin/mf validate-configs

# Spark leaves its tables, and the list of them, in the folder that it starts in.
spark: .venvs/spark/.installed ## build the sample on Apache Spark, in one process on this machine (minutes; docs/spark.md)
	SPARK_CONF_DIR=$(CURDIR)/spark .venvs/spark/bin/dbt build --target spark --exclude-resource-type test

test-spark: .venv/.develop-installed .venvs/spark/.installed ## builds on Spark, by itself and as a server, against DuckDB's
	$(BIN)/python -m pytest tests/integrations/test_spark.py

benchmark: .venv/.report-installed .venvs/benchmark/.installed ## measure time and memory at several sizes, and beside others, into docs/scale.md (an hour)
	$(BIN)/python -m benchmarks.scale $(BENCHMARK)

clean: ## remove what builds and tests left behind, the installed packages excepted
	rm -rf target logs build customer_tiering.duckdb customer_tiering.duckdb.wal .pytest_cache .ruff_cache
	rm -rf spark-warehouse metastore_db derby.log
	find . -name __pycache__ -type d -not -path './.venv*/*' -prune -exec rm -rf {} +

# A stamp per list of requirements: a changed list installs again, an unchanged one costs nothing.
.venv/.run-installed: requirements/run.txt requirements/constraints.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet -r requirements/run.txt
	@touch $@

.venv/.report-installed: requirements/report.txt requirements/run.txt requirements/constraints.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet -r requirements/report.txt
	@touch $@

.venv/.develop-installed: requirements/develop.txt requirements/postgres.txt requirements/report.txt requirements/run.txt requirements/constraints.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet -r requirements/develop.txt
	@touch $@

.venvs/app/.installed: requirements/app.txt requirements/app-constraints.txt | .venv/bin/pip
	@test -x .venvs/app/bin/pip || $(PYTHON) -m venv .venvs/app
	.venvs/app/bin/python -m pip install --quiet -r requirements/app.txt
	@touch $@

.venvs/app/.develop-installed: requirements/app-develop.txt .venvs/app/.installed
	.venvs/app/bin/python -m pip install --quiet -r requirements/app-develop.txt
	@touch $@

# The schedulers, Superset, MetricFlow and Spark depend on more than this project does, so each has an environment of its own.
.venvs/%/.installed: requirements/%.txt requirements/%-constraints.txt requirements/run.txt requirements/constraints.txt | .venv/bin/pip
	$(BIN)/python -m venv .venvs/$*
	.venvs/$*/bin/pip install --quiet -r requirements/$*.txt
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed and '$(PYTHON)' is not that: install one, or name it: make PYTHON=python3.12 build" >&2; \
		exit 1; }
	@$(PYTHON) -m venv .venv || { \
		rm -rf .venv; \
		echo "'$(PYTHON) -m venv' failed: install the venv module of your system's Python (on Debian: python3-venv)" >&2; \
		exit 1; }
