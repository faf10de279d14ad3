"""The ways in: picked, dropped, pasted, by URL; and several at a time."""

import pytest
from playwright.sync_api import Route, expect

from tests.contract.picture_host import PictureHost
from tests.e2e.browser.visit import PHOTOS, Visit

pytestmark = pytest.mark.e2e

NAMES = ["chelsea.jpg", "coffee.jpg", "rocket.jpg"]

FILE_IN_TRANSFER = """async () => {
  const response = await fetch("playground/samples/coffee.jpg");
  const transfer = new DataTransfer();
  transfer.items.add(new File([await response.blob()], "mine.jpg", { type: "image/jpeg" }));
  return transfer;
}"""
URL_IN_TRANSFER = """url => {
  const transfer = new DataTransfer();
  transfer.setData("text/uri-list", url);
  return transfer;
}"""


def test_several_files_queue_two_at_a_time(visit: Visit) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route("**/v2", hold, times=2)
    visit.pick(*(PHOTOS / name for name in NAMES))

    tiles = visit.page.locator("#strip li[data-state]")
    expect(tiles).to_have_count(3)
    visit.page.wait_for_function("noted.sent.length === 2")
    assert [tile.get_attribute("data-state") for tile in tiles.all()] == [
        *("sending", "sending", "waiting")
    ]
    for route in held:
        route.continue_()

    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(3)
    assert [form["image_file"] for form in visit.sent] == NAMES
    assert visit.page.locator(".pick").all_inner_texts()[0].startswith("chelsea.jpg")


def test_a_picture_is_selected_again_and_made_anew_under_other_options(visit: Visit) -> None:
    visit.pick(PHOTOS / "chelsea.jpg", PHOTOS / "coffee.jpg")
    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(2)
    picks = visit.page.locator(".pick")

    picks.nth(1).click()
    visit.await_state("done")
    assert len(visit.sent) == 2
    visit.choose("size", "preview")
    visit.await_sent(3)
    picks.nth(0).click()
    visit.await_sent(4)

    assert [form["image_file"] for form in visit.sent[2:]] == ["coffee.jpg", "chelsea.jpg"]
    assert [form["size"] for form in visit.sent[2:]] == ["preview", "preview"]


def test_a_picture_can_be_removed_and_the_prompt_comes_back(visit: Visit) -> None:
    visit.take_sample()

    visit.page.get_by_label("Remove coffee.jpg").click(force=True)

    visit.await_state("empty")
    expect(visit.page.locator("#strip li[data-state]")).to_have_count(0)
    assert visit.page.evaluate("document.activeElement.id") == "files"


def test_one_that_is_removed_under_way_gives_its_place_to_the_next(visit: Visit) -> None:
    visit.page.route("**/v2", lambda _route: None, times=2)
    visit.pick(*(PHOTOS / name for name in NAMES))
    visit.page.wait_for_function("noted.sent.length === 2")

    visit.page.get_by_label("Remove chelsea.jpg").click(force=True)

    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(1)
    assert [form["image_file"] for form in visit.sent] == NAMES


def test_the_one_that_is_shown_goes_before_those_that_wait(visit: Visit) -> None:
    visit.page.route("**/v2", lambda _route: None, times=2)
    visit.pick(*(PHOTOS / name for name in [*NAMES, *NAMES[:1]]))
    visit.page.wait_for_function("noted.sent.length === 2")

    visit.page.locator(".pick").nth(3).click()
    visit.page.get_by_label("Remove coffee.jpg").click(force=True)

    visit.await_state("done")
    assert [form["image_file"] for form in visit.sent[2:3]] == ["chelsea.jpg"]


def test_text_that_is_pasted_into_a_field_stays_text(visit: Visit) -> None:
    paste = """([selector, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x"], "mine.jpg", { type: "image/jpeg" }));
      if (text) transfer.setData("text/plain", text);
      const event = new ClipboardEvent("paste",
        { clipboardData: transfer, bubbles: true, cancelable: true });
      return document.querySelector(selector).dispatchEvent(event);
    }"""

    assert visit.page.evaluate(paste, ["#bg-color", "teal"])
    assert visit.page.locator("#strip .pick").count() == 0
    assert not visit.page.evaluate(paste, ["#bg-color", ""])
    assert visit.page.locator("#strip .pick").count() == 1
    visit.await_state("failed")
    visit.expect_complaint("400")


def test_a_file_is_dropped_anywhere(visit: Visit) -> None:
    transfer = visit.page.evaluate_handle(FILE_IN_TRANSFER)
    veil = visit.page.locator("#drop-veil")

    visit.page.dispatch_event("footer", "dragenter", {"dataTransfer": transfer})
    expect(veil).to_be_visible()
    visit.page.dispatch_event("footer", "drop", {"dataTransfer": transfer})
    visit.await_state("done")

    expect(veil).to_be_hidden()
    assert visit.sent == [{"image_file": "mine.jpg"}]


def test_the_url_of_a_picture_is_fetched_by_the_server_alone(
    visit: Visit, pictures: PictureHost
) -> None:
    url = f"{pictures.url}/cup.jpg"

    visit.page.fill("#image-url", url)
    visit.page.press("#image-url", "Enter")
    visit.await_state("done")

    assert visit.sent == [{"image_url": url}]
    expect(visit.page.locator("#aside")).to_have_text("By its URL the cut-out alone is shown.")
    assert visit.download()[0] == "cup-cut-out.png"


def test_a_picture_that_is_dragged_from_another_page_counts_by_its_url(
    visit: Visit, pictures: PictureHost
) -> None:
    url = f"{pictures.url}/cup.jpg"
    transfer = visit.page.evaluate_handle(URL_IN_TRANSFER, url)

    visit.page.dispatch_event("#stage", "drop", {"dataTransfer": transfer})
    visit.await_state("done")

    assert visit.sent == [{"image_url": url}]


def test_there_is_an_end_to_how_many_stand_on_the_page(visit: Visit) -> None:
    visit.page.route("**/v2", lambda _route: None)
    small = {"mimeType": "image/jpeg", "buffer": b"small"}

    visit.pick(*({"name": f"{number}.jpg", **small} for number in range(101)))

    expect(visit.page.locator("#strip li[data-state]")).to_have_count(100)
    expect(visit.page.locator("#notice")).to_have_text(
        "There is room for 100 pictures; the others were left out."
    )
