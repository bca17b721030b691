"""What is recorded call by call is read back by the dashboard's own reader."""

import json
import logging

import numpy as np
import pytest

from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.inventory import take_inventory
from flhetero_dash.recorder import Recorder, RecordingError
from tests.recorder.conftest import CLIENTS, Federation, inputs, model, predict


def joined(state):
    return np.concatenate([values.ravel() for values in state.values()]).astype(float)


def layer(state, name):
    return joined({key: values for key, values in state.items() if key.startswith(f"{name}.")})


def cosine(left, right):
    return left @ right / np.linalg.norm(left) / np.linalg.norm(right)


def recorded(federation, n_rounds=3, **options):
    with federation.recorder(**options) as recorder:
        federation.begin(recorder)
        for index in range(n_rounds):
            federation.finish_round(recorder, index)
    return federation.reader()


def test_cosines_and_norms_come_from_all_parameters(federation):
    weights = recorded(federation).weights("d", "B")
    assert weights.layer_names == ("fc", "idle")
    for index in range(3):
        before, after = federation.server(index - 1), federation.server(index)
        own = federation.update("B", index)
        for row, part in enumerate([lambda s: layer(s, "fc"), lambda s: layer(s, "idle"), joined]):
            update, change = part(own) - part(before), part(after) - part(before)
            expected = [np.linalg.norm(update), np.linalg.norm(change), update @ change]
            np.testing.assert_allclose(weights.norms[:, row, index], expected, rtol=1e-9)
            np.testing.assert_allclose(
                weights.cosines[row, index], cosine(update, change), rtol=1e-9
            )


def test_sampled_parameters_have_the_same_positions_in_every_round(federation):
    weights = recorded(federation).weights("d", "A")
    everything = joined(federation.server(0))
    at = [int(np.flatnonzero(everything == value)[0]) for value in weights.server[-1][0]]
    assert len(set(at)) == 6
    for index in range(3):
        np.testing.assert_array_equal(
            weights.server[-1][index], joined(federation.server(index))[at]
        )
        own = joined(federation.update("A", index))
        np.testing.assert_array_equal(weights.client[-1][index], own[at])
    np.testing.assert_array_equal(weights.initial[-1], joined(model(0))[at])


def test_outputs_accuracy_and_flips_are_those_of_the_models(federation):
    reader = recorded(federation)
    summary, history = reader.summary("d"), reader.history("d")
    for row, client in enumerate(CLIENTS):
        own = inputs(client)
        X, truth = own.inputs["local"], own.ground_truth
        local = predict(federation.alone(client), X).argmax(axis=1)
        np.testing.assert_array_equal(reader.local_outputs("d", client).classes["local"], local)
        for index in range(3):
            federated = predict(federation.server(index), X).argmax(axis=1)
            found = reader.global_outputs("d", client, index)
            np.testing.assert_array_equal(found.classes["local"], federated)
            assert summary.inconsistent[row, index] == (local != federated).sum()
            negative = (local == truth) & (federated != truth)
            assert summary.negative_flips[row, index] == negative.sum()
            positive = (local != truth) & (federated == truth)
            assert summary.positive_flips[row, index] == positive.sum()
            held = own.split == "heldout"
            right = (federated == truth)[held].mean()
            assert history.val_acc[row, index] == pytest.approx(right)
    assert summary.label_counts.sum() == 36
    np.testing.assert_allclose(history.loss, [[1, 2, 3]] * 3)
    np.testing.assert_allclose(history.tot_acc, [history.val_acc.mean(axis=0)] * 3)


def test_shares_are_weights_over_their_sum(federation):
    shares = recorded(federation).weights("d", "B").shares
    np.testing.assert_allclose(shares, ord("B") / sum(map(ord, CLIENTS)))


def test_whoever_takes_no_part_has_a_gap(federation):
    with federation.recorder() as recorder:
        federation.begin(recorder)
        federation.finish_round(recorder, 0)
        federation.finish_round(recorder, 1, ("A", "C"))
        federation.finish_round(recorder, 2)
    reader = federation.reader()
    weights = reader.weights("d", "B")
    assert np.isnan(weights.client[0]).all(axis=1).tolist() == [False, True, False]
    assert np.isnan(weights.shares).tolist() == [False, True, False]
    assert np.isnan(reader.history("d").loss[1]).tolist() == [False, True, False]
    assert reader.output_rounds("d", "B") == (0, 1, 2)  # the server's model answers nevertheless
    assert reader.manifest("d")["rounds"] == {"A": [0, 1, 2], "B": [0, 2], "C": [0, 1, 2]}
    assert take_inventory(reader, "d", "B").findings.problems == []


def test_each_round_is_read_while_the_training_goes_on(federation):
    with federation.recorder() as recorder:
        federation.begin(recorder)
        for index in range(3):
            for client in CLIENTS:
                recorder.local_update(index, client, federation.update(client, index), loss=1.0)
            reader = federation.reader()
            assert reader.federation("d").n_rounds == index
            recorder.global_model(index, federation.server(index))
            reader = federation.reader()
            assert reader.federation("d").n_rounds == index + 1
            assert take_inventory(reader, "d", "B").findings.problems == []
            live = reader.weights("d", "B"), reader.summary("d"), reader.history("d")
    after = federation.reader()
    np.testing.assert_array_equal(live[0].norms, after.weights("d", "B").norms)
    np.testing.assert_array_equal(live[0].cosines, after.weights("d", "B").cosines)
    np.testing.assert_array_equal(live[1].negative_flips, after.summary("d").negative_flips)
    np.testing.assert_array_equal(live[2].val_acc, after.history("d").val_acc)
    assert live[0].shares is None  # no weights of the mean were told
    assert after.weights("d", "B").shares is None


def test_a_second_run_is_refused_unless_it_resumes(federation):
    recorded(federation, 2)
    with pytest.raises(RecordingError, match="holds a run already, 2 rounds of it; expected resu"):
        federation.recorder().__enter__()
    with federation.recorder(resume=True) as recorder:
        assert recorder.next_round == 2
        recorder.samples({client: inputs(client) for client in CLIENTS})
        recorder.initial_model(model(0))
        federation.finish_round(recorder, 2)
    whole = federation.reader()
    other = Federation(federation.folder / "other")
    at_once = recorded(other, 3)
    for client in CLIENTS:
        np.testing.assert_array_equal(
            whole.weights("d", client).norms, at_once.weights("d", client).norms
        )
    np.testing.assert_array_equal(
        whole.summary("d").inconsistent, at_once.summary("d").inconsistent
    )
    np.testing.assert_array_equal(whole.history("d").val_acc, at_once.history("d").val_acc)


def test_resumed_rounds_are_live_too(federation):
    recorded(federation, 2)
    with federation.recorder(resume=True) as recorder:
        assert federation.reader().federation("d").n_rounds == 2
        recorder.samples({client: inputs(client) for client in CLIENTS})
        federation.finish_round(recorder, 2)
        assert federation.reader().federation("d").n_rounds == 3
        assert federation.reader().weights("d", "A").norms.shape[-1] == 3


def test_a_finished_round_may_be_told_again_but_not_otherwise(federation):
    recorded(federation, 2)
    with federation.recorder(resume=True) as recorder:
        recorder.samples({client: inputs(client) for client in CLIENTS})
        recorder.global_model(1, federation.server(1))
        with pytest.raises(RecordingError, match=r"Server_r1.npz: is there and holds something el"):
            recorder.global_model(1, federation.server(7))
        with pytest.raises(ValueError, match="A, round 1: is finished already; expected round 2"):
            recorder.local_update(1, "A", federation.update("A", 1))


def test_nothing_is_left_of_a_round_that_was_not_finished(federation):
    with federation.recorder() as recorder:
        federation.begin(recorder)
        recorder.local_update(0, "B", federation.update("B", 0))
    with federation.recorder(resume=True) as recorder:
        recorder.samples({client: inputs(client) for client in CLIENTS})
        recorder.initial_model(model(0))
        federation.finish_round(recorder, 0, ("A",))  # this time without B
    reader = federation.reader()
    assert reader.manifest("d")["rounds"] == {"A": [0], "B": [], "C": []}
    assert reader.update_outputs("d", "B", 0) is None
    assert np.isnan(reader.weights("d", "B").client[-1]).all()
    assert take_inventory(reader, "d", "B").findings.problems == []


def test_two_recorders_at_once_are_refused(federation):
    with (
        federation.recorder(),
        pytest.raises(RecordingError, match="another process records this run"),
    ):
        federation.recorder(resume=True).__enter__()
    with federation.recorder(resume=True) as recorder:  # the refused one took nothing with it
        assert recorder.next_round == 0


def test_another_run_does_not_get_into_the_folder(federation):
    recorded(federation, 1)
    other = Federation(federation.folder, run_id="other")
    with pytest.raises(RecordingError, match='\'run_id\' is "", and this run has "other"'):
        other.recorder(resume=True).__enter__()
    with pytest.raises(RecordingError, match='\'role\' is "coordinator", and this run has "clie'):
        federation.recorder(resume=True, role="client", client="A").__enter__()


def test_a_history_of_somebody_else_is_left_alone(federation):
    path = federation.run.layout.validation
    path.parent.mkdir(parents=True)
    path.write_bytes(b"precious")
    with pytest.raises(RecordingError, match="is there, and no recorder has begun it"):
        federation.recorder(resume=True).__enter__()
    assert path.read_bytes() == b"precious"


def test_metrics_of_others_are_taken_before_and_after_the_round(federation):
    with federation.recorder() as recorder:
        federation.begin(recorder)
        recorder.metrics(0, "B", val_acc=0.25)
        federation.finish_round(recorder, 0)
        recorder.metrics(0, "C", loss=7.0, tot_acc=0.5, share=0.1)
    reader = federation.reader()
    assert reader.history("d").val_acc[1, 0] == 0.25
    assert reader.history("d").loss[:, 0].tolist() == [1, 1, 7]
    assert reader.weights("d", "C").shares.tolist() == [0.1]


def test_a_loss_that_is_not_told_is_that_of_the_update(federation):
    with federation.recorder() as recorder:
        federation.begin(recorder)
        for client in CLIENTS:
            recorder.local_update(0, client, federation.update(client, 0))
        recorder.global_model(0, federation.server(0))
    own = inputs("A")
    scores = predict(federation.update("A", 0), own.inputs["local"])
    likelihood = scores[np.arange(12), own.ground_truth][own.split == "train"]
    found = federation.reader().history("d").loss[0, 0]
    assert found == pytest.approx(-np.log(likelihood).mean(), rel=1e-5)


def test_a_stand_alone_model_may_come_last(federation):
    with federation.recorder() as recorder:
        recorder.samples({client: inputs(client) for client in CLIENTS})
        recorder.initial_model(model(0))
        federation.finish_round(recorder, 0)
        for client in CLIENTS:
            recorder.stand_alone(client, federation.alone(client))
    late = federation.reader().summary("d")
    early = recorded(Federation(federation.folder / "other"), 1).summary("d")
    np.testing.assert_array_equal(late.negative_flips, early.negative_flips)


def test_class_ids_are_enough(federation):
    def ids(state, X):
        return predict(state, X).argmax(axis=1)

    with Recorder(federation.run, ids, role="coordinator") as recorder:
        federation.begin(recorder)
        federation.finish_round(recorder, 0)
    found = federation.reader().global_outputs("d", "A", 0)
    assert found.scores == {}
    X = inputs("A").inputs["local"]
    assert found.classes["local"].tolist() == ids(federation.server(0), X).tolist()


def test_a_private_coordinator_keeps_norms_and_cosines_only(federation, caplog):
    with caplog.at_level(logging.WARNING), federation.recorder(private=True) as recorder:
        recorder.initial_model(model(0))
        for index in range(2):
            for client in CLIENTS:
                recorder.local_update(index, client, federation.update(client, index), loss=1.0)
            names = {path.name for path in federation.folder.rglob("*") if path.is_file()}
            assert not [name for name in names if name.startswith(("A", "B", "C", "update"))]
            recorder.global_model(index, federation.server(index))
        with pytest.raises(ValueError, match="private=True keeps no records of clients"):
            recorder.samples({client: inputs(client) for client in CLIENTS})
    assert "before the server clips it, adds noise" in caplog.text
    history = federation.run.layout.history
    kept = {str(path.relative_to(history)) for path in history.rglob("*") if path.is_file()}
    shown = {name for name in kept if not name.startswith("recording")}
    assert shown == {
        "manifest.json", "model_info.npz", "summary.npz", "validation.npz", "weights/weights_0.npz",
        "weights/Server_r0.npz", "weights/Server_r1.npz", "weights/cosines.npz",
        "weights/norms.npz",
    }  # fmt: skip
    assert json.loads((history / "manifest.json").read_text())["private"] is True
    reader = federation.reader()
    weights = reader.weights("d", "B")
    update = joined(federation.update("B", 1)) - joined(federation.server(0))
    change = joined(federation.server(1)) - joined(federation.server(0))
    assert weights.cosines[-1, 1] == pytest.approx(cosine(update, change))
    assert np.isnan(weights.client[-1]).all()
    assert reader.summary("d").cosine.shape == (3, 2)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [("all", range(10)), ("last", [9]), ("thinned", [0, 1, 3, 7, 9]), ("none", [])],
)
def test_checkpoints_are_kept_as_wanted(tmp_path, policy, kept):
    federation = Federation(tmp_path, checkpoints=policy)
    recorded(federation, 10)
    folder = federation.run.layout.history / "checkpoints"
    names = {f"Server_r{index}.cp" for index in kept}
    assert {path.name for path in folder.glob("Server/*")} == names
    assert len(list(folder.glob("?/*_Local_best.cp"))) == (0 if policy == "none" else 3)
    for index in kept:
        state = read_state_dict(folder / "Server" / f"Server_r{index}.cp")
        assert state["fc.weight"].tolist() == federation.server(index)["fc.weight"].tolist()


def test_wrong_calls_are_told(federation):
    with pytest.raises(RecordingError, match="expected 'with Recorder"):
        federation.recorder().initial_model(model(0))
    with federation.recorder() as recorder:
        with pytest.raises(ValueError, match="round 0: the last global model recorded is none; "):
            recorder.local_update(0, "A", model(1))
        federation.begin(recorder)
        with pytest.raises(ValueError, match="no client 'D'; there are A, B, C"):
            recorder.local_update(0, "D", model(1))
        with pytest.raises(ValueError, match=r"expected global_model\(1, ...\) before an update"):
            recorder.local_update(2, "A", model(1))
        with pytest.raises(ValueError, match="global model of round 3: expected round 0"):
            recorder.global_model(3, model(1))
        with pytest.raises(ValueError, match="A, round 0: loss is nan; expected a finite number"):
            recorder.local_update(0, "A", model(1), loss=float("nan"))
        with pytest.raises(ValueError, match="A, round 0: weight is 0; expected more than 0"):
            recorder.local_update(0, "A", model(1), weight=0)
        with pytest.raises(ValueError, match="A, round 0: val_acc is 93; expected a fraction"):
            recorder.metrics(0, "A", val_acc=93)
        bad = model(1) | {"fc.bias": np.array([1, np.nan, 2], np.float32)}
        with pytest.raises(ValueError, match="A, round 0: 'fc.bias' has 1 values of 3 that are no"):
            recorder.local_update(0, "A", bad)
        bad = model(1) | {"fc.bias": np.zeros(4, np.float32)}
        with pytest.raises(ValueError, match=r"round 0: 'fc.bias' is \(4,\), expected \(3,\)"):
            recorder.global_model(0, bad)
        with pytest.raises(ValueError, match="round 0: lacks 'fc.bias'; it has fc.weight"):
            recorder.global_model(0, {"fc.weight": model(1)["fc.weight"]})
        with pytest.raises(ValueError, match="samples: no records of 'B'; expected some"):
            recorder.samples({"A": inputs("A")})


def test_roles_and_clients_must_fit(federation):
    for options, message in (
        ({"role": "boss"}, "role 'boss'; expected client or coordinator"),
        ({"role": "client"}, "role='client' of 3 clients; expected client=NAME, one of A, B, C"),
        ({"role": "client", "client": "D"}, "no client 'D'; there are A, B, C"),
        ({"client": "A"}, "role='coordinator' with client 'A'; it records everybody"),
        ({"role": "client", "client": "A", "private": True}, "private=True is for role='coordin"),
    ):
        with pytest.raises(ValueError, match=message):
            federation.recorder(**options)


def test_what_ended_the_training_is_told_and_its_rounds_are_kept(federation):
    def broken_training() -> None:
        with federation.recorder() as recorder:
            federation.begin(recorder)
            federation.finish_round(recorder, 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_training()
    assert federation.reader().manifest("d")["rounds"]["A"] == [0]
