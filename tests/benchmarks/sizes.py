"""How large the inputs of the benchmark are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Sizes of one run.

    Attributes
    ----------
    rounds : int
        Measurements of each contender.
    side : int
        Height and width of the digits.
    n, n_large : int
        Records of an ordinary and of a large client.
    m_few : tuple of int
        Numbers of inconsistent records for which the targets of small ones hold.
    m_some, m_ranked, m_clustered, m_visited : int
        Inconsistent records: many for a plane; ranked in the large client; clustered at once;
        of the large client when it is opened.
    colour_side, n_colour, m_colour : int
        Height and width of the pictures in colour, their number, and their background.
    n_rounds, n_layers : int
        Of a recorded training.
    weights : tuple of int
        Recorded weights of a layer.
    n_pictures : int
        Explained by Grad-CAM.
    n_clients, n_datasets : int
        Of the data that a click reads, and that a server starts with.
    floor_side, floor_bytes : int
        Of the products and the memory that give the floors.
    """

    rounds: int = 5
    side: int = 28
    n: int = 6_000
    n_large: int = 50_000
    n_visited: int = 60_000
    m_few: tuple[int, ...] = (255, 350)
    m_some: int = 900
    m_ranked: int = 2_000
    m_clustered: int = 5_000
    m_visited: int = 1_000
    colour_side: int = 32
    n_colour: int = 5_000
    m_colour: int = 400
    n_device: int = 50_000
    n_rounds: int = 200
    n_layers: int = 10
    weights: tuple[int, ...] = (500, 20_000)
    n_pictures: int = 50
    n_clients: int = 10
    n_datasets: int = 100
    floor_side: int = 2_000
    floor_bytes: int = 1 << 28

    @property
    def m_most(self) -> int:
        """Nine of ten records, as in an early round."""
        return self.n * 9 // 10


FULL = Sizes()
# For the test that the program works: the figures mean nothing.
QUICK = Sizes(
    rounds=1,
    side=14,
    n=300,
    n_large=400,
    n_visited=400,
    m_few=(40,),
    m_some=60,
    m_ranked=50,
    m_clustered=100,
    m_visited=40,
    colour_side=8,
    n_colour=250,
    m_colour=40,
    n_device=300,
    n_rounds=6,
    n_layers=2,
    weights=(20,),
    n_pictures=4,
    n_clients=2,
    n_datasets=1,
    floor_side=100,
    floor_bytes=1 << 16,
)
