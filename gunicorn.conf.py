"""Gunicorn's settings, so that plain `gunicorn app:server` is right."""

# Threads: one stalled upload must not block a worker.
worker_class = "gthread"
workers = 2
threads = 8
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a heartbeat file that must not wait for a disk
control_socket_disable = True
