"""Mends the Parallel state of MiniStack: its branches share one context, so that one takes the other's task token, and a branch
that fails leaves the others running. On AWS each has a context of its own, and the first that fails ends the state.
"""

import contextvars
import copy
import inspect
import queue
import sys
import threading

import ministack.services.stepfunctions as sfn

if list(inspect.signature(sfn._run_parallel_branches).parameters) != ["state_def", "raw_input", "execution", "ctx"]:
    sys.exit("local/cloud/branches.py does not fit this version of MiniStack: its Parallel state is another")

execute_task = sfn._execute_task
# By the identity of a branch's context: set when another branch has failed.
ended = {}


def run_parallel_branches(state_def, raw_input, execution, ctx):
    given = sfn._apply_parameters(state_def, sfn._apply_input_path(state_def, raw_input, ctx), ctx)
    branches = state_def.get("Branches", [])
    over = threading.Event()
    done = queue.Queue()

    def run(index, branch):
        own = copy.deepcopy(ctx)
        ended[id(own)] = over
        try:
            result = sfn._run_sub_machine(branch.get("States", {}), branch.get("StartAt"), given, execution, own)
            done.put((index, result, None))
        except Exception as error:
            done.put((index, None, error))
        finally:
            del ended[id(own)]

    for index, branch in enumerate(branches):
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run, index, branch), daemon=True).start()
    results = [None] * len(branches)
    for _ in branches:
        index, results[index], error = done.get()
        if error is not None:
            over.set()
            raise error if isinstance(error, sfn._ExecutionError) else sfn._ExecutionError("States.BranchFailed", str(error))
    result = sfn._apply_result_path(state_def, raw_input, sfn._apply_result_selector(state_def, results))
    return sfn._apply_output_path(state_def, result, ctx), sfn._next_or_end(state_def)


def execute_task_unless_ended(state_def, raw_input, execution, ctx):
    if id(ctx) in ended and ended[id(ctx)].is_set():
        raise sfn._ExecutionError("States.TaskFailed", "another branch has failed")
    return execute_task(state_def, raw_input, execution, ctx)


sfn._run_parallel_branches = run_parallel_branches
sfn._execute_task = execute_task_unless_ended
