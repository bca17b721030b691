"""`affinity`: write `affinity_NAME.npz`, the rank products that the published system needs.

The dashboard needs no such file: it ranks inconsistent records when they are looked at.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from flhetero_dash.analysis.rank_products import RankProducts
from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.affinity import Tables, write_affinity
from flhetero_dash.data.archive import MAX_FILE_BYTES
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.device import chosen_device
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_ARGUMENTS = 0, 1, 2
# Double precision, and once more as the bytes of a pickle.
PAIR_BYTES = 8
COPIES = 2
Say = Callable[..., None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--dataset", required=True, metavar="NAME")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="default: affinity_NAME.npz in CACHE_DIR"
    )


def run(args: argparse.Namespace, say: Say) -> int:
    """Compute and write the products of all clients; an existing file is left alone."""
    try:
        settings = Settings.load(ROOT)
        reader = HistoryReader(settings)
        sizes = _sizes(reader, args.dataset)
        _require_small(sizes, settings)
        path = args.out or settings.cache_dir / f"affinity_{args.dataset}.npz"
        write_affinity(path, Tables(sizes, _computed(args.dataset, settings, say)))
    except (SettingsError, UnknownNameError) as error:
        say(f"{error}")
        return BAD_ARGUMENTS
    except DataError as error:
        say(f"problem: {error}")
        return FAILED
    say(f"wrote {path} ({path.stat().st_size:,} bytes)")
    return DONE


def _sizes(reader: HistoryReader, dataset: str) -> Mapping[str, Mapping[str, int]]:
    return {
        client: {kind: len(X) for kind, X in reader.samples(dataset, client).inputs.items()}
        for client in reader.samples_info(dataset).client_names
    }


def _require_small(sizes: Mapping[str, Mapping[str, int]], settings: Settings) -> None:
    """Refuse data whose products nobody could read again."""
    for client, kinds in sizes.items():
        n_bytes = PAIR_BYTES * sum(n**2 for n in kinds.values())
        if COPIES * n_bytes > settings.memory_bytes:
            raise DataError(
                f"the products of {client} ({', '.join(f'{n:,} {k}' for k, n in kinds.items())}) "
                f"take {COPIES * n_bytes:,} bytes of memory; expected at most "
                f"{settings.memory_bytes:,} (setting MEMORY_BYTES). The dashboard needs none."
            )
    total = PAIR_BYTES * sum(n**2 for kinds in sizes.values() for n in kinds.values())
    if total > MAX_FILE_BYTES:
        raise DataError(
            f"the products of all {len(sizes)} clients take {total:,} bytes; expected at most "
            f"{MAX_FILE_BYTES:,}. The dashboard needs no such file."
        )


def _computed(dataset: str, settings: Settings, say: Say) -> Callable[[str, str], FloatArray]:
    device, note = chosen_device(settings.use_gpu)
    if note:
        say(note)

    def products(client: str, kind: str) -> FloatArray:
        X = comparable_inputs(settings, dataset, client, kind)  # as the dashboard ranks them
        say(f"{client}: {len(X):,} {kind} inputs")
        return RankProducts(X, settings.memory_bytes, device).all_pairs()

    return products
