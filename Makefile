# What people type. Each target is one command of `python3 -m bootstrap`, which knows what is done already.
#
#   make up [PORT=8000] [SITE=grid.localhost] [ADMIN_PASSWORD=...] [FRAPPE=<git url>[@branch]]
#
# Single ports: SOCKETIO_PORT, DB_PORT, REDIS_CACHE_PORT, REDIS_QUEUE_PORT, BACKEND_PORT, TEST_PORT, SECOND_TEST_PORT.
# What was set once is remembered in .bench/settings.json.

PYTHON ?= python3
BOOTSTRAP = PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m bootstrap

.PHONY: help up down restart status logs test lint format benchmark build clean

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## From wherever it is to a running site; prints the address and the demo users
	@$(BOOTSTRAP) up

down: ## Stop what `make up` started
	@$(BOOTSTRAP) down

restart: ## Load changed Python code: web, worker, scheduler and realtime start again
	@$(BOOTSTRAP) restart

status: ## Which processes run, and which Frappe is installed
	@$(BOOTSTRAP) status

logs: ## Follow all logs
	@$(BOOTSTRAP) logs

build: ## Build the browser's assets again
	@$(BOOTSTRAP) build

test: ## All tests on a site of their own; TEST="tests/unit -k path" for some
	@$(BOOTSTRAP) test -- $(TEST)

lint: ## ruff, mypy and prettier
	@$(BOOTSTRAP) lint

format: ## Let ruff and prettier write the form
	@$(BOOTSTRAP) format

benchmark: ## Our way and the plain Frappe way side by side; BENCH=name for one
	@$(BOOTSTRAP) benchmark -- $(BENCH)

clean: ## Remove everything that was made here except data, sites and settings
	@$(BOOTSTRAP) clean
