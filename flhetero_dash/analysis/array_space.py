"""Arrays of numpy, or of torch on a device, behind the few operations that differ."""

from typing import Any, Protocol

import numpy as np
import scipy.linalg

from flhetero_dash.analysis.devices import CPU, torch_device
from flhetero_dash.arrays import FloatArray

# An array of the space at hand: numpy's or torch's. Both know @, .mT, sum, reshape and slices.
Array = Any


class ArraySpace(Protocol):
    """What the solver needs of an array library besides the arrays' own operators."""

    def array(self, values: Any, single: bool = False) -> Array:
        """Copy values to the device, in double (or single) precision."""

    def host(self, values: Array) -> FloatArray:
        """Copy an array to numpy."""

    def add_gram(self, products: Array, rows: Array) -> None:
        """Add rows.T @ rows to `products`, of which only the lower triangle counts."""

    def joined(self, arrays: list[Array], axis: int) -> Array:
        """Put arrays one behind the other."""

    def qr(self, columns: Array) -> tuple[Array, Array]:
        """Orthonormal columns and the triangle of their coefficients."""

    def eigh(self, matrices: Array) -> tuple[Array, Array]:
        """Eigenvalues, ascending, and eigenvectors in columns, of a stack of matrices."""

    def leading(self, matrix: Array, n_vectors: int) -> Array:
        """Eigenvectors in rows, the largest eigenvalue first."""

    def factor(self, matrix: Array) -> Array | None:
        """Cholesky factor; None if the matrix is not positive definite. Overwrites the matrix."""

    def solve(self, factor: Array, rows: Array) -> Array:
        """Solution of a factored system for each of the rows."""


class NumpySpace:
    """The arrays of numpy."""

    def array(self, values: Any, single: bool = False) -> Array:
        """See `ArraySpace`; values that fit already are not copied."""
        return np.asarray(values, dtype=np.float32 if single else np.float64)

    def host(self, values: Array) -> FloatArray:
        """See `ArraySpace`."""
        return np.asarray(values, dtype=np.float64)

    def add_gram(self, products: Array, rows: Array) -> None:
        """See `ArraySpace`; numpy's own product would copy one triangle to the other, slowly."""
        syrk = scipy.linalg.blas.ssyrk if rows.dtype == np.float32 else scipy.linalg.blas.dsyrk
        products += syrk(1.0, rows.T).T

    def joined(self, arrays: list[Array], axis: int) -> Array:
        """See `ArraySpace`."""
        return np.concatenate(arrays, axis=axis)

    def qr(self, columns: Array) -> tuple[Array, Array]:
        """See `ArraySpace`."""
        q, r = np.linalg.qr(columns)
        return q, r

    def eigh(self, matrices: Array) -> tuple[Array, Array]:
        """See `ArraySpace`."""
        values, vectors = np.linalg.eigh(matrices)
        return values, vectors

    def leading(self, matrix: Array, n_vectors: int) -> Array:
        """See `ArraySpace`."""
        size = len(matrix)
        _, vectors = scipy.linalg.eigh(
            matrix, subset_by_index=[size - n_vectors, size - 1], check_finite=False
        )
        return vectors[:, ::-1].T

    def factor(self, matrix: Array) -> Array | None:
        """See `ArraySpace`."""
        # A symmetric matrix transposed is itself, in the order that LAPACK overwrites in place.
        lower, failed = scipy.linalg.lapack.dpotrf(matrix.T, lower=1, clean=0, overwrite_a=1)
        return None if failed else lower

    def solve(self, factor: Array, rows: Array) -> Array:
        """See `ArraySpace`."""
        solution, _ = scipy.linalg.lapack.dpotrs(factor, rows.T, lower=1)
        return solution.T


class TorchSpace:
    """The arrays of torch on one device."""

    def __init__(self, device: str) -> None:
        import torch

        self._torch = torch
        self._device = torch.device(torch_device(device))

    def array(self, values: Any, single: bool = False) -> Array:
        """See `ArraySpace`."""
        dtype = self._torch.float32 if single else self._torch.float64
        if not isinstance(values, self._torch.Tensor):
            values = self._torch.from_numpy(np.array(values))
        # Moved as it is stored: eight bits a value are copied, not 64.
        return values.to(self._device).to(dtype)

    def host(self, values: Array) -> FloatArray:
        """See `ArraySpace`."""
        return np.asarray(values.double().cpu().numpy())

    def add_gram(self, products: Array, rows: Array) -> None:
        """See `ArraySpace`."""
        products += rows.mT @ rows

    def joined(self, arrays: list[Array], axis: int) -> Array:
        """See `ArraySpace`."""
        return self._torch.cat(arrays, dim=axis)

    def qr(self, columns: Array) -> tuple[Array, Array]:
        """See `ArraySpace`."""
        q, r = self._torch.linalg.qr(columns)
        return q, r

    def eigh(self, matrices: Array) -> tuple[Array, Array]:
        """See `ArraySpace`."""
        values, vectors = self._torch.linalg.eigh(matrices)
        return values, vectors

    def leading(self, matrix: Array, n_vectors: int) -> Array:
        """See `ArraySpace`."""
        return self._torch.linalg.eigh(matrix)[1].flip(1)[:, :n_vectors].mT

    def factor(self, matrix: Array) -> Array | None:
        """See `ArraySpace`."""
        lower, failed = self._torch.linalg.cholesky_ex(matrix)
        return None if bool(failed) else lower

    def solve(self, factor: Array, rows: Array) -> Array:
        """See `ArraySpace`."""
        return self._torch.cholesky_solve(rows.mT, factor).mT


def array_space(device: str) -> ArraySpace:
    """Give the arrays of a device.

    Parameters
    ----------
    device : str
        'cpu' for numpy; 'cuda' or any other device of torch; 'cpu-torch' is torch on the CPU.

    Raises
    ------
    RuntimeError
        If torch does not know the device.
    """
    return NumpySpace() if device == CPU else TorchSpace(device)
