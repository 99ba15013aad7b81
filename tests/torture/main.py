# SPDX-License-Identifier: MIT
"""Make the daemon suffer, and print TAP: of a sample a line for each group, or with --all everything, case by case.

usage: tests/torture/run [--all | --soak SECONDS] [--seed N] [--only REGEX] [--jobs N]
"""
import argparse
import collections
import multiprocessing
import os
import queue
import random
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator, Optional

import calls
import clients
import clocks
import damage
import memory
import soak
from harness import PROGRAM, Api

SAMPLE_S = 14  # nothing is begun after that
SAMPLE_CALLS = 80
PARTS = 12
SAMPLE_PARTS = 200
CHUNK = 20
GROUPS = [
    *(f"system calls: {phase}" for phase in calls.PHASES),
    *(f"memory: {name}" for name in memory.COMMANDS),
    "damaged state",
    "clients of the control socket",
]
Result = tuple[str, str, Optional[str], int]  # a group, a case, what was violated, calls that failed


def tasks(options: argparse.Namespace, cases: list[calls.Case]) -> list[tuple[Any, ...]]:
    """What workers do; the first words name a function of run_task()."""
    parts = PARTS if options.all else SAMPLE_PARTS
    chosen = range(PARTS) if options.all else [random.Random(options.seed).randrange(parts)]
    todo: list[tuple[Any, ...]] = []
    for part in chosen:
        todo += [("memory", name, part, parts) for name in memory.COMMANDS]
        todo.append(("damage", part, parts))
    todo += [("clients", options.seed + n) for n in range(10 if options.all else 1)]
    todo += [("clocks",)] if options.all else []
    todo += [("calls", life) for life in lives(cases, CHUNK if options.all else CHUNK // 4)]
    if options.all:
        random.Random(options.seed).shuffle(todo)
    return todo


def lives(cases: list[calls.Case], size: int) -> Iterator[list[calls.Case]]:
    """The cases of one life each, so that one of each phase comes soon: a sample ends when its time is up."""
    earlier = collections.Counter[str]()
    ranked = []
    for case in cases:
        ranked.append((earlier[case.phase], case))
        earlier[case.phase] += 1
    ranked.sort(key=lambda pair: pair[0])
    begins = [case for _, case in ranked if case.phase == "begin"]
    others = [case for _, case in ranked if case.phase != "begin"]
    for first in range(0, max(len(begins), len(others)), size):
        yield from filter(None, (others[first : first + size], begins[first : first + size]))


class Worker:
    def __init__(self, directory: Path, library: str, only: str) -> None:
        self.directory = directory
        directory.mkdir()
        self.library = library
        self.only = re.compile(only)
        self.api = Api(sys.executable).start()
        self.number = 0

    def scratch(self) -> Path:
        self.number += 1
        return self.directory / str(self.number)

    def run(self, task: tuple[Any, ...]) -> Iterator[Result]:
        kind, *rest = task
        if kind == "calls":
            yield from self.run_calls(*rest)
            return
        where = self.scratch()
        if kind == "memory":
            group = f"memory: {rest[0]}"
            found = memory.allocations(self.api, where, self.library, *rest)
        elif kind == "damage":
            group = "damaged state"
            found = damage.damages(self.api, where, *rest)
        elif kind == "soak":
            group = kind
            found = soak.soak(self.api, where, self.library, *rest)
        elif kind == "clients":
            group = "clients of the control socket"
            found = clients.clients(self.api, where, self.library, *rest)
        else:
            group = kind
            found = clocks.clocks(self.api, where, self.library)
        for title, why in found:
            yield group, title, why, 1
        shutil.rmtree(where, ignore_errors=True)

    def run_calls(self, cases: list[calls.Case]) -> Iterator[Result]:
        where = self.scratch()
        where.mkdir()
        lives = calls.Lives(self.api, where, self.library)
        for case in cases:
            before = lives.injected
            why = lives.suffer(case)
            yield f"system calls: {case.phase}", str(case), why, lives.injected - before
        why = lives.leave()
        if why is not None:
            phase = cases[-1].phase
            yield f"system calls: {phase}", f"{phase}: the end of a life", why, 0
        shutil.rmtree(where, ignore_errors=True)


def work(directory: Path, library: str, end: float, todo: Any, done: Any) -> None:
    worker = Worker(directory, library, "")
    try:
        while time.monotonic() < end:
            for result in worker.run(todo.get_nowait()):
                done.put(result)
                if time.monotonic() > end:
                    break
    except queue.Empty:
        pass
    except Exception as error:
        done.put(("the runner", "the runner", repr(error), 0))
    finally:
        worker.api.close()
        done.put(None)


def results(options: argparse.Namespace, todo: list[tuple[Any, ...]], top: Path) -> Iterator[Result]:
    context = multiprocessing.get_context("fork")
    waiting, done = context.Queue(), context.Queue()
    for task in todo:
        waiting.put(task)
    end = time.monotonic() + (1e9 if options.all else SAMPLE_S)
    workers = [
        context.Process(target=work, args=(top / f"w{n}", options.library, end, waiting, done))
        for n in range(options.jobs)
    ]
    for worker in workers:
        worker.start()
    running = len(workers)
    while running:
        result = done.get()
        if result is None:
            running -= 1
        else:
            yield result
    waiting.cancel_join_thread()
    for worker in workers:
        worker.join()


def why_not(library: str) -> Optional[str]:
    program = Path(PROGRAM).read_bytes()
    if b"__asan_init" in program or b"__tsan_init" in program:
        return "the sanitizers replace the calls that would have to fail"
    if not Path(library).exists():
        return "the library to preload could not be built"
    if b"__libc_malloc" not in program:
        return "the program does not run on glibc, or links it statically"
    return None


def parse() -> argparse.Namespace:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="everything, in about a quarter hour")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TORTURE_SEED", "0")))
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="one long life, and no more")
    parser.add_argument("--only", default="", help="cases of system calls whose name matches")
    parser.add_argument("--jobs", type=int, default=0, help="lives at a time")
    parser.add_argument("--library", required=True, help="what is preloaded")
    options = parser.parse_args()
    options.seed = options.seed or int(time.time()) % 1_000_000
    options.all = options.all or options.soak is not None
    options.jobs = 1 if options.soak else options.jobs or (4 * cores if options.all else min(cores, 3))
    return options


def choose(options: argparse.Namespace, top: Path) -> list[tuple[Any, ...]]:
    if options.soak is not None:
        return [("soak", options.soak, options.seed)]
    api = Api(sys.executable).start()
    counts = calls.count_calls(api, top / "count", options.library)
    api.close()
    cases = [case for case in calls.all_cases(counts) if re.search(options.only, str(case))]
    if not options.all:
        cases = calls.sample(cases, SAMPLE_CALLS, options.seed)
    todo = tasks(options, cases)
    if options.only:
        todo = [task for task in todo if task[0] == "calls" or re.search(options.only, task[0])]
    return todo


def print_line(number: int, title: str, why: Optional[str]) -> None:
    print(f"{'ok' if why is None else 'not ok'} {number} - {title}")
    if why is not None:
        print("\n".join("# " + line for line in why.splitlines()))
    sys.stdout.flush()


def print_cases(found: Iterator[Result]) -> tuple[int, int, int]:
    """How many there were, violations among them, and calls that failed."""
    count, failed, injected = 0, 0, 0
    for count, (_, title, why, struck) in enumerate(found, 1):
        failed += why is not None
        injected += struck
        print_line(count, title, why)
    return count, failed, injected


def print_groups(found: Iterator[Result]) -> tuple[int, int, int]:
    """How much of a sample is reached depends on the machine; its groups are always the same."""
    cases = {group: 0 for group in GROUPS}
    violations: dict[str, str] = {}
    failed, injected = 0, 0
    for group, title, why, struck in found:
        cases[group] = cases.get(group, 0) + 1
        injected += struck
        if why is not None:
            failed += 1
            violations[group] = violations.get(group, "") + f"{title}\n{why}\n"
    for number, (group, count) in enumerate(cases.items(), 1):
        skipped = "" if count > 0 else f" # SKIP none was reached in {SAMPLE_S} s"
        print_line(number, group + skipped, violations.get(group))
        print(f"# {count} cases")
    return len(cases), failed, injected


def suffer(options: argparse.Namespace, top: Path) -> int:
    found = results(options, choose(options, top), top)
    count, failed, injected = print_cases(found) if options.all or options.only else print_groups(found)
    print(f"# {injected} calls failed or bytes damaged, {failed} violations")
    print(f"1..{count}")
    return 1 if failed else 0


def main() -> int:
    options = parse()
    reason = why_not(options.library)
    if reason is not None:
        for number, group in enumerate(GROUPS, 1):
            print(f"ok {number} - {group} # SKIP {reason}")
        print(f"1..{len(GROUPS)}")
        return 0
    print(f"# seed {options.seed}: TORTURE_SEED={options.seed} chooses the same", flush=True)
    top = Path(tempfile.mkdtemp(prefix="dfmode-torture."))
    try:
        return suffer(options, top)
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
