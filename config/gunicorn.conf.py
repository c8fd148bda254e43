"""Web server of the bench: threads share the loaded code, and a worker that hangs is replaced."""

worker_class = "gthread"
workers = 2
threads = 4
timeout = 120
graceful_timeout = 10
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
pythonpath = ".."
