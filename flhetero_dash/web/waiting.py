"""Answers that take long: a page is told how far they are, asks again, and can cancel them."""

from flask import Flask, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from flhetero_dash.jobs import Flights, StillComputingError, asked_by
from flhetero_dash.jobs.flights import JOB
from flhetero_dash.jobs.watch import PAGE

# Every page sends a number of its own with what it asks (`assets/waiting.js`). Another site can
# send no such header: browsers ask the server first whether it may, and this one does not say so.
PAGE_HEADER = "X-FLHetero-Page"


def add_routes(server: Flask, flights: Flights) -> None:
    """Say 202 while an answer is being computed, and serve `POST /jobs/<job>/cancel`."""

    @server.before_request
    def note_who_asks() -> None:
        # A thread serves one request after the other: each must say it anew.
        asked_by(asking_page())

    @server.errorhandler(StillComputingError)
    def say_how_far(error: StillComputingError) -> ResponseReturnValue:
        told = error.told
        answer = {"job": error.job, "words": told.words, "done": told.done, "total": told.total}
        return jsonify(answer), 202

    @server.post("/jobs/<job>/cancel")
    def cancel(job: str) -> Response:
        page = asking_page()
        if page is None:
            abort(400, f"{PAGE_HEADER}: expected the number of a page")
        if not JOB.fullmatch(job):
            abort(404, "there is no such computation")
        return jsonify({"ended": flights.cancel(job, page)})


def asking_page() -> str | None:
    """Give the number of the page that asks; None: whoever asks sent none."""
    page = request.headers.get(PAGE_HEADER, "")
    return page if PAGE.fullmatch(page) else None
