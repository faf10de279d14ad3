"""How the page looks and is worked: by keyboard, on a phone, in both themes, by a screen reader."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.visit import PHOTOS, Visit

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
CONTROLS = {
    *("button", "link", "radio", "checkbox", "switch", "slider", "textbox", "ColorWell"),
    *("searchbox", "combobox", "spinbutton", "image", "img"),
}
CUT = "getComputedStyle(document.getElementById('before')).clipPath"

# The ratio of WCAG 2.2 for each text that is seen, against the colour that lies behind it.
LOW_CONTRAST = """() => {
  const parse = (text) => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((each) => each * scale), numbers[3] ?? 1];
  };
  const over = ([r, g, b, a], below) =>
    [r, g, b].map((each, index) => each * a + below[index] * (1 - a)).concat(1);
  const behind = (element) => {
    if (!element) return parse(getComputedStyle(document.body).backgroundColor);
    const colour = parse(getComputedStyle(element).backgroundColor);
    return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) =>
      each <= 10.31 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const low = [];
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const { color, fontSize, visibility } = getComputedStyle(element);
    const seen = visibility === "visible" && element.getClientRects().length;
    // What is not to be used now is exempt, and what only screen readers are told.
    const exempt = element.matches(":disabled, :disabled *, .unseen, .unseen *, .tag, .aside")
      || element.closest("label")?.control?.matches(":disabled");
    if (!says || !seen || exempt) continue;
    const background = behind(element);
    const pair = [luminance(over(parse(color), background)), luminance(background)];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < (parseFloat(fontSize) >= 24 ? 3 : 4.5)) {
      low.push(`${ratio.toFixed(2)} ${element.tagName} ${element.textContent.trim()}`);
    }
  }
  return low;
}"""


def width_px(visit: Visit) -> int:
    width: int = visit.page.evaluate("document.documentElement.scrollWidth")
    return width


def unnamed_controls(visit: Visit) -> list[Any]:
    """Controls without a name in Chromium's own accessibility tree."""
    session = visit.page.context.new_cdp_session(visit.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    assert {"button", "radio", "switch", "slider", "textbox", "link"} <= set(roles)
    return [
        node
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in CONTROLS
        and not node.get("name", {}).get("value", "").strip()
    ]


def states(visit: Visit) -> Iterator[str]:
    """Brings the page into one state after the other, and names it."""
    yield "empty"
    visit.page.click("#account-chip")
    visit.page.wait_for_selector("#account:visible")
    yield "with the panel of the key"
    visit.page.keyboard.press("Escape")
    visit.take_sample()
    yield "with a picture"
    visit.pick({"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no pixels"})
    visit.await_state("failed")
    visit.expect_complaint("400")
    yield "with a failure"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_and_every_control_has_a_name(
    open_page: OpenPage, scheme: str
) -> None:
    visit = open_page(color_scheme=scheme)
    for state in states(visit):
        assert visit.page.evaluate(LOW_CONTRAST) == [], state
        assert unnamed_controls(visit) == [], state


def test_a_phone_need_not_scroll_sideways(open_page: OpenPage) -> None:
    visit = open_page(**PHONE)
    for state in states(visit):
        assert width_px(visit) == 360, state


def test_the_theme_follows_the_system_until_one_is_chosen(open_page: OpenPage) -> None:
    visit = open_page(color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = visit.page.evaluate(paper)

    visit.page.get_by_label("Use the light theme").click()
    light = visit.page.evaluate(paper)
    visit.page.reload(wait_until="networkidle")

    assert light != dark
    assert visit.page.evaluate(paper) == light
    expect(visit.page.get_by_label("Use the dark theme")).to_be_visible()


def test_the_line_is_moved_by_keyboard(visit: Visit) -> None:
    visit.take_sample()
    before = visit.page.evaluate(CUT)
    line = visit.page.get_by_role("slider", name="How much of the original is shown")

    line.focus()
    for _ in range(5):
        line.press("ArrowLeft")

    assert line.input_value() == "45"
    assert line.get_attribute("aria-valuetext") == "45 % original"
    assert visit.page.evaluate(CUT) != before
    line.press("Home")
    assert visit.page.evaluate("document.getElementById('handle').offsetLeft") < 200


def test_the_line_comes_in_from_the_right_to_where_it_was_left(open_page: OpenPage) -> None:
    visit = open_page(reduced_motion="no-preference")
    line = visit.page.locator("#wipe")
    visit.take_sample()
    expect(line).to_have_value("50")

    line.fill("30")
    for crops, sent in ((True, 2), (False, 3)):
        visit.page.set_checked("[name=crop]", crops)
        visit.await_sent(sent)

    expect(line).to_have_value("30")


def test_the_line_is_dragged_and_the_picture_panned(visit: Visit) -> None:
    visit.take_sample()
    box = visit.page.locator("#sheet").bounding_box()
    assert box is not None
    middle_y = box["y"] + box["height"] / 2
    mouse = visit.page.mouse

    mouse.move(box["x"] + box["width"] / 2, middle_y)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 4, middle_y)
    mouse.up()
    assert visit.page.input_value("#wipe") == "25"

    visit.choose("zoom", "3")
    scrolled = "document.getElementById('frame').scrollLeft"
    left = visit.page.evaluate(scrolled)
    assert left > 0
    mouse.move(box["x"] + box["width"] * 0.75, middle_y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.75 - 60, middle_y, steps=3)
    mouse.up()
    assert visit.page.evaluate(scrolled) == left + 60
    assert visit.page.input_value("#wipe") == "25"


def test_at_100_per_cent_a_pixel_is_a_pixel_of_the_screen(open_page: OpenPage) -> None:
    visit = open_page(device_scale_factor=2)
    visit.take_sample()

    visit.choose("zoom", "1")

    assert visit.page.evaluate("document.getElementById('sheet').offsetWidth") == 300


def test_what_is_shown_behind_changes_nothing_that_is_asked_for(visit: Visit) -> None:
    visit.take_sample()
    sheet = visit.page.locator("#sheet")
    colour = "getComputedStyle(document.getElementById('sheet')).backgroundColor"

    visit.choose("backdrop", "black")
    assert visit.page.evaluate(colour) == "rgb(0, 0, 0)"
    visit.page.fill("#backdrop-colour", "#123456")
    assert visit.page.evaluate(colour) == "rgb(18, 52, 86)"
    visit.page.set_input_files("#backdrop-file", PHOTOS / "rocket.jpg")
    expect(sheet).to_have_attribute("data-backdrop", "picture")
    assert len(visit.sent) == 1


def test_a_keyboard_comes_to_every_control_and_sees_where_it_is(visit: Visit) -> None:
    visit.pick(PHOTOS / "coffee.jpg")
    visit.await_state("done")
    reached: list[str] = []
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        name, is_seen = visit.page.evaluate(
            """() => {
              const focused = document.activeElement;
              const marks = [focused, focused.nextElementSibling,
                focused.nextElementSibling?.querySelector("i")].filter(Boolean);
              const seen = marks.some((each) => getComputedStyle(each).outlineStyle !== "none");
              return [focused.id || focused.name || focused.className || focused.tagName, seen];
            }"""
        )
        if name == "BODY":
            break
        assert is_seen, name
        reached.append(name)

    in_order = ["skip", "quiet", "theme", "account-chip", "wipe", "zoom", "backdrop", "download"]
    in_order += ["add", "pick", "channels", "format", "size", "bg-color", "crop", "despill"]
    in_order += ["language", "copy-code"]
    assert [name for name in reached if name in in_order] == in_order


def test_the_pictures_are_one_stop_and_worked_by_arrows_and_delete(visit: Visit) -> None:
    focused = "document.activeElement.querySelector('.unseen')?.textContent"
    visit.page.focus("[data-sample=coffee]")
    visit.page.keyboard.press("Enter")
    visit.await_state("done")
    assert visit.page.evaluate(focused) == "coffee.jpg"

    visit.pick(PHOTOS / "chelsea.jpg", PHOTOS / "rocket.jpg")
    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(3)
    assert visit.page.locator(".pick[tabindex='0']").count() == 1
    visit.page.keyboard.press("End")
    assert visit.page.evaluate(focused) == "rocket.jpg"
    visit.page.keyboard.press("ArrowLeft")
    visit.page.keyboard.press("Delete")
    assert visit.page.evaluate(focused) == "rocket.jpg"
    expect(visit.page.locator(".pick")).to_have_count(2)
    with visit.page.expect_file_chooser():
        visit.page.click("#add")


def test_the_picture_that_is_shown_is_in_sight_in_a_long_row(visit: Visit) -> None:
    visit.page.route("**/v2", lambda _route: None)
    small = {"mimeType": "image/jpeg", "buffer": b"small"}
    visit.pick(*({"name": f"{number}.jpg", **small} for number in range(40)))

    visit.pick({"name": "last.jpg", **small})

    expect(visit.page.locator(".pick[aria-current]")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 360])
def test_a_refused_key_fits_a_phone(open_page: OpenPage, width: int) -> None:
    visit = open_page(key=None, viewport={"width": width, "height": 640})
    visit.page.click("#account-chip")
    visit.page.fill("#key", "mb_live_wrong")
    visit.page.press("#key", "Enter")
    expect(visit.page.locator("#account-label")).to_have_text("Key refused")
    visit.expect_complaint("401")

    assert width_px(visit) == width


def test_what_is_chosen_is_seen_under_colours_of_the_system(open_page: OpenPage) -> None:
    visit = open_page(forced_colors="active")
    style = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"

    checked, other = (
        visit.page.evaluate(style, [f"[value={value}] + span", "backgroundColor"])
        for value in ("png", "webp")
    )
    assert checked != other
    assert visit.page.evaluate(style, ["[name=crop]", "borderTopWidth"]) == "1px"
    paint = visit.page.evaluate(style, ["[data-colour='#ffcc00']", "backgroundColor"])
    assert paint == "rgb(255, 204, 0)"


def test_nothing_moves_while_a_picture_comes_in(open_page: OpenPage) -> None:
    # All of it is in sight, since only what is seen to move counts.
    visit = open_page(viewport={"width": 1280, "height": 1500})
    visit.take_sample()
    expect(visit.page.locator("#pairs")).to_contain_text("image/png")

    assert visit.page.evaluate("noted.shift") < 0.01


def test_the_description_of_the_api_opens_as_quietly(open_page: OpenPage) -> None:
    visit = open_page("/docs", key=None)

    expect(visit.page.locator("h1")).to_have_text("Mattebox")
    assert width_px(visit) <= 1280
