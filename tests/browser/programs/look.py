"""Look at a page in headless Chromium: `python look.py CHROMIUM` takes `{"url", "scheme", "width", "picture"}` on its input.

It prints one object of JSON: `title`, `status`, `headers`; `tables`, each a list of rows of texts by its section's heading;
`facts`, the terms of each section; `texts`, the text of each section; `bars`, the heights of the chart's bars with their titles;
`complaints`, what the console says, such as a breach of the page's policy; `asked`, every address that was asked for; `axe`, the
breaches of axe-core's rules; `overflow`, by how much the page is wider than the window; `back`, the colour behind the page.

Run by the interpreter of .browser. `scheme` is light or dark, `width` in pixels. `picture` is where a screenshot goes.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
"""Arguments without which Chromium does not start as root, or asks hosts of its own."""
READ = """() => {
  const sections = [...document.querySelectorAll("header, section")];
  const text = (one) => one.innerText.trim();
  const named = (make) => Object.fromEntries(sections.map((one) => [one.querySelector("h1, h2").innerText, make(one)]));
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  return {
    title: document.title,
    tables: named((one) => [...one.querySelectorAll("tbody tr")].map((row) => [...row.children].map(text))),
    facts: named((one) => Object.fromEntries([...one.querySelectorAll("dl div")].map((pair) => [...pair.children].map(text)))),
    texts: named(text),
    bars: [...document.querySelectorAll("svg g")].map((one) => [one.querySelector("title").textContent,
      one.querySelector("rect:not(.day)").getBoundingClientRect().height]),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    back: getComputedStyle(document.body).backgroundColor,
  };
}"""


def main() -> None:
    """Look at the page that the input names."""
    asked = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=list(QUIET))
        window = {"width": asked["width"], "height": 900}
        page = browser.new_page(viewport=window, color_scheme=asked["scheme"])
        print(json.dumps(_seen(page, asked)))
        browser.close()


def _seen(page: Page, asked: dict[str, Any]) -> dict[str, Any]:
    complaints: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    answer = page.goto(asked["url"])
    assert answer
    page.screenshot(path=asked["picture"], full_page=True)
    found: dict[str, Any] = page.evaluate(READ)
    axe = Axe().run(page).response["violations"]
    breaches = [[one["id"], node["html"]] for one in axe for node in one["nodes"]]
    more = {"complaints": complaints, "asked": requested, "axe": breaches}
    return {**found, **more, "status": answer.status, "headers": answer.headers}


if __name__ == "__main__":
    main()
