"""The plain routes agree with ours."""

import numpy as np
import pytest

from flhetero_dash.analysis.cpca import contrastive_plane
from flhetero_dash.analysis.rank_clustering import merge_tree, rank_dissimilarity
from flhetero_dash.analysis.trajectory import project_parameters
from tests.benchmarks import plain_routes, published_clusters
from tests.benchmarks.explanations import walk
from tests.benchmarks.inputs import colour_pictures, digits, inconsistent_rows


@pytest.fixture(scope="module")
def case() -> tuple[np.ndarray, np.ndarray]:
    X, labels = digits(400, 14)
    return X, inconsistent_rows(X, labels, 50, seed=0)


def test_the_automatic_plane():
    X, rows = colour_pictures(300, 6, 40)
    alpha, directions = plain_routes.automatic_plane(X, X[rows])
    ours = contrastive_plane(X, X[rows], None)
    assert ours.alpha == alpha
    cosines = np.linalg.svd(directions @ ours.directions.T, compute_uv=False)
    np.testing.assert_allclose(cosines, 1, atol=1e-9)


def test_the_rank_products(case):
    X, rows = case
    ours = rank_dissimilarity(X, rows)
    plain = plain_routes.rank_products(X, rows)
    published = published_clusters.rank_products(X)[np.ix_(rows, rows)]
    # Of equal distances each takes another record first.
    assert np.mean(ours == plain) > 0.95
    assert np.mean(ours == published) > 0.95
    np.testing.assert_allclose(plain, ours, rtol=0.1)


def test_the_clusters(case):
    products = rank_dissimilarity(*case)
    ours = merge_tree(products, "single").cut(5)
    for labels in (plain_routes.clusters(products, 5), published_clusters.clusters(products, 5)):
        assert len(set(zip(ours.tolist(), labels.tolist(), strict=True))) == 5


def test_the_paths_of_the_weights():
    initial, client, server = walk(12, 1, 40)
    ours = project_parameters(initial[0], client[0], server[0])
    start, own, path = plain_routes.projected_weights(initial[0], client[0], server[0])
    assert ours.initial is not None
    for mine, theirs in ((ours.initial, start), (ours.client, own), (ours.server, path)):
        np.testing.assert_allclose(np.abs(mine), np.abs(theirs), atol=1e-9)
