"""Pictures of records over HTTP: what is drawn, and what a stranger may ask for."""

import io

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from flhetero_dash.web.images import MOST, add_routes

ROW = "/records/mnist/Client-0/local.png"


@pytest.fixture(scope="module")
def client(queries):
    server = Flask("pictures")
    add_routes(server, queries.records)
    return server.test_client()


def picture_in(response) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(response.get_data())))


def test_records_stand_side_by_side_in_the_order_asked_for(client, queries):
    X = queries.learning.samples("mnist", "Client-0").inputs["local"]
    response = client.get(f"{ROW}?ids=7,0,7")
    assert (response.status_code, response.mimetype) == (200, "image/png")
    shown = picture_in(response)
    expected = np.concatenate([X[n].reshape(28, 28) for n in (7, 0, 7)], axis=1)
    np.testing.assert_array_equal(shown, expected)


def test_sampled_inputs_have_pictures_of_their_own(client, queries):
    X = queries.learning.samples("mnist", "Client-0").inputs["stratified"]
    shown = picture_in(client.get("/records/mnist/Client-0/stratified.png?ids=3"))
    np.testing.assert_array_equal(shown, X[3].reshape(28, 28))


def test_the_most_records_fit_in_one_picture_and_no_more(client):
    ids = ["1"] * MOST
    assert picture_in(client.get(f"{ROW}?ids={','.join(ids)}")).shape == (28, 28 * MOST)
    assert client.get(f"{ROW}?ids={','.join([*ids, '1'])}").status_code == 400


def test_a_browser_asks_again_and_gets_no_second_copy(client):
    response = client.get(f"{ROW}?ids=1,2")
    tag = response.headers["ETag"]
    assert response.cache_control.no_cache
    again = client.get(f"{ROW}?ids=1,2", headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert client.get(f"{ROW}?ids=2,1").headers["ETag"] != tag


def test_a_sheet_breaks_the_row_and_fills_its_end_with_black(client, queries):
    X = queries.learning.samples("mnist", "Client-0").inputs["local"]
    shown = picture_in(client.get(f"{ROW}?ids=7,0,3&columns=2"))
    assert shown.shape == (56, 56)
    np.testing.assert_array_equal(shown[:28, 28:], X[0].reshape(28, 28))
    np.testing.assert_array_equal(shown[28:, :28], X[3].reshape(28, 28))
    assert not shown[28:, 28:].any()


def test_large_pictures_are_shrunk_each_and_small_ones_are_left(client):
    assert picture_in(client.get(f"{ROW}?ids=7,0,3&columns=3&side=14")).shape == (14, 42)
    assert picture_in(client.get(f"{ROW}?ids=7&side=112")).shape == (28, 28)


@pytest.mark.parametrize("query", ["columns=0", "columns=257", "columns=x", "side=0", "side=9999"])
def test_a_sheet_of_nonsense_is_refused(client, query):
    response = client.get(f"{ROW}?ids=1&{query}")
    assert response.status_code == 400
    assert b"expected a whole number from 1 to" in response.get_data()


@pytest.mark.parametrize("ids", ["", "-1", "1;2", "1,,2", "1,", "1.5", "٣", "1e3", "1" * 10, "a"])
def test_numbers_that_are_none_are_refused(client, ids):
    response = client.get(ROW, query_string={"ids": ids})
    assert response.status_code == 400
    assert b"expected 1 to 256 record numbers" in response.get_data()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/records/mnist/Client-0/local.png?ids=500", "has local records 0 to 499"),
        ("/records/mnist/Client-0/passwd.png?ids=1", "has no pictures of passwd inputs"),
        ("/records/mnist/nobody/local.png?ids=1", "no client"),
        ("/records/nothing/Client-0/local.png?ids=1", "no dataset"),
        ("/records/%2e%2e/Client-0/local.png?ids=1", "'..'"),
        ("/records/mnist/%2e%2e/local.png?ids=1", "'..'"),
        ("/records/mnist/a%00b/local.png?ids=1", "no client"),
        ("/records/mnist/Client-0/%3Cb%3E.png?ids=1", "has no pictures of"),
    ],
)
def test_what_is_not_there_is_told_as_text(client, address, words):
    response = client.get(address)
    assert response.status_code == 404
    page = response.get_data(as_text=True).replace("&#39;", "'")
    assert words in page
    assert "<b>" not in page
