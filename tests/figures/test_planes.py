import numpy as np

from flhetero_dash.figures.planes import plane_name


def test_a_plane_has_one_name_however_its_places_are_stored(rng):
    places = rng.normal(size=(7, 2))
    assert plane_name(places) == plane_name(np.asfortranarray(places)) == plane_name(places.copy())
    assert plane_name(places) != plane_name(-places)
    assert plane_name(places[:3], places[3:]) != plane_name(places[:3])
