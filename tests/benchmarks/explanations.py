"""Benchmarks of Grad-CAM and of the paths of the weights."""

from collections.abc import Callable, Iterator

import numpy as np

from flhetero_dash.analysis.trajectory import project_parameters
from flhetero_dash.arrays import FloatArray
from tests.benchmarks import plain_routes, published_views
from tests.benchmarks.measuring import Bench, Work
from tests.benchmarks.rows import AT_MOST, Row, faster

GRAD_CAM, WEIGHTS = "Grad-CAM", "weights view"
PUBLISHED, PLAIN = "published", "exact sklearn PCA"
LOOP = "published, picture by picture"
_MAPS_WITHIN = 1e-5

Layers = list[FloatArray]


def gradcam(bench: Bench) -> Iterator[Row]:
    """Heat maps of a selection."""
    for network, shape, n_classes, target in (
        ("Cifar10Network", (3, 32, 32), 10, 7),
        ("FaceNetwork", (3, 28, 28), 2, 3),
    ):
        n = bench.sizes.n_pictures
        ours, loop, passes = _explainers(network, shape, n_classes, n)
        times = bench.seconds({"ours": ours, LOOP: loop, "passes": passes})
        size, floor = f"{n} pictures, {network}", times["passes"]
        yield faster(GRAD_CAM, size, times["ours"], LOOP, times[LOOP], target, floor_s=floor)
        apart = np.abs(ours() - loop()).max(axis=(2, 3)).ravel() / _MAPS_WITHIN
        # Rounding may tip over which of two equal pixels a pooling takes, or a ReLU at its edge.
        size += f", {np.count_nonzero(apart > 1)} of {len(apart)} maps farther"
        against = f"difference of maps in 1e-5, 98th percentile {AT_MOST}"
        ratio = float(np.quantile(apart, 0.98))
        yield Row(f"{GRAD_CAM}, maps", size, None, against, None, ratio, target=1.0)


def weights(bench: Bench) -> Iterator[Row]:
    """Paths of client and server through training, all layers."""
    for n_weights, target in zip(bench.sizes.weights, (4, 1), strict=False):
        initial, client, server = walk(bench.sizes.n_rounds, bench.sizes.n_layers + 1, n_weights)
        layers = list(zip(initial, client, server, strict=True))

        def ours(layers=layers) -> object:
            return [project_parameters(*layer) for layer in layers]

        def plain(layers=layers) -> object:
            return [plain_routes.projected_weights(*layer) for layer in layers]

        def published(layers=layers) -> object:
            return published_views.projected_weights(*zip(*layers, strict=True))

        def floor(layers=layers) -> object:
            return [path @ path.T for _, _, path in layers]

        times = bench.seconds({"ours": ours, PUBLISHED: published, PLAIN: plain, "products": floor})
        size = f"{bench.sizes.n_rounds} rounds x {len(layers)} layers x {n_weights:,}"
        for against, wanted in ((PUBLISHED, target), (PLAIN, None)):
            yield faster(
                WEIGHTS,
                size,
                times["ours"],
                against,
                times[against],
                wanted,
                floor_s=times["products"],
            )


def walk(n_rounds: int, n_layers: int, n_weights: int) -> tuple[Layers, Layers, Layers]:
    """Make up weights: steps of the server that become shorter, and the client beside it."""
    rng = np.random.default_rng(0)
    pace = 1 / np.sqrt(np.arange(1, n_rounds + 1))[:, None]
    initial: Layers = []
    client: Layers = []
    server: Layers = []
    for _ in range(n_layers):
        start = rng.normal(size=n_weights)
        path = start + np.cumsum(pace * (0.1 + rng.normal(size=(n_rounds, n_weights))), axis=0)
        initial.append(start)
        server.append(path)
        client.append(path + pace * rng.normal(size=path.shape))
    return initial, client, server


Explainer = Callable[[], FloatArray]


def _explainers(
    network: str, shape: tuple[int, ...], n_classes: int, n: int
) -> tuple[Explainer, Explainer, Work]:
    """Return ours, the published loop, and the passes through the network that both need."""
    import torch

    from flhetero_dash.analysis import networks
    from flhetero_dash.analysis.convolutions import convolution_layers
    from flhetero_dash.analysis.gradcam import grad_cam

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = networks.build(f"{networks.__name__}:{network}")
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n, int(np.prod(shape))), dtype=np.uint8)
    y = rng.integers(0, n_classes, n)
    blocks = [layer.block for layer in convolution_layers(model)]
    batch = torch.from_numpy(X.astype(np.float32).reshape(-1, *shape)).requires_grad_()
    return (
        lambda: grad_cam(model, X, shape, y, "published").heatmaps,
        lambda: published_views.grad_cam_loop(model, blocks, X, shape, y),
        lambda: model(batch).sum().backward(),
    )
