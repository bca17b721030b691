from flhetero_dash.selection import ClientRound
from flhetero_dash.views.addresses import pictures_address, words_address

STRANGE = ClientRound("a/b", "Clinic #1?&ids=9", 0, "stratified")


def test_a_name_cannot_change_an_address():
    folder = "/records/a%2Fb/Clinic%20%231%3F%26ids%3D9/stratified"
    assert pictures_address(STRANGE) == f"{folder}.png?ids="
    assert words_address(STRANGE) == f"{folder}/1/"
