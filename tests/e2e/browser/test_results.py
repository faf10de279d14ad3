"""From a photo to its cut-out, under the options, and out of the page again."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.prefix_proxy import prefix_proxy
from tests.e2e.browser.visit import PHOTOS, Visit
from tests.e2e.conftest import Mattebox

pytestmark = pytest.mark.e2e

COFFEE = (PHOTOS / "coffee.jpg").read_bytes()
CORNER, CUP = (0.01, 0.01), (0.46, 0.5)


def test_a_sample_comes_back_cut_out_with_its_facts(visit: Visit) -> None:
    visit.take_sample()

    assert visit.sent == [{"image_file": "coffee.jpg"}]
    assert visit.shown_pixel(*CORNER)[3] == 0
    assert visit.shown_pixel(*CUP)[3] == 255
    facts = visit.text("#pairs")
    assert "600 \N{MULTIPLICATION SIGN} 400 px, 55 kB" in facts
    assert "image/png" in facts
    assert "found" in facts
    assert "req_" in facts
    assert "requests left" in facts
    stages = visit.page.locator("#stages tr")
    assert stages.locator("th").all_inner_texts() == [
        *("Decode", "Model input", "Queue", "Network", "Matte", "Compose", "Encode")
    ]
    assert all(float(ms) >= 0 for ms in stages.locator("td:last-child").all_inner_texts())
    assert visit.page.inner_text("#total").endswith(" ms")
    assert visit.page.text_content("#status").startswith("coffee.jpg is done in ")  # type: ignore[union-attr]


def test_each_option_is_sent_by_the_contracts_names_once_it_is_chosen(visit: Visit) -> None:
    visit.take_sample()

    visit.choose("format", "webp")
    visit.await_sent(2)
    visit.choose("size", "preview")
    visit.await_sent(3)
    visit.page.check("[name=despill]")
    visit.await_sent(4)
    visit.page.check("[name=crop]")
    visit.await_sent(5)

    image = {"image_file": "coffee.jpg"}
    assert visit.sent[1:] == [
        image | {"format": "webp"},
        image | {"format": "webp", "size": "preview"},
        image | {"format": "webp", "size": "preview", "despill": "true"},
        image | {"format": "webp", "size": "preview", "despill": "true", "crop": "true"},
    ]
    assert "image/webp" in visit.text("#pairs")
    expect(visit.page.locator("#aside")).to_have_text("Cropped: shown without the original.")


def test_a_background_is_picked_typed_and_made_translucent(visit: Visit) -> None:
    visit.take_sample()

    visit.page.click("[data-colour='#ffcc00']")
    visit.await_sent(2)
    assert visit.shown_pixel(*CORNER) == [255, 204, 0, 255]
    visit.page.fill("#bg-alpha", "50")
    visit.await_sent(3)
    visit.page.fill("#bg-color", "teal")
    visit.await_sent(4)
    assert visit.shown_pixel(*CORNER) == [0, 128, 128, 255]
    assert visit.page.input_value("#bg-picker") == "#008080"
    visit.page.fill("#bg-alpha", "50")
    visit.await_sent(5)
    visit.page.click("#bg-clear")
    visit.await_sent(6)
    assert visit.page.input_value("#bg-alpha") == "100"

    assert [form.get("bg_color") for form in visit.sent] == [
        *(None, "#ffcc00", "#ffcc0080", "teal", "#00808080", None)
    ]


def test_a_colour_is_asked_for_once_it_is_whole(visit: Visit) -> None:
    visit.take_sample()
    visit.page.clock.install()

    for text in ("t", "tea", "#ff", "#ffc"):
        visit.page.fill("#bg-color", text)
        visit.page.clock.run_for(1_000)
    assert len(visit.sent) == 1
    visit.page.press("#bg-color", "Enter")
    visit.page.clock.run_for(1_000)
    visit.await_sent(2)

    assert visit.sent[1]["bg_color"] == "#ffc"


def test_a_cut_out_is_never_shown_as_that_of_another_photo(visit: Visit) -> None:
    visit.pick(PHOTOS / "chelsea.jpg", PHOTOS / "coffee.jpg")
    expect(visit.page.locator("#strip li[data-state=done]")).to_have_count(2)
    expect(visit.page.locator("#after")).to_have_attribute("alt", "Cut-out of chelsea.jpg")
    # Each change of what is seen, as the pair of pictures that is seen with the name beside it.
    visit.page.evaluate(
        """() => {
          const { decode } = HTMLImageElement.prototype;
          let count = 0;  // the second of two is decoded long after the first
          HTMLImageElement.prototype.decode = async function () {
            if (count++ % 2) await new Promise((resolve) => setTimeout(resolve, 300));
            return decode.call(this);
          };
          const seen = () => [...["before", "after"].map((id) => document.getElementById(id).src),
            document.getElementById("after").alt].join(" ");
          window.pairs = [seen()];
          new MutationObserver(() => pairs.push(seen()))
            .observe(document.getElementById("sheet"), { subtree: true, attributes: true });
        }"""
    )

    for name, number in (("coffee", 1), ("chelsea", 0), ("coffee", 1)):
        visit.page.locator(".pick").nth(number).click()
        expect(visit.page.locator("#after")).to_have_attribute("alt", f"Cut-out of {name}.jpg")
        assert visit.text("#tag-name") == f"{name}.jpg"

    pairs = visit.page.evaluate("pairs")
    assert len(set(pairs)) == 4, pairs


def test_a_result_that_was_let_go_of_is_made_again_only_when_that_is_asked_for(
    visit: Visit,
) -> None:
    # Each blob of an answer counts as 100 MB: two of them are kept.
    visit.page.evaluate(
        """() => {
          const { blob } = Response.prototype;
          Response.prototype.blob = async function () {
            const found = await blob.call(this);
            if (this.url.endsWith("/v2")) Object.defineProperty(found, "size", { value: 1e8 });
            return found;
          };
        }"""
    )
    visit.take_sample("coffee")
    visit.pick(PHOTOS / "chelsea.jpg")
    visit.await_state("done")
    visit.page.locator(".pick").first.click()  # looked at since, so the other one goes
    visit.pick(PHOTOS / "rocket.jpg")
    expect(visit.page.locator("#strip li[data-state=released]")).to_have_count(1)

    visit.page.locator(".pick").nth(1).click()

    visit.await_state("released")
    assert "no longer in memory" in visit.text("#failure")
    assert len(visit.sent) == 3
    visit.page.click("#failure-retry")
    visit.await_state("done")
    assert visit.sent[3] == {"image_file": "chelsea.jpg"}


def test_a_page_that_is_come_back_to_shows_what_it_sends(visit: Visit) -> None:
    visit.choose("format", "webp")
    visit.choose("zoom", "3")
    visit.choose("backdrop", "black")
    visit.page.goto("about:blank")
    visit.page.go_back(wait_until="networkidle")

    assert visit.page.is_checked("[name=format][value=png]")
    assert visit.page.is_checked("[name=zoom][value=fit]")
    assert visit.page.is_checked("[name=backdrop][value=checker]")
    assert "Keeps transparency, without loss." in visit.text("#format-note")


def test_a_mask_takes_the_options_with_it_that_it_does_not_have(visit: Visit) -> None:
    visit.take_sample()
    visit.page.click("[data-colour='#ffcc00']")
    visit.await_sent(2)

    visit.choose("channels", "alpha")
    visit.await_sent(3)

    assert visit.sent[2] == {"image_file": "coffee.jpg", "channels": "alpha"}
    assert visit.page.locator("#choice-format:disabled, #choice-background:disabled").count() == 2
    name, content = visit.download()
    assert name == "coffee-mask.png"
    with Image.open(io.BytesIO(content)) as mask:
        assert mask.mode == "L"


def test_a_request_is_given_up_for_one_with_newer_options(visit: Visit) -> None:
    visit.take_sample()
    ended: list[str] = []
    visit.page.on("requestfailed", lambda request: ended.append(request.failure or ""))
    # Held until the page itself gives it up.
    visit.page.route("**/v2", lambda _route: None, times=1)
    visit.choose("size", "hd")
    visit.await_state("renewing")

    visit.page.wait_for_function("noted.sent.length === 2")
    visit.choose("size", "medium")
    visit.await_sent(3)

    assert ended == ["net::ERR_ABORTED"]
    assert [form.get("size") for form in visit.sent] == [None, "hd", "medium"]


@pytest.mark.parametrize("output_format", ["png", "jpg"])
def test_a_download_is_what_the_api_gives(
    visit: Visit, service: Mattebox, output_format: str
) -> None:
    visit.take_sample()
    if output_format != "png":
        visit.choose("format", output_format)
        visit.await_sent(2)

    name, content = visit.download()

    assert name == f"coffee-cut-out.{output_format}"
    assert content == service.cut_out(COFFEE, format=output_format).body


def test_a_tiff_is_shown_as_png_and_saved_as_tiff(visit: Visit, service: Mattebox) -> None:
    visit.take_sample()
    visit.choose("format", "tiff")
    assert visit.text("#format-note") == "Keeps transparency; previewed as a PNG."

    name, content = visit.download()

    assert name == "coffee-cut-out.tiff"
    assert content == service.cut_out(COFFEE, format="tiff").body
    assert [form.get("format") for form in visit.sent] == [None, "tiff"]


def test_a_copied_picture_can_be_pasted_again(open_page: OpenPage) -> None:
    visit = open_page(permissions=["clipboard-read", "clipboard-write"])
    visit.take_sample()

    visit.page.click("#copy-image")
    expect(visit.page.locator("#copy-image")).to_have_attribute("data-flash", "Copied")
    visit.page.keyboard.press("Control+V")
    visit.await_sent(2)

    assert visit.sent[1] == {"image_file": "image.png"}


def test_where_no_subject_is_found_it_says_so(visit: Visit) -> None:
    flat = io.BytesIO()
    Image.new("RGB", (64, 64), (90, 120, 150)).save(flat, "PNG")

    visit.pick({"name": "flat.png", "mimeType": "image/png", "buffer": flat.getvalue()})
    visit.await_state("done")

    expect(visit.page.locator("#aside")).to_have_text("No subject was found.")
    assert "none found" in visit.text("#pairs")


def test_an_original_that_the_browser_cannot_show_is_left_out(visit: Visit) -> None:
    tiff = io.BytesIO()
    with Image.open(io.BytesIO(COFFEE)) as photo:
        photo.save(tiff, "TIFF")

    visit.pick({"name": "cup.tiff", "mimeType": "image/tiff", "buffer": tiff.getvalue()})
    visit.await_state("done")

    expect(visit.page.locator("#aside")).to_have_text("Your browser cannot show this original.")
    assert visit.shown_pixel(*CUP)[3] == 255
    assert visit.page.is_hidden("#handle")


@pytest.mark.parametrize("path", ["/", "/playground/"])
def test_behind_a_prefix_that_a_proxy_takes_off_all_is_found(
    browser: Browser, service: Mattebox, path: str
) -> None:
    with (
        prefix_proxy(service.facts["http"], "/cutout") as url,
        browser.new_context(reduced_motion="reduce") as context,
    ):
        visit = Visit(context, url)
        visit.open(f"{path}#key={service.facts['api_key']}")
        visit.take_sample()

        visit.check_quiet()
        assert f"{url}/v2\n" in f"{visit.text('#code')}\n"
