"""Federated averaging of scikit-learn's digits, recorded into the folder `data`."""

from sklearn.datasets import load_digits
from torch import nn, optim, randint

from flhetero_dash import recorder as fl


def network():
    model = nn.Sequential(nn.Unflatten(1, (1, 8, 8)))
    model.norm, model.conv = nn.BatchNorm2d(1), nn.Conv2d(1, 32, 3, padding=1)
    model.relu, model.flat, model.fc = nn.ReLU(), nn.Flatten(), nn.Linear(2048, 10)
    return model


def trained(state, X, y):
    model = network()
    model.load_state_dict(state)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for batch in randint(len(y), (80, 32)):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X[batch]), y[batch]).backward()
        optimizer.step()
    return model.state_dict()


X, y = load_digits(return_X_y=True)
parts = {"north": y < 7, "south": y > 2, "west": y % 2 == 0}  # which digits a client has
records = {k: fl.client_records((15 * X[p]).astype("uint8"), y[p]) for k, p in parts.items()}
data = {client: fl.TrainingData.of(own) for client, own in records.items()}
run = fl.Run("data", "digits", list(parts), "0123456789", fl.RecordKind("image", (1, 8, 8)))
with fl.Recorder(run, fl.predictor(network), role="coordinator") as recorder:
    recorder.samples(records)
    recorder.initial_model(state := fl.initial_state(network, seed=0))
    for client, own in data.items():
        recorder.stand_alone(client, *fl.train_standalone(network, own, steps=5 * 80))
    for r in range(5):
        updates = {client: trained(state, *own.train) for client, own in data.items()}
        for client, update in updates.items():
            recorder.local_update(r, client, update, weight=1)
        state = {key: sum(u[key] for u in updates.values()) / len(updates) for key in state}
        recorder.global_model(r, state)
