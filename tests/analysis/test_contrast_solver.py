import numpy as np
import pytest
import scipy.linalg

from flhetero_dash.analysis.alpha_choice import CANDIDATES
from flhetero_dash.analysis.array_space import array_space
from flhetero_dash.analysis.coarse_space import spans_little
from flhetero_dash.analysis.contrast_solver import N_KEPT, ContrastSolver


def covariances(rng, n, m):
    frame = np.linalg.qr(rng.normal(size=(n, n)))[0]
    target = (frame * np.arange(1, n + 1) ** -1.2) @ frame.T
    rows = rng.normal(size=(m, n)) / np.sqrt(n * m)
    return target, rows.T @ rows, rows


@pytest.mark.parametrize("device", ["cpu", "cpu-torch"])
@pytest.mark.parametrize("m", [5, 40, 190])  # a small span, a larger one, the whole space
def test_vectors_and_values_are_those_of_dense_solves(rng, device, m):
    target, background, rows = covariances(rng, 180, m)
    assert spans_little(m, 180) == (m < 50)
    space = array_space(device)
    solved = ContrastSolver(space, target, background, rows).solve(CANDIDATES)
    assert solved.done.all()
    vectors = space.host(solved.vectors)
    assert vectors.shape == (40, N_KEPT, 180)
    for i, alpha in enumerate(CANDIDATES):
        values, dense = scipy.linalg.eigh(target - alpha * background)
        np.testing.assert_allclose(solved.values[i, :2], values[-2:][::-1], rtol=1e-9)
        plane = dense[:, -2:].T
        assert np.linalg.norm(plane - plane @ vectors[i, :2].T @ vectors[i, :2], 2) < 1e-6


def test_what_a_basis_holds_needs_no_round_and_what_it_lacks_is_found(rng):
    target, background, rows = covariances(rng, 180, 30)
    solver = ContrastSolver(array_space("cpu"), target, background, rows)
    held = solver.solve(np.array([3.0, 4.0])).vectors[:, :3].reshape(-1, 180)
    basis = np.linalg.qr(held.T)[0].T
    again = solver.refine(np.array([3.0, 200.0]), basis)
    assert again.rounds[0] == 0
    assert again.rounds[1] > 0
    plane = scipy.linalg.eigh(target - 200.0 * background)[1][:, -2:].T
    ours = again.vectors[1, :2]
    assert np.linalg.norm(plane - plane @ ours.T @ ours, 2) < 1e-6


def test_a_plane_that_no_round_reaches_is_told(rng, monkeypatch):
    target, background, rows = covariances(rng, 180, 30)
    monkeypatch.setattr("flhetero_dash.analysis.contrast_solver._MOST_ROUNDS", 1)
    solved = ContrastSolver(array_space("cpu"), target, background, rows).solve(CANDIDATES)
    assert not solved.done.all()


def test_a_vector_that_the_start_misses_is_told(rng):
    target = np.diag(np.linspace(1.0, 0.1, 100))
    target[99, 99] = 3.0  # the leading vector at each contrast, and not in the basis
    solver = ContrastSolver(array_space("cpu"), target, np.eye(100) * 1e-3, None)
    solved = solver.refine(np.array([1.0, 5.0]), np.eye(100)[:8])
    assert not solved.done.any()


@pytest.mark.parametrize("m", [30, 190])
def test_a_few_contrasts_at_a_time_keep_few_factors_and_give_the_same(rng, monkeypatch, m):
    target, background, rows = covariances(rng, 180, m)
    whole = ContrastSolver(array_space("cpu"), target, background, rows).solve(CANDIDATES)
    monkeypatch.setattr("flhetero_dash.analysis.contrast_solver._FACTOR_BYTES", 3 * 8 * 180**2)
    solver = ContrastSolver(array_space("cpu"), target, background, rows)
    some = solver.solve(CANDIDATES)
    n_coarse = len(solver._coarse.target)
    factors = [factor for factor in solver._factors.values() if factor is not None]
    assert sum(factor.nbytes for factor in factors) <= 2 * 3 * 8 * 180**2
    assert n_coarse in (70, 180)
    assert some.done.all()
    np.testing.assert_allclose(some.values[:, :2], whole.values[:, :2], rtol=1e-9)
    for ours, theirs in zip(some.vectors[:, :2], whole.vectors[:, :2], strict=True):
        assert np.linalg.norm(theirs - theirs @ ours.T @ ours, 2) < 1e-6
