"""Starts MiniStack with two things mended: a Node handler's error keeps its name, and branches of a Parallel state keep apart
(branches.py). Benchmarks have it metered as well.

MiniStack reports every failure of a Node function as Runtime.HandlerError, so that Retry and Catch by name never match. Its
worker is told to send name, message and trace together behind a mark, and the answer is taken apart again.
"""

import json
import os
import signal
import sys
import threading

import branches  # noqa: F401  (mends when it is loaded)
import ministack.core.lambda_runtime as runtime
import ministack.services.lambda_svc as lambda_svc

MARK = "slipway-error:"
FOUND = 'error: String(err.message || err), trace: err.stack || ""'
WANTED = (
    'error: "' + MARK + '" + JSON.stringify({errorType: err.name || "Error", '
    'errorMessage: String(err.message || err), trace: String(err.stack || "").split("\\n")}), trace: ""'
)

if runtime._NODEJS_WORKER_SCRIPT.count(FOUND) != 1:
    sys.exit("local/cloud/launcher.py does not fit this version of MiniStack: its worker reports errors in another way")
runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(FOUND, WANTED)

if "SLIPWAY_METER" in os.environ:
    import metering

    metering.start(os.environ["SLIPWAY_METER"])

execute = lambda_svc._execute_function_warm


def execute_with_names(*args, **kwargs):
    result = execute(*args, **kwargs)
    body = result.get("body") if isinstance(result, dict) else None
    message = body.get("errorMessage") if isinstance(body, dict) else None
    if isinstance(message, str) and message.startswith(MARK):
        result["body"] = json.loads(message[len(MARK) :])
    return result


lambda_svc._execute_function_warm = execute_with_names


def end_with_parent():
    """Ends when standard input is closed: the program that started this is gone."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_parent, daemon=True).start()

from ministack.app import main  # noqa: E402  (after the mending)

sys.argv = sys.argv[:1]
main()
