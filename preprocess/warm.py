"""`warm`: compute what the Examine page shows, for many clients and rounds, before anybody looks.

What is there already is not computed again: a run that was ended half-way goes on where it was.
"""

import argparse
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from flhetero_dash.cache import tidy
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.jobs import Jobs, JobsHere, Watch, WorkersError, jobs_for
from flhetero_dash.jobs.interface import Answer, Parameters
from flhetero_dash.queries import Queries
from flhetero_dash.queries.page_answers import Answered, answer_client, answer_round
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
Say = Callable[..., None]
State = Literal["computed", "found", "with nothing to show", "failed"]
STATES: tuple[State, ...] = ("computed", "found", "with nothing to show", "failed")


class WrongOptionError(Exception):
    """A client, round or kind of inputs that the dataset does not have."""


@dataclass(frozen=True)
class Step:
    """What is done in one piece: a round, or what is common to a client's rounds.

    Attributes
    ----------
    chosen : ClientRound
    of_client : bool
        True: what does not depend on the round.
    """

    chosen: ClientRound
    of_client: bool = False

    def __str__(self) -> str:
        """Name it for a reader; rounds are shown from 1."""
        chosen = self.chosen
        kind = "" if chosen.inputs == "local" else f", {chosen.inputs} inputs"
        return chosen.client + ("" if self.of_client else f", round {chosen.round_index + 1}{kind}")


@dataclass(frozen=True)
class Outcome:
    """What became of a step, and what a reader must know of it."""

    state: State
    notes: tuple[str, ...] = ()


class CountedJobs(JobsHere):
    """Counts what one step has computed; another back end computes it."""

    def __init__(self, jobs: Jobs) -> None:
        self.n_runs = 0
        self._jobs = jobs

    def watched(
        self,
        watch: Watch,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Pass it on."""
        self.n_runs += 1
        return self._jobs.watched(watch, function, *args, **kwargs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--dataset", required=True, metavar="NAME")
    parser.add_argument("--clients", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument(
        "--rounds",
        nargs="+",
        metavar="ROUNDS",
        help="numbers from 1 and ranges, such as 1-5,10; default: all with recorded outputs",
    )
    parser.add_argument(
        "--inputs", nargs="+", metavar="KIND", default=["local"], help="default: local"
    )
    parser.add_argument(
        "--processes",
        type=_n_processes,
        metavar="N",
        default=os.cpu_count() or 1,
        help="on this machine (default: one for each CPU); with REDIS_URL, the workers' own",
    )


def run(args: argparse.Namespace, say: Say) -> int:
    """Answer each client and round; a bad one is told, and the others go on."""
    try:
        settings = Settings.load(ROOT)
        steps = list(_steps(HistoryReader(settings), args))
    except (SettingsError, UnknownNameError, WrongOptionError) as error:
        say(f"{error}")
        return BAD_ARGUMENTS
    except DataError as error:
        say(f"problem: {error}")
        return FAILED
    tidy(settings.cache_dir)
    jobs = jobs_for(settings, args.processes)
    try:
        return _warm(settings, jobs, steps, say)
    except WorkersError as error:
        say(f"problem: {error}")
        return FAILED
    finally:
        jobs.stop()


def _warm(settings: Settings, jobs: Jobs, steps: list[Step], say: Say) -> int:
    began = time.monotonic()
    counts: Counter[State] = Counter()
    # More threads than processes: while one reads files or stores an answer, others compute.
    threads = ThreadPoolExecutor(2 * jobs.n_at_once())
    futures = {threads.submit(_outcome, settings, jobs, step): step for step in steps}
    told: set[tuple[str, str]] = set()
    failed = False
    try:
        with tqdm(total=len(steps), unit="step", disable=None) as bar:
            for future in as_completed(futures):
                outcome, step = _told(future), futures[future]
                bar.update()
                for note in outcome.notes:
                    # A file of the whole client is the same news in each of its rounds.
                    if (step.chosen.client, note) not in told:
                        told.add((step.chosen.client, note))
                        with tqdm.external_write_mode():
                            say(f"{step}: {note}")
                failed = failed or outcome.state == "failed"
                if not step.of_client:
                    counts[outcome.state] += 1
    except KeyboardInterrupt:
        say(f"stopped; {_summary(counts, began)}. The same command goes on from here.")
        return INTERRUPTED
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        jobs.stop()
        threads.shutdown()
    say(_summary(counts, began))
    return FAILED if failed else DONE


def _outcome(settings: Settings, jobs: Jobs, step: Step) -> Outcome:
    counted = CountedJobs(jobs)
    queries = Queries.over(Sources(settings, counted))
    answered: Answered
    if step.of_client:
        answered = answer_client(queries, step.chosen)
    else:
        answered = answer_round(queries, step.chosen, explain=True)
    if answered.problems:
        return Outcome("failed", answered.problems)
    if answered.gap is not None:
        return Outcome("with nothing to show", (answered.gap,))
    return Outcome("computed" if counted.n_runs else "found")


def _told(future: Future[Outcome]) -> Outcome:
    """Give the outcome; what a job raises ends its step only, unless nobody does any job."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, WorkersError):
        raise error
    return Outcome("failed", (f"{type(error).__name__}: {error}",))


def _summary(counts: Counter[State], began: float) -> str:
    parts = ", ".join(f"{counts[state]:,} {state}" for state in STATES)
    return f"rounds of clients: {parts}; {time.monotonic() - began:.1f} s"


def _steps(reader: HistoryReader, args: argparse.Namespace) -> Iterator[Step]:
    """List the steps, a client's together: so a process reads its records once."""
    federation = reader.federation(args.dataset)
    names = federation.samples.client_names
    wanted = None if args.rounds is None else _rounds(args.rounds, federation.n_rounds)
    _require(args.clients or (), names, "client")
    _require(args.inputs, federation.samples.sampling_types, "kind of inputs")
    for client in dict.fromkeys(args.clients or names):
        recorded = reader.output_rounds(args.dataset, client)
        rounds = [index for index in recorded if index < federation.n_rounds]
        first = True
        for index in rounds if wanted is None else wanted:
            for inputs in dict.fromkeys(args.inputs):
                chosen = ClientRound(args.dataset, client, index, inputs)
                if first:
                    yield Step(chosen, of_client=True)
                    first = False
                yield Step(chosen)


def _require(wanted: list[str] | tuple[()], there: tuple[str, ...], what: str) -> None:
    for name in wanted:
        if name not in there:
            shown = ", ".join(there[:8]) + (", ..." if len(there) > 8 else "")
            raise WrongOptionError(f"no {what} '{name}'; there are {shown}")


def _rounds(texts: list[str], n_rounds: int) -> list[int]:
    """Read rounds, shown from 1, as indices from 0."""
    found: set[int] = set()
    for part in (part.strip() for text in texts for part in text.split(",")):
        match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", part)
        if match is None:
            raise WrongOptionError(f"--rounds {part!r}: expected numbers and ranges, as 1-5,10")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= n_rounds:
            raise WrongOptionError(
                f"--rounds {part}: the rounds are 1 to {n_rounds}, the first before the last"
            )
        found.update(range(first - 1, last))
    return sorted(found)


def _n_processes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}'; expected a whole number from 1 to 999")
    return int(text)
