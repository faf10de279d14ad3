"""The key: out of the fragment, into this tab, and asked for where it is missing."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.visit import PHOTOS, Visit
from tests.e2e.conftest import Mattebox

pytestmark = pytest.mark.e2e

STORAGE = "[Object.entries(sessionStorage), Object.entries(localStorage), document.cookie]"


def kept(key: str) -> list[object]:
    return [[["mattebox.key", key]], [], ""]


def test_the_key_leaves_the_address_bar_at_once_and_stays_in_this_tab_alone(
    open_page: OpenPage, service: Mattebox
) -> None:
    key = service.facts["api_key"]
    visit = open_page("/", key=key)

    assert visit.page.url == f"{service.facts['http']}/"
    assert visit.page.evaluate(STORAGE) == kept(key)
    visit.page.go_back()
    visit.page.go_forward(wait_until="networkidle")
    assert key not in visit.page.url
    visit.page.reload(wait_until="networkidle")
    expect(visit.page.locator("#account-label")).to_have_text("local plan")
    assert all(key not in url for url in visit.asked)


def test_a_key_that_comes_later_is_taken_too(open_page: OpenPage, service: Mattebox) -> None:
    visit = open_page("/playground", key=None)

    visit.page.evaluate("key => { location.hash = `key=${key}`; }", service.facts["api_key"])

    expect(visit.page.locator("#account-label")).to_have_text("local plan")
    assert visit.page.url == f"{service.facts['http']}/playground"


def test_a_fragment_of_another_kind_is_left_alone(open_page: OpenPage) -> None:
    visit = open_page("/#options", key=None)

    assert visit.page.url.endswith("/#options")
    assert visit.page.evaluate(STORAGE) == [[], [], ""]


def test_without_a_key_it_is_asked_for_and_the_picture_goes_on(
    open_page: OpenPage, service: Mattebox
) -> None:
    visit = open_page(key=None)
    assert not [url for url in visit.asked if "/v2" in url]

    visit.page.click("[data-sample=coffee]")
    visit.await_state("failed")
    visit.expect_complaint("401")
    expect(visit.page.locator("#key-panel")).to_be_visible()
    expect(visit.page.locator("#key")).to_be_focused()
    visit.page.keyboard.type(service.facts["api_key"])
    visit.page.keyboard.press("Enter")
    visit.await_state("done")

    expect(visit.page.locator("#key-panel")).to_be_hidden()
    assert visit.page.evaluate(STORAGE) == kept(service.facts["api_key"])


def test_a_queue_stops_at_a_missing_key_and_goes_on_with_one(
    open_page: OpenPage, service: Mattebox
) -> None:
    visit = open_page(key=None)
    visit.pick(*(PHOTOS / f"{name}.jpg" for name in ("chelsea", "coffee", "rocket")))

    expect(visit.page.locator("#strip li[data-state=failed]")).to_have_count(2)
    for _ in range(2):
        visit.complaints.remove(next(each for each in visit.complaints if "401" in each))
    visit.page.fill("#key", service.facts["api_key"])
    visit.page.press("#key", "Enter")

    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(3)
    assert [form["image_file"] for form in visit.sent[:2]] == ["chelsea.jpg", "coffee.jpg"]
    assert len(visit.sent) == 5


def test_a_queue_goes_on_with_a_key_although_what_was_refused_is_removed(
    open_page: OpenPage, service: Mattebox
) -> None:
    visit = open_page(key=None)
    visit.pick(*(PHOTOS / f"{name}.jpg" for name in ("chelsea", "coffee", "rocket")))
    expect(visit.page.locator("#strip li[data-state=failed]")).to_have_count(2)
    visit.complaints.clear()
    for name in ("chelsea", "coffee"):
        visit.page.get_by_label(f"Remove {name}.jpg").click(force=True)

    visit.page.click("#account-chip")
    visit.page.fill("#key", service.facts["api_key"])
    visit.page.press("#key", "Enter")

    visit.await_state("done")
    assert [form["image_file"] for form in visit.sent[2:]] == ["rocket.jpg"]


def test_a_failure_of_another_kind_sets_a_stopped_queue_not_going(visit: Visit) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route("**/v2", hold)
    visit.pick(*(PHOTOS / f"{name}.jpg" for name in ("chelsea", "coffee", "rocket")))
    visit.page.wait_for_function("noted.sent.length === 2")

    for failed, (route, status) in enumerate(zip(held, (401, 500), strict=True), 1):
        route.fulfill(status=status)
        expect(visit.page.locator("#strip li[data-state=failed]")).to_have_count(failed)

    expect(visit.page.locator("#strip li[data-state=waiting]")).to_have_count(1)
    assert len(visit.sent) == 2
    visit.complaints.clear()


def test_a_key_that_is_forgotten_while_it_is_checked_is_not_told_to_be_good(
    open_page: OpenPage, service: Mattebox
) -> None:
    visit = open_page(key=None)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route("**/v2/account", hold)
    visit.page.click("#account-chip")
    visit.page.fill("#key", service.facts["api_key"])
    visit.page.press("#key", "Enter")
    expect(visit.page.locator("#account-label")).to_have_text("Checking…")

    visit.page.click("#key-forget")
    with visit.page.expect_response("**/v2/account"):
        held[0].continue_()
    visit.page.evaluate("fetch('v2/health')")  # whatever the answer sets off has happened by then

    assert visit.text("#account-label") == "Enter key"
    assert visit.text("#status") == "The key is forgotten."


@pytest.mark.parametrize("status", [401, 503])
def test_a_key_that_is_refused_or_not_checked_can_be_forgotten(
    open_page: OpenPage, status: int
) -> None:
    visit = open_page(key=None)
    visit.page.route("**/v2/account", lambda route: route.fulfill(status=status))
    visit.page.evaluate("sessionStorage.setItem('mattebox.key', 'mb_live_old')")
    visit.page.reload(wait_until="networkidle")
    visit.complaints.clear()

    visit.page.click("#account-chip")
    visit.page.click("#key-forget")

    assert visit.page.evaluate(STORAGE) == [[], [], ""]


def test_another_key_need_not_wait_as_long_as_the_last(visit: Visit, service: Mattebox) -> None:
    visit.page.route(
        "**/v2", lambda route: route.fulfill(status=429, headers={"Retry-After": "900"}), times=1
    )
    visit.page.click("[data-sample=coffee]")
    expect(visit.page.locator("#working-text")).to_contain_text("Again in")
    visit.page.route("**/v2/account", lambda route: route.fulfill(status=503))

    visit.page.click("#account-chip")
    visit.page.fill("#key", service.facts["api_key"])
    visit.page.press("#key", "Enter")

    visit.await_state("done")
    visit.complaints.clear()


def test_a_wrong_key_is_told_where_it_is_typed(open_page: OpenPage) -> None:
    visit = open_page(key=None)
    visit.page.click("#account-chip")

    visit.page.fill("#key", "mb_live_wrong")
    visit.page.click("text=Use this key")

    problem = visit.page.locator("#key-problem")
    expect(problem).to_have_text("Invalid or revoked API key.")
    expect(visit.page.locator("#account-label")).to_have_text("Key refused")
    visit.expect_complaint("401")
    visit.page.fill("#key", "no key at all")
    visit.page.click("text=Use this key")
    expect(problem).to_have_text("A key has no spaces and no such characters.")


def test_the_panel_tells_whose_key_it_is_shows_it_and_forgets_it(
    visit: Visit, service: Mattebox
) -> None:
    visit.page.click("#account-chip")
    account = visit.text("#account")

    assert "local@mattebox.internal" in account
    assert "images" in account
    assert visit.page.get_attribute("#key", "type") == "password"
    visit.page.click("#key-show")
    assert visit.page.get_attribute("#key", "type") == "text"
    assert visit.page.input_value("#key") == service.facts["api_key"]
    visit.page.click("#key-forget")
    assert visit.page.evaluate(STORAGE) == [[], [], ""]
    expect(visit.page.locator("#account-label")).to_have_text("Enter key")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#key-panel")).to_be_hidden()
    assert visit.page.get_attribute("#key", "type") == "password"
