"""What the panel of contrastive components and Grad-CAM shows for what was chosen."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.analysis.names import COLOURS
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.gradcam import gradcam_maps
from flhetero_dash.figures.pictures import picture_address
from flhetero_dash.figures.theme import Theme
from flhetero_dash.figures.weight_bars import N_BARS, weight_bars
from flhetero_dash.figures.weight_maps import weight_maps
from flhetero_dash.queries import Queries
from flhetero_dash.queries.comparable import IN_DEVIATIONS, in_one_unit
from flhetero_dash.queries.contrast import Contrast
from flhetero_dash.queries.gradcam import GradCamMaps
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    GradCamChoice,
)


@dataclass(frozen=True)
class Asked:
    """What the panel is asked to show."""

    chosen: ClientRound
    clusters: ClusterChoice
    focus: Focus
    contrast: ContrastChoice
    gradcam: GradCamChoice


@dataclass(frozen=True)
class Shown:
    """What the panel shows."""

    figure: go.Figure
    title: str = ""
    note: str = ""
    alpha: float | None = None
    several_channels: bool = False


def weights(asked: Asked, queries: Queries, theme: Theme) -> Shown:
    """Show the contrastive components of the selection."""
    chosen, contrast = asked.chosen, asked.contrast
    selection = chosen, asked.clusters, asked.focus
    info = queries.federation.federation(chosen.dataset).samples
    answer = queries.contrast.contrast(*selection, contrast.contrast_alpha)
    title = f"{answer.n_selected:,} selected records against the consistent ones"
    if not in_one_unit(info):
        title += f"; {IN_DEVIATIONS}"
    return Shown(
        weights_figure(answer, info, contrast.channel, theme),
        title,
        " ".join(filter(None, (answer.note, fewer(info)))),
        float(f"{answer.alpha:.3g}"),
        n_channels(info) > 1,
    )


def heat_maps(asked: Asked, queries: Queries, theme: Theme) -> Shown:
    """Show where both models look, over the picture where it is that of one record."""
    chosen, choice = asked.chosen, asked.gradcam
    maps = queries.gradcam.maps(chosen, asked.clusters, asked.focus, choice)
    info = queries.federation.federation(chosen.dataset).samples
    picture = None
    if maps.record is not None:
        one = [maps.record]
        picture = picture_address(
            queries.records.pictures(chosen.dataset, chosen.client, chosen.inputs, one)
        )
    figure = gradcam_maps(maps.federated, maps.standalone, maps.layers, theme, picture)
    return Shown(figure, gradcam_words(maps, chosen.round_index, choice, info), maps.note)


def gradcam_words(
    maps: GradCamMaps, round_index: int, choice: GradCamChoice, info: SamplesInfo
) -> str:
    """Say of which round, records and class the heat maps are."""
    if maps.record is None:
        many = "record" if maps.n_records == 1 else "records"
        where = f"Round {round_index + 1}, mean over {maps.n_records:,} {many}"
    else:
        where = f"Round {round_index + 1}, record {maps.record}"
    if choice.variant == "published":
        return f"{where}: what speaks for the ground truth (published variant)"
    if choice.explained_class == "truth":
        return f"{where}: where each model looks for the ground truth"
    if maps.federated_class is None or maps.standalone_class is None:
        return f"{where}: where each model looks for the class it gives"
    federated, alone = (
        info.label_name(one) for one in (maps.federated_class, maps.standalone_class)
    )
    return f"{where}: federated model for {federated}, stand-alone model for {alone}"


def n_channels(info: SamplesInfo) -> int:
    """Give the number of colour channels of a picture; 1 for what is no picture."""
    return info.shape[0] if info.is_image and len(info.shape) == 3 else 1


def elsewhere(info: SamplesInfo, contrast: ContrastChoice, attribute: int) -> str:
    """Say in which colour channel the attribute is, when weights of another one are shown."""
    if n_channels(info) == 1 or contrast.method != "cpca":
        return ""
    of_channel = attribute // (info.shape[-2] * info.shape[-1])
    if of_channel == min(contrast.channel, n_channels(info) - 1):
        return ""
    return f"The attribute is in the {COLOURS[of_channel]} channel."


def fewer(info: SamplesInfo) -> str:
    """Say that small weights are not shown."""
    is_bars = not info.is_image or len(info.shape) < 2
    if not is_bars or info.n_features <= N_BARS:
        return ""
    return f"The {N_BARS} largest of {info.n_features:,} weights."


def weights_figure(answer: Contrast, info: SamplesInfo, channel: int, theme: Theme) -> go.Figure:
    """Draw weights as pictures where the records are pictures, else as bars."""
    if not info.is_image or len(info.shape) < 2:
        names = info.feature_names or tuple(f"attribute {n}" for n in range(info.n_features))
        return weight_bars(answer.directions, names, answer.explained_target, theme)
    height, width = info.shape[-2:]
    shown = min(channel, n_channels(info) - 1)
    maps = answer.directions.reshape(2, n_channels(info), height, width)[:, shown]
    return weight_maps(
        np.asarray(maps),
        shown * height * width,
        answer.explained_target,
        theme,
        COLOURS[shown] if n_channels(info) > 1 else "",
    )
