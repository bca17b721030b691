import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional

from flhetero_dash.analysis.convolutions import convolution_layers
from flhetero_dash.analysis.gradcam import grad_cam
from flhetero_dash.analysis.networks import MnistNetwork
from flhetero_dash.analysis.picture_scaling import PictureScaling
from flhetero_dash.data.checkpoints import read_state_dict

PLAIN = PictureScaling((0.0,), (1.0,), divisor=1.0)


def tiny_network():
    """One convolution of two 1 x 1 kernels (+1 and -2), ReLU, and scores of two classes."""
    convolution, dense = nn.Conv2d(1, 2, 1, bias=False), nn.Linear(8, 2, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([1.0, -2.0]).reshape(2, 1, 1, 1))
        # Class 0 adds channel 0 and takes away half of channel 1; class 1 the other way round.
        dense.weight.copy_(torch.tensor([[1.0] * 4 + [-0.5] * 4, [-1.0] * 4 + [0.5] * 4]))
    return nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), dense)


def block_network(inplace=False):
    torch.manual_seed(0)
    return nn.Sequential(
        *[
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace), nn.MaxPool2d(2)),
            nn.Sequential(nn.Conv2d(4, 5, 3, padding=1), nn.ReLU(inplace)),
        ],
        nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(5 * 4 * 3, 6)),
    )


def one_by_one(model, X, shape, class_index, names, variant):
    """Follow the definition, record by record and layer by layer."""
    model.eval()
    maps = np.zeros((len(names), len(X), *shape[1:]))
    for at, name in enumerate(names):
        module = model.get_submodule(name)
        for row, record in enumerate(X):
            kept: dict[str, torch.Tensor] = {}

            def keep(_module, _inputs, output, kept=kept):
                output.retain_grad()
                kept["a"] = output

            handle = module.register_forward_hook(keep)
            scores = model(torch.tensor(record.reshape(1, *shape), dtype=torch.float32))
            label = int(class_index[row])
            if variant == "gradcam":
                scores[0, label].backward()
            else:
                nn.CrossEntropyLoss()(scores, torch.tensor([label])).backward()
            handle.remove()
            a, gradient = (np.asarray(t)[0] for t in (kept["a"].detach(), kept["a"].grad))
            if variant == "gradcam":
                small = np.maximum(np.tensordot(gradient.mean(axis=(1, 2)), a, 1), 0)
            else:
                small = np.maximum(-gradient * a, 0).sum(axis=0)
            maps[at, row] = stretched(small, shape[1:])
            maps[at, row] /= maps[at, row].max() or 1.0
    return maps


def stretched(small, size):
    """Bilinear interpolation, corner on corner, along one axis after the other."""
    for axis in (0, 1):
        old, new = np.arange(small.shape[axis]), np.linspace(0, small.shape[axis] - 1, size[axis])
        small = np.apply_along_axis(lambda line: np.interp(new, old, line), axis, small)  # noqa: B023 - used at once
    return small


def test_heat_map_by_hand():
    # Channel 0 is the picture, channel 1 is -2 times it; ReLU lets 0 pass at 1 and 3, 1 at -2.
    X = np.array([[1.0, -2.0, 3.0, 0.0]])
    result = grad_cam(tiny_network(), X, (2, 2), np.array([0]), scaling=PLAIN)
    # d score 0 / d channel 0 is 1 where the picture is above 0 (2 of 4): weight 1/2;
    # d score 0 / d channel 1 is -1/2 where it is below (1 of 4): weight -1/8.
    # Map: x / 2 + x / 4 = 3x / 4, rectified and divided by its maximum of 9/4.
    np.testing.assert_allclose(result.heatmaps[0, 0], [[1 / 3, 0.0], [1.0, 0.0]], atol=1e-6)
    assert result.layer_names == ("0",)


def test_published_heat_map_by_hand():
    X = np.array([[1.0, -2.0, 3.0, 0.0]])
    network = nn.Sequential(
        nn.Sequential(*list(tiny_network())[:2]), *list(tiny_network())[2:]
    )  # the convolution and its ReLU are one block
    result = grad_cam(network, X, (2, 2), np.array([0]), "published", scaling=PLAIN)
    # After ReLU: channel 0 is 1, 0, 3, 0 and channel 1 is 0, 4, 0, 0. The loss falls with score
    # 0 and rises with score 1, so its negative gradient is 2g on channel 0 and -g on channel 1.
    np.testing.assert_allclose(result.heatmaps[0, 0], [[1 / 3, 0.0], [1.0, 0.0]], atol=1e-6)
    result = grad_cam(network, X, (2, 2), np.array([1]), "published", scaling=PLAIN)
    np.testing.assert_allclose(result.heatmaps[0, 0], [[0.0, 1.0], [0.0, 0.0]], atol=1e-6)


@pytest.mark.parametrize("variant", ["gradcam", "published"])
@pytest.mark.parametrize("inplace", [False, True])
def test_batch_is_the_same_as_one_by_one(rng, variant, inplace):
    X = rng.normal(size=(300, 3 * 10 * 8))  # more than one batch
    X[3:] = X[np.arange(297) % 3]
    classes = np.array([0, 5, 2])[np.arange(300) % 3]
    names = ["0.0", "1.0"] if variant == "gradcam" else ["0", "1"]
    scaling = PictureScaling((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    ours = grad_cam(block_network(inplace), X, (3, 10, 8), classes, variant, scaling=scaling)
    theirs = one_by_one(block_network(), X[:3], (3, 10, 8), classes, names, variant)
    assert ours.heatmaps.shape == (2, 300, 10, 8)
    np.testing.assert_allclose(ours.heatmaps[:, :3], theirs, atol=1e-5)
    np.testing.assert_allclose(ours.heatmaps[:, -3:], theirs, atol=1e-5)
    assert ours.heatmaps.min() >= 0
    assert ours.heatmaps.max() <= 1


class Block(nn.Module):
    """Two convolutions and a way around them, written out as a function."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(n_out)
        self.second = nn.Conv2d(n_out, n_out, 3, padding=1)
        self.around = nn.Conv2d(n_in, n_out, 1, stride=2)

    def forward(self, x):
        y = functional.relu(self.norm(self.first(x)), inplace=True)
        return functional.relu_(self.second(y) + self.around(x))


class Network(nn.Module):
    """Blocks in a list, one used twice; a `view` that only fits channel after channel."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.blocks = nn.ModuleList([Block(3, 4), Block(4, 6)])
        self.again = nn.Conv2d(6, 6, 3, padding=1)
        self.never = nn.Conv2d(3, 3, 3)
        self.dense = nn.Linear(6 * 4 * 4, 5)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = torch.relu(self.again(torch.relu(self.again(x))))
        return self.dense(x.view(-1, 6 * 4 * 4))


USED = ["blocks.0.first", "blocks.0.second", "blocks.0.around", "blocks.1.first",
        "blocks.1.second", "blocks.1.around", "again"]  # fmt: skip


@pytest.mark.parametrize("variant", ["gradcam", "published"])
def test_a_network_that_is_no_sequence_is_explained(rng, variant):
    X = rng.normal(size=(6, 3 * 16 * 16))
    classes = np.array([0, 1, 2, 3, 4, 0])
    scaling = PictureScaling((0.0,), (1.0,))
    ours = grad_cam(Network(), X, (3, 16, 16), classes, variant, scaling=scaling)
    assert list(ours.layer_names) == USED  # the convolution that is never used is left out
    theirs = one_by_one(Network(), X, (3, 16, 16), classes, USED, variant)
    np.testing.assert_allclose(ours.heatmaps, theirs, atol=1e-5)
    assert ours.heatmaps.any(axis=(1, 2, 3)).all()


def test_a_residual_network_of_torchvision_is_explained(rng):
    torch.manual_seed(0)
    network = torchvision.models.resnet18(weights=None)
    X = rng.normal(size=(3, 3 * 64 * 64))
    ours = grad_cam(network, X, (3, 64, 64), scaling=PictureScaling((0.0,), (1.0,)))
    assert len(ours.layer_names) == 20
    assert {"conv1", "layer2.0.downsample.0", "layer4.1.conv2"} < set(ours.layer_names)
    some = ["conv1", "layer2.0.downsample.0", "layer4.1.conv2"]
    theirs = one_by_one(network, X, (3, 64, 64), ours.class_index, some, "gradcam")
    found = ours.heatmaps[[ours.layer_names.index(name) for name in some]]
    np.testing.assert_allclose(found, theirs, atol=1e-4)  # rounding of 20 layers


def test_the_bound_of_memory_changes_no_map(rng):
    X = rng.normal(size=(7, 240))
    whole = grad_cam(block_network(), X, (3, 10, 8))
    by_one = grad_cam(block_network(), X, (3, 10, 8), memory_bytes=1)
    np.testing.assert_allclose(by_one.heatmaps, whole.heatmaps, atol=1e-5)


def test_layers_computed_without_gradients_have_empty_maps(rng):
    class Frozen(nn.Module):
        def __init__(self):
            super().__init__()
            self.below, self.above = nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 1)
            self.dense = nn.Linear(8, 2)

        def forward(self, x):
            with torch.no_grad():
                x = self.below(x)
            return self.dense(torch.flatten(self.above(x), 1))

    result = grad_cam(Frozen(), rng.normal(size=(9, 4)), (2, 2))
    assert result.layer_names == ("below", "above")
    assert result.heatmaps.any(axis=(1, 2, 3)).tolist() == [False, True]


@pytest.mark.gpu
def test_a_cuda_device_gives_the_same_maps(rng):
    X = rng.normal(size=(6, 240))
    here = grad_cam(block_network(), X, (3, 10, 8))
    there = grad_cam(block_network(), X, (3, 10, 8), device="cuda")
    np.testing.assert_allclose(there.heatmaps, here.heatmaps, atol=1e-3)


def test_predicted_class_is_the_default(rng):
    X = rng.integers(0, 256, (5, 16), dtype=np.uint8)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 4))
    network.eval()
    scaled = torch.tensor((X / 255 - 0.25) / 0.5, dtype=torch.float32).reshape(5, 1, 4, 4)
    predicted = network(scaled).argmax(dim=1).numpy()
    scaling = PictureScaling((0.25,), (0.5,))
    ours = grad_cam(network, X, (1, 4, 4), scaling=scaling)
    np.testing.assert_array_equal(ours.class_index, predicted)
    given = grad_cam(network, X, (4, 4), predicted, scaling=scaling)
    np.testing.assert_array_equal(ours.heatmaps, given.heatmaps)


def test_scaling_is_per_channel(rng):
    X = rng.integers(0, 256, (2, 3 * 80), dtype=np.uint8)
    by_hand = X.reshape(2, 3, 80) / 255
    by_hand = (by_hand - np.array([0.1, 0.2, 0.3])[:, None]) / np.array([0.5, 0.6, 0.7])[:, None]
    ours = grad_cam(
        block_network(), X, (3, 10, 8), scaling=PictureScaling((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    )
    theirs = grad_cam(
        block_network(), by_hand.reshape(2, -1), (3, 10, 8), scaling=PictureScaling((0.0,), (1.0,))
    )
    np.testing.assert_allclose(ours.heatmaps, theirs.heatmaps, atol=1e-5)


def test_zero_map_stays_zero():
    result = grad_cam(tiny_network(), np.zeros((1, 4)), (2, 2), np.array([0]), scaling=PLAIN)
    np.testing.assert_array_equal(result.heatmaps, 0)


def test_model_gets_back_its_mode_and_has_no_hook_left(rng):
    network = block_network()
    network[2].eval()
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    for parameter in network.parameters():
        parameter.requires_grad_(False)  # frozen models have maps all the same
    with torch.no_grad():
        maps = grad_cam(
            network, rng.normal(size=(2, 240)), (3, 10, 8), scaling=PictureScaling()
        ).heatmaps
    assert maps.any()
    assert [module.training for module in network.modules()] == modes
    assert all(not module._forward_hooks for module in network.modules())
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    with pytest.raises(RuntimeError):  # shapes of the model itself, not of the picture
        grad_cam(network, rng.normal(size=(2, 48)), (3, 4, 4))
    assert all(not module._forward_hooks for module in network.modules())


def test_layers_by_recorded_names_in_any_case_else_all():
    network = MnistNetwork()
    named = convolution_layers(network, ["Conv2", "FC1", "Conv1", "conv9"])
    assert [layer.name for layer in named] == ["Conv2", "Conv1"]
    assert named[0].block is network.conv2
    assert named[0].convolution is network.conv2[0]
    found = convolution_layers(network, ["layer a", "FC1"])
    assert [layer.name for layer in found] == ["conv1.0", "conv2.0"]
    assert [layer.block for layer in found] == [network.conv1, network.conv2]
    assert convolution_layers(nn.Linear(2, 2)) == ()


def test_reference_checkpoints_give_maps_on_the_digit(reader, client_images):
    network = MnistNetwork()
    network.load_state_dict(read_state_dict(reader.checkpoint("mnist", "Client-0", 9)))
    y_true = reader.samples("mnist", "Client-0").ground_truth[:20]
    X = client_images[:20]
    for variant in ("gradcam", "published"):
        names = ["Conv1", "Conv2", "FC1", "FC2"]
        result = grad_cam(network, X, (1, 28, 28), y_true, variant, names)
        assert result.layer_names == ("Conv1", "Conv2")
        modules = ["conv1.0", "conv2.0"] if variant == "gradcam" else ["conv1", "conv2"]
        scaled = (X[:3] / 255 - 0.5) / 0.5
        theirs = one_by_one(network, scaled, (1, 28, 28), y_true, modules, variant)
        np.testing.assert_allclose(result.heatmaps[:, :3], theirs, atol=1e-4)
    classes = reader.global_outputs("mnist", "Client-0", 9).classes["local"][:20]
    np.testing.assert_array_equal(grad_cam(network, X, (1, 28, 28)).class_index, classes)


def test_what_cannot_be_explained_is_told():
    network, X = tiny_network(), np.zeros((1, 4))
    with pytest.raises(ValueError, match="the model has no convolution"):
        grad_cam(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), X, (2, 2))
    with pytest.raises(ValueError, match="needs the ground truth"):
        grad_cam(network, X, (2, 2), variant="published")
    with pytest.raises(ValueError, match="variant is 'cam'"):
        grad_cam(network, X, (2, 2), variant="cam")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(1, 4\), expected rows of pictures of shape"):
        grad_cam(network, X, (3, 2))
    with pytest.raises(ValueError, match="from 2 to 2, the model has 2 classes"):
        grad_cam(network, X, (2, 2), np.array([2]))
    with pytest.raises(ValueError, match=r"class_index has shape \(2,\), expected \(1,\)"):
        grad_cam(network, X, (2, 2), np.array([0, 1]))
    with pytest.raises(ValueError, match="3 means, 1 stds for 1 channels"):
        grad_cam(network, X, (2, 2), scaling=PictureScaling((0.0, 0.0, 0.0), (1.0,)))
    pictures = nn.Sequential(nn.Conv2d(1, 2, 1))
    with pytest.raises(ValueError, match=r"the model gives \(1, 2, 2, 2\), expected scores"):
        grad_cam(pictures, X, (2, 2))
    flat = nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten()), nn.Linear(8, 2))
    with pytest.raises(ValueError, match=r"layer '0.0' puts out shape \(1, 8\)"):
        grad_cam(flat, X, (2, 2), np.array([0]), "published")
