"""Several processes record one run, and processes are killed."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data.inventory import take_inventory
from flhetero_dash.recorder import RecordingError
from tests.recorder.conftest import CLIENTS, Federation, inputs, model

ROOT = Path(__file__).parents[2]
N_ROUNDS = 12

# A program that records one client, or everybody, and says after each call what it has done.
PROGRAM = """
import sys
from pathlib import Path
from tests.recorder.conftest import CLIENTS, Federation, inputs, model
folder, client, n_rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
federation = Federation(folder, checkpoints="none")
who = {"role": "client", "client": client} if client != "-" else {}
own = CLIENTS if client == "-" else (client,)
print("started", flush=True)
with federation.recorder(resume=True, **who) as recorder:
    recorder.samples({name: inputs(name) for name in own})
    recorder.initial_model(model(0))
    for name in own:
        recorder.stand_alone(name, federation.alone(name), federation.alone(name, 1))
    for index in range(recorder.next_round, n_rounds):
        federation.finish_round(recorder, index, own)
        print(index, flush=True)
"""


def started(folder: Path, client: str = "-", n_rounds: int = N_ROUNDS) -> subprocess.Popen[str]:
    """Start it; it has imported everything when this returns."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", PROGRAM, str(folder), client, str(n_rounds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def told(process: subprocess.Popen[str]) -> list[int]:
    """Wait for its end; give the rounds that it has said to be finished."""
    output, _ = process.communicate(timeout=60)
    return [int(line) for line in output.split()]


def killed(process: subprocess.Popen[str], after: int, within: float) -> list[int]:
    """Kill it some moments after so many rounds; give the rounds that it has told."""
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(after)]
    time.sleep(within)
    process.send_signal(signal.SIGKILL)
    return said + told(process)


def contents(federation: Federation) -> dict[str, bytes]:
    """Give everything that the dashboard reads, by name."""
    layout = federation.run.layout
    return {
        str(path.relative_to(federation.folder)): path.read_bytes()
        for folder in (layout.home, layout.history)
        for path in folder.rglob("*")
        if path.is_file() and layout.recording not in path.parents
    }


def test_killed_at_any_moment_the_finished_rounds_open_and_the_run_goes_on(tmp_path):
    federation = Federation(tmp_path / "killed")
    moments, finished = random.Random(0), 0  # noqa: S311 - no secret
    for attempt in range(14):
        process = started(federation.folder, n_rounds=1_000)
        rounds = killed(process, after=attempt % 4, within=moments.uniform(0, 0.06))
        finished = max([finished, *(index + 1 for index in rounds)])
        if not federation.run.layout.samples.exists():
            continue  # killed before there was anything to open
        reader = federation.reader()
        n_rounds = reader.federation("d").n_rounds
        # What it said is there; of what it did not come to say, one round at most.
        assert finished <= n_rounds <= finished + 1, attempt
        finished = n_rounds
        if n_rounds:
            for client in CLIENTS:
                assert take_inventory(reader, "d", client).findings.problems == []
                assert np.isfinite(reader.weights("d", client).norms).all()
                assert reader.output_rounds("d", client)[:n_rounds] == tuple(range(n_rounds))
    assert told(started(federation.folder, n_rounds=finished + 2))[-1] == finished + 1
    whole = Federation(tmp_path / "whole")
    told(started(whole.folder, n_rounds=finished + 2))
    assert contents(federation) == contents(whole)
    assert not list(federation.folder.rglob("*.part"))


def test_a_client_that_is_killed_goes_on_where_it_was(tmp_path):
    federation = Federation(tmp_path / "killed")
    moments = random.Random(1)  # noqa: S311 - no secret
    for attempt in range(4):
        process = started(federation.folder, "B")
        killed(process, after=attempt % 2, within=moments.uniform(0, 0.03))
    told(started(federation.folder, "B"))
    whole = Federation(tmp_path / "whole")
    told(started(whole.folder, "B"))
    assert contents(federation) == contents(whole)


def test_clients_record_at_once_into_one_folder(tmp_path):
    apart = Federation(tmp_path / "apart")
    processes = [started(apart.folder, client) for client in CLIENTS]
    assert [told(process)[-1:] for process in processes] == [[N_ROUNDS - 1]] * 3
    reader = apart.reader()
    together = Federation(tmp_path / "together")
    with together.recorder() as recorder:
        together.begin(recorder)
        for index in range(N_ROUNDS):
            together.finish_round(recorder, index)
    expected = together.reader()
    assert reader.manifest("d")["rounds"] == expected.manifest("d")["rounds"]
    for client in CLIENTS:
        own, other = reader.weights("d", client), expected.weights("d", client)
        for mine, theirs in zip(own.client + own.server, other.client + other.server, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        np.testing.assert_array_equal(own.norms, other.norms)
        assert own.shares is None  # no client knows the weights of the others
        found = take_inventory(reader, "d", client)
        assert (found.findings.problems, found.n_records) == ([], 12)
    mine, theirs = reader.summary("d"), expected.summary("d")
    np.testing.assert_array_equal(mine.negative_flips, theirs.negative_flips)
    np.testing.assert_array_equal(mine.label_counts, theirs.label_counts)
    history, other_history = reader.history("d"), expected.history("d")
    np.testing.assert_array_equal(history.val_acc, other_history.val_acc)
    assert history.tot_acc is None  # nobody has the pooled test data


def test_one_client_is_recorded_by_one_process_at_a_time(federation):
    with federation.recorder(role="client", client="A"):
        with pytest.raises(RecordingError, match="another process records client 'A'; expected"):
            federation.recorder(role="client", client="A", resume=True).__enter__()
        with federation.recorder(role="client", client="B"):
            pass


def test_a_client_refuses_rows_of_others(federation):
    with federation.recorder(role="client", client="A") as recorder:
        federation.begin(recorder, ("A",))
        with pytest.raises(ValueError, match="rows of 'B' for the recorder of client 'A'; expect"):
            recorder.local_update(0, "B", model(1))
        with pytest.raises(ValueError, match="rows of 'C' for the recorder of client 'A'; expect"):
            recorder.samples({"C": inputs("C")})


def test_another_model_of_the_server_is_noticed(federation):
    with federation.recorder(role="client", client="A") as recorder:
        federation.begin(recorder, ("A",))
        federation.finish_round(recorder, 0, ("A",))
    with federation.recorder(role="client", client="B", resume=True) as recorder:
        federation.begin(recorder, ("B",))
        recorder.local_update(0, "B", federation.update("B", 0))
        with pytest.raises(RecordingError, match="Server_r0.npz: is there and holds something el"):
            recorder.global_model(0, model(5))


def test_a_process_for_each_message_is_enough(federation):
    """A client's program may be started anew for each message of the server."""
    who = {"role": "client", "client": "A", "resume": True}
    with federation.recorder(**who) as recorder:
        federation.begin(recorder, ("A",))
    for index in range(3):
        with federation.recorder(**who) as recorder:
            recorder.samples({"A": inputs("A")})
            recorder.local_update(index, "A", federation.update("A", index), loss=1.0)
        with federation.recorder(**who) as recorder:
            recorder.samples({"A": inputs("A")})
            recorder.global_model(index, federation.server(index))
    other = Federation(federation.folder / "other")
    with other.recorder(role="client", client="A") as recorder:
        other.begin(recorder, ("A",))
        for index in range(3):
            other.finish_round(recorder, index, ("A",))
    own, expected = (each.reader().weights("d", "A") for each in (federation, other))
    np.testing.assert_array_equal(own.norms, expected.norms)
    assert federation.reader().manifest("d")["rounds"]["A"] == [0, 1, 2]


def test_a_client_may_miss_rounds(federation):
    with federation.recorder(role="client", client="A") as recorder:
        federation.begin(recorder, ("A",))
        recorder.local_update(0, "A", federation.update("A", 0), loss=1.0)
        recorder.global_model(3, federation.server(3))  # it has not seen the server since
        recorder.local_update(4, "A", federation.update("A", 4), loss=1.0)
        recorder.global_model(4, federation.server(4))
    reader = federation.reader()
    weights = reader.weights("d", "A")
    own = {key: federation.update("A", 0)[key] - model(0)[key] for key in model(0)}
    length = np.sqrt(sum((values.astype(float) ** 2).sum() for values in own.values()))
    np.testing.assert_allclose(weights.norms[:, -1, 0], [length, np.nan, np.nan], rtol=1e-6)
    assert np.isfinite(weights.cosines[-1]).tolist() == [False, False, False, False, True]
    assert np.isfinite(reader.history("d").val_acc[0]).tolist() == [False] * 3 + [True] * 2
    assert reader.manifest("d")["rounds"]["A"] == [0, 4]


def test_a_client_that_could_expose_the_only_other_one_is_warned(tmp_path, caplog):
    federation = Federation(tmp_path)
    federation.run = replace(federation.run, clients=("A", "B"))
    with federation.recorder(role="client", client="A"):
        assert "two clients" in caplog.text
