"""The decisions of the panels, without a browser."""

from typing import Any

import numpy as np
import pytest
from dash import html

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
from flhetero_dash.analysis.label_matrix import LabelGrid, LabelMatrix, MatrixCell
from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.analysis.outline import DensityGrid
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.clusters import ClusterThumbnail
from flhetero_dash.queries.distribution import Distribution
from flhetero_dash.queries.matrix import MatrixAnswer
from flhetero_dash.queries.overview import Overview
from flhetero_dash.queries.records import Verified
from flhetero_dash.selection import ContrastChoice, Focus, MatrixChoice
from flhetero_dash.views.attribute_distribution import effect_words, shares
from flhetero_dash.views.contrast_maps import attribute_clicked, n_channels
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.frame import intent_of
from flhetero_dash.views.inconsistency_clusters import board_of, note_on, percent
from flhetero_dash.views.instance_verification import facts, position, verdict
from flhetero_dash.views.label_matrix import matrix_data
from flhetero_dash.views.learning_monitor import cosine_legend, rounds_within
from flhetero_dash.views.overview_plot import marks, record_clicked
from flhetero_dash.views.performance_timeline import band_of

COUNTS = AttributeDistribution(np.arange(4.0), np.array([6, 2, 0]), np.array([0, 1, 1]), -0.5, 0.75)


def words_of(parts) -> str:
    texts = []
    for part in parts:
        children = part if isinstance(part, str) else getattr(part, "children", "")
        texts.append(children if isinstance(children, str) else words_of(children or []))
    return " ".join(texts)


class TestFrame:
    def test_steps_stay_within_the_rounds(self):
        values = {"dataset": "d", "client": "c", "inputs": "local", "round": 5}
        assert intent_of(Frame.PREVIOUS, values, {"round": "1"}) == {"round": "1"}
        assert intent_of(Frame.NEXT, values, {"round": "1"}) == {"round": "2"}
        assert intent_of(Frame.NEXT, values, {}) == {}
        assert intent_of(Frame.ROUND, values, {}) == {"round": "5"}
        assert intent_of(Frame.ROUND, values | {"round": ""}, {}) == {}
        assert intent_of(Frame.CLIENT, values, {}) == {"client": "c"}
        assert intent_of(None, values, {}) == {}


class TestMonitor:
    @pytest.mark.parametrize(
        ("rounds", "shown"),
        [(None, (0, 9)), ((2, 5), (2, 5)), ((3, 40), (3, 9)), ((20, 40), (9, 9))],
    )
    def test_a_range_of_a_longer_training_is_cut(self, rounds, shown):
        assert rounds_within(rounds, 10) == shown

    def test_computed_cosines_are_said_to_be(self):
        assert "sampled parameters" in words_of(cosine_legend(0.3, recorded=False))
        assert "sampled parameters" not in words_of(cosine_legend(0.3, recorded=True))


class TestTimeline:
    def test_a_band_needs_several_clients_and_every_round(self):
        band = band_of(np.array([[0.1, 0.9], [0.3, np.nan]]))
        np.testing.assert_allclose(band, [[0.1, 0.9], [0.3, 0.9]])  # type: ignore[arg-type]
        assert band_of(np.array([[0.1, 0.9]])) is None
        assert band_of(np.full((2, 2), np.nan)) is None


class TestOverview:
    MASK = np.array([False, True, False, True])

    @pytest.mark.parametrize(
        ("curve", "point", "on_top", "record"),
        [(0, 1, "inconsistent", 2), (1, 1, "inconsistent", 3), (0, 0, "consistent", 1)],
    )
    def test_a_point_is_its_record(self, curve, point, on_top, record):
        click = {"points": [{"curveNumber": curve, "pointIndex": point}]}
        assert record_clicked(click, self.MASK, on_top) == {"record": str(record)}

    def test_a_point_that_is_not_there_is_none(self):
        click = {"points": [{"curveNumber": 1, "pointIndex": 2}]}
        assert record_clicked(click, self.MASK, "inconsistent") == {}

    def test_marks_are_the_selections_places(self):
        places = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]])
        overview = Overview(places, self.MASK, np.ones(2), 10.0, "")
        assert marks(overview, np.array([1, 3]), None) == {
            "points": [[2, 3], [6, 7]],
            "record": [2, 3],  # the selection's first
        }
        assert marks(overview, np.array([1]), 2)["record"] == [4, 5]
        assert marks(overview, np.array([], dtype=int), 99)["record"] is None


class TestClusters:
    def test_the_board_has_shares_of_the_side_and_words(self):
        density = DensityGrid(np.array([0.0, 10.0]), np.array([0.0, 20.0]), np.eye(2))
        thumbnail = ClusterThumbnail(np.array([4, 7]), np.array([[5.0, 5.0], [10.0, 20.0]]), 0.5, 1)
        board = board_of([thumbnail], density)
        assert board["density"] == [99, 0, 0, 99]
        assert board["clusters"] == [
            {
                "size": 2,
                "hull": [[0.5, 0.375], [0.75, 0.75]],  # of the squares' borders
                "federated": "50%",
                "standalone": "100%",
            }
        ]

    def test_no_ground_truth_no_accuracy(self):
        assert percent(None) is None

    def test_what_a_reader_must_know(self):
        assert note_on(8, 8, None) == ""
        assert note_on(70, None, None) == "The 60 largest of 70 clusters are shown."
        assert "3 of 8 clusters" in note_on(3, 8, None)
        assert "sample of 8,000" in note_on(8, 8, 8000)


def picture_info(shape: tuple[int, ...], kind: str = "image") -> SamplesInfo:
    class Info:
        is_image = kind == "image"
        n_features = int(np.prod(shape))

    info = Info()
    info.shape = shape  # type: ignore[attr-defined]
    return info  # type: ignore[return-value]


class TestContrast:
    def test_a_pixel_counts_in_its_channel(self):
        click = {"points": [{"x": 3, "y": 1}]}
        colour = picture_info((3, 4, 5))
        assert n_channels(colour) == 3
        choice = ContrastChoice(channel=2)
        assert attribute_clicked(click, colour, choice) == {"attribute": str(2 * 20 + 1 * 5 + 3)}
        assert attribute_clicked(click, picture_info((4, 5)), choice) == {"attribute": "8"}
        assert (
            attribute_clicked({"points": [{"x": 99, "y": 9}]}, picture_info((4, 5)), choice) == {}
        )

    def test_a_bar_knows_its_attribute(self):
        click = {"points": [{"customdata": 2, "x": 0.1, "y": "age"}]}
        table = picture_info((4,), "tabular")
        assert attribute_clicked(click, table, ContrastChoice()) == {"attribute": "2"}

    @pytest.mark.parametrize(
        ("attribute", "shape", "names", "is_image", "name"),
        [
            (30, (1, 28, 28), None, True, "pixel (row 1, column 2)"),
            (40, (3, 4, 5), None, True, "pixel (row 0, column 0), channel 2"),
            (1, (4,), ("a", "b", "c", "d"), False, "b"),
            (1, (4,), None, False, "attribute 1"),
        ],
    )
    def test_attributes_have_names(self, attribute, shape, names, is_image, name):
        assert attribute_name(attribute, shape, names, is_image) == name


class TestDistribution:
    def test_shares_of_class_and_of_scope(self):
        of_class = shares(COUNTS, per_class=True, log=False)
        np.testing.assert_allclose(of_class["inconsistent"], [0, 0.5, 0.5])
        np.testing.assert_allclose(of_class["consistent"], [0.75, 0.25, 0])
        of_scope = shares(COUNTS, per_class=False, log=False)
        np.testing.assert_allclose(of_scope["total"], [0.6, 0.3, 0.1])
        np.testing.assert_allclose(of_scope["inconsistent"], [0, 0.1, 0.1])

    def test_empty_bins_are_no_points_of_a_log_scale(self):
        of_class = shares(COUNTS, per_class=True, log=True)
        np.testing.assert_allclose(of_class["inconsistent"], [np.nan, 0.5, 0.5])

    def test_an_empty_class_has_no_share(self):
        nobody = AttributeDistribution(
            COUNTS.edges, COUNTS.consistent, np.zeros(3, int), float("nan"), float("nan")
        )
        np.testing.assert_allclose(shares(nobody, True, False)["inconsistent"], 0)
        assert "KS" not in words_of(effect_words(Distribution(0, "x", nobody, None)))

    def test_sizes_and_distance_are_said(self):
        words = words_of(effect_words(Distribution(0, "x", COUNTS, None)))
        assert "inconsistent 2 consistent 8" in words
        assert "KS 0.75" in words
        assert "d -0.50" in words
        categories = CategoryDistribution(np.array([1, 1]), np.array([2, 0]), 0.5)
        assert "distance 0.50" in words_of(
            effect_words(Distribution(0, "x", categories, ("a", "b")))
        )


class TestMatrix:
    def answer(self) -> MatrixAnswer:
        cells = (
            MatrixCell(truth=2, output=10, selected=np.array([1]), others=np.array([0])),
            MatrixCell(truth=7, output=10, selected=np.array([], int), others=np.array([2])),
        )
        grid = LabelGrid(
            np.array([0.0, 5.0, 10.0]), np.array([0.0, 4.0]), np.array([[2, 0]]),
            np.array([[[0.5, np.nan]], [[0.25, np.nan]]]),
        )  # fmt: skip
        matrix = LabelMatrix(np.array([10]), np.array([2, 7]), cells)
        places = np.array([[0.0, 0.0], [10.0, 4.0], [5.0, 2.0]])
        return MatrixAnswer(matrix, grid, places, ("two", "seven"), ("ten",))

    def test_cells_hold_places_within_the_square_and_who_is_selected(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=True)
        first = data["cells"][0]
        assert (first["row"], first["column"], first["n_selected"]) == (0, 0, 1)
        assert first["records"] == [1, 0]  # the selected first
        assert first["places"] == [[1, 1], [0, 0]]
        assert data["background"] == [[50, -1], [25, -1]]  # empty squares stay blank
        assert data["x_edges"] == [0, 0.5, 1]
        assert (data["columns"], data["rows"]) == (["two", "seven"], ["ten"])
        assert data["chosen"] == [2, 10]

    def test_sampled_inputs_cannot_choose_a_cell(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=False)
        assert data["chosen"] is None


class TestInstance:
    def verified(self, **changes) -> Verified:
        known: Any = {
            "record": 7, "selected": np.array([3, 7]), "truth": "one", "federated": "two",
            "standalone": "one", "federated_score": 0.6, "standalone_score": None,
            "values": np.zeros(2), "median": None, "names": (),
        }  # fmt: skip
        return Verified(**(known | changes))

    def test_right_and_wrong_are_signs_too(self):
        words = words_of(facts(self.verified()))
        assert words.index("✗") < words.index("two") < words.index("60%")
        assert "✓" in words
        assert isinstance(verdict("two", "one", None)[0], html.Span)

    def test_without_ground_truth_nothing_is_right_or_wrong(self):
        words = words_of(facts(self.verified(truth=None)))
        assert "no ground truth" in words
        assert "✗" not in words
        assert "✓" not in words

    def test_the_place_in_the_selection(self):
        assert position(self.verified()) == "2 of 2"
        assert position(self.verified(record=4)) == "not in the selection"
