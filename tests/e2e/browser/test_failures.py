"""What goes wrong is told with what to do about it, and tried again where that may help."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.visit import PHOTOS, Visit

pytestmark = pytest.mark.e2e

NO_PICTURE = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"these are no pixels"}


def answering(status: int, code: str, headers: Mapping[str, str]) -> object:
    error = {"code": code, "message": f"It is {code}.", "status": status, "details": {}}

    def answer(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={"Content-Type": "application/json", "X-Request-Id": "req_1", **headers},
            body=json.dumps({"error": error}),
        )

    return answer


def test_a_file_that_is_no_picture_is_told_of_with_advice(visit: Visit) -> None:
    visit.pick(NO_PICTURE)
    visit.await_state("failed")
    visit.expect_complaint("400")

    told = visit.text("#failure")
    assert "no image of a known format" in told
    assert "save it again" in told
    assert "400 invalid_image" in told
    assert "req_" in told
    expect(visit.page.get_by_label("Try notes.jpg again")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (413, "image_too_large", "at most 30 MB and 100 megapixels"),
        (415, "unsupported_image_format", "Save it as JPEG"),
        (500, "internal_error", "the request id"),
        (403, "subscription_inactive", "whoever runs this service"),
    ],
)
def test_each_failure_has_its_advice(visit: Visit, status: int, code: str, advice: str) -> None:
    visit.page.route("**/v2", answering(status, code, {}), times=1)  # type: ignore[arg-type]
    visit.page.click("[data-sample=coffee]")
    visit.await_state("failed")
    visit.expect_complaint(str(status))

    assert f"It is {code}." in visit.text("#failure")
    assert advice in visit.text("#failure")


@pytest.mark.parametrize("button", ["#failure-retry", "#strip .retry"])
def test_what_has_failed_can_be_tried_again(visit: Visit, button: str) -> None:
    visit.page.route("**/v2", answering(500, "internal_error", {}), times=1)  # type: ignore[arg-type]
    visit.page.click("[data-sample=coffee]")
    visit.await_state("failed")
    visit.expect_complaint("500")

    visit.page.click(button)

    visit.await_state("done")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (429, "rate_limited", "The key is at its limit"),
        (503, "overloaded", "The service is busy"),
        (504, "timeout", "The service cannot be reached"),
    ],
)
def test_a_refusal_that_passes_is_waited_out_as_long_as_it_says(
    visit: Visit, status: int, code: str, words: str
) -> None:
    visit.page.clock.install()
    answer = answering(status, code, {"Retry-After": "7"})
    visit.page.route("**/v2", answer, times=1)  # type: ignore[arg-type]
    visit.pick(PHOTOS / "coffee.jpg")

    working = visit.page.locator("#working-text")
    expect(working).to_have_text(f"{words}. Again in 7 s")
    visit.expect_complaint(str(status))
    visit.pick(PHOTOS / "chelsea.jpg")
    expect(working).to_have_text(f"{words}. Again in 7 s")  # the one that came later, too
    visit.page.clock.run_for(5_000)
    assert len(visit.sent) == 1  # neither this picture nor the one that came later
    visit.page.clock.run_for(2_500)

    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(2)
    assert [form["image_file"] for form in visit.sent[1:]] == ["coffee.jpg", "chelsea.jpg"]


def test_a_file_that_is_too_large_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(PHOTOS.joinpath("coffee.jpg").read_bytes() + bytes(31 * 2**20))

    visit.pick(large)
    visit.await_state("failed")
    visit.expect_complaint("413")

    assert "413 image_too_large" in visit.text("#failure")


def out_of_reach(route: Route) -> None:
    route.abort("connectionrefused")


def proxys_own(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad")


@pytest.mark.parametrize(
    ("answer", "complaint", "words"),
    [
        (out_of_reach, "ERR_CONNECTION_REFUSED", "The service cannot be reached."),
        (proxys_own, "502", "The answer was 502"),
    ],
)
def test_a_service_that_is_away_is_waited_for_and_told_of_in_the_end(
    visit: Visit, answer: Callable[[Route], None], complaint: str, words: str
) -> None:
    visit.page.clock.install()
    visit.page.route("**/v2", answer, times=6)
    visit.page.click("[data-sample=coffee]")
    for tries in range(1, 6):
        expect(visit.page.locator("#working-text")).to_have_text(
            f"The service cannot be reached. Again in {2**tries} s"
        )
        visit.page.clock.run_for(2**tries * 1000)
    visit.await_state("failed")

    assert words in visit.text("#failure")
    assert all(complaint in each for each in visit.complaints)
    visit.complaints.clear()
    visit.page.click("#failure-retry")
    visit.await_state("done")


def test_all_that_have_failed_can_be_tried_again_at_once(visit: Visit) -> None:
    visit.page.route("**/v2", answering(500, "internal_error", {}), times=3)  # type: ignore[arg-type]
    visit.pick(*(PHOTOS / f"{name}.jpg" for name in ("chelsea", "coffee", "rocket")))
    expect(visit.page.locator("#strip li[data-state=failed]")).to_have_count(3)
    visit.complaints.clear()

    visit.page.click("#failure-all")

    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(3)
    expect(visit.page.locator("#failure-all")).to_be_hidden()


def test_what_has_failed_is_tried_again_when_it_is_shown_under_other_options(visit: Visit) -> None:
    visit.page.route("**/v2", answering(500, "internal_error", {}), times=1)  # type: ignore[arg-type]
    visit.pick(PHOTOS / "coffee.jpg")
    visit.await_state("failed")
    visit.expect_complaint("500")
    visit.pick(PHOTOS / "rocket.jpg")
    visit.await_state("done")
    visit.choose("size", "preview")
    visit.await_sent(3)

    visit.page.locator(".pick").first.click()

    visit.await_sent(4)
    assert visit.sent[3] == {"image_file": "coffee.jpg", "size": "preview"}


def test_a_failure_after_a_success_shows_nothing_of_it(visit: Visit) -> None:
    visit.take_sample()
    visit.page.route("**/v2", answering(500, "internal_error", {}), times=1)  # type: ignore[arg-type]
    visit.choose("size", "hd")
    visit.await_state("failed")
    visit.expect_complaint("500")

    assert "image/png" not in visit.text("#pairs")
    assert visit.page.is_hidden("#wipe")
    assert visit.page.is_hidden("#after")


def test_a_tiff_that_is_refused_says_why_and_waits(visit: Visit) -> None:
    visit.take_sample()
    visit.choose("format", "tiff")
    visit.page.clock.install()
    answer = answering(503, "overloaded", {"Retry-After": "7"})
    visit.page.route("**/v2", answer, times=1)  # type: ignore[arg-type]

    visit.page.click("#download")

    expect(visit.page.locator("#notice")).to_contain_text("It is overloaded.")
    visit.expect_complaint("503")
    expect(visit.page.locator("#download")).to_be_disabled()
    visit.page.clock.run_for(7_500)
    assert visit.download()[0] == "coffee-cut-out.tiff"


def test_a_sample_that_is_not_there_is_no_picture(visit: Visit) -> None:
    visit.page.route("**/samples/*", lambda route: route.fulfill(status=503), times=1)

    visit.page.click("[data-sample=coffee]")

    expect(visit.page.locator("#notice")).to_have_text("The sample cannot be loaded.")
    visit.expect_complaint("503")
    assert visit.sent == []


def test_a_background_that_is_no_colour_is_told_of_beside_its_field(visit: Visit) -> None:
    visit.take_sample()

    visit.page.fill("#bg-color", "blurple")
    visit.page.press("#bg-color", "Enter")
    visit.await_state("failed")
    visit.expect_complaint("400")

    expect(visit.page.locator("#bg-problem")).to_contain_text("valid hex or named color")
    assert visit.page.get_attribute("#bg-color", "aria-invalid") == "true"
    visit.page.fill("#bg-color", "")
    visit.await_state("done")
    expect(visit.page.locator("#bg-problem")).to_be_hidden()


def test_a_file_that_can_be_read_no_more_is_told_of_as_that(visit: Visit) -> None:
    """As it is with a file that has been deleted: the request fails, and so does a read."""
    visit.page.route("**/v2", lambda route: route.abort())

    told = visit.page.evaluate(
        """async () => {
            const { Service } = await import("/playground/api.js");
            const file = new File(["a photo"], "mine.jpg");
            const asked = () =>
                new Service(() => "").removeBackground({ name: file.name, file }, {});
            const readable = await asked().catch((refusal) => refusal.code);
            file.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) });
            return [readable, await asked().catch((refusal) => refusal.message)];
        }"""
    )

    assert told == ["unreachable", "mine.jpg is gone, or another file by now."]
    visit.complaints.clear()
