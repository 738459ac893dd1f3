"""A person at a desk who has a keyboard and no mouse, in a real Chromium; and axe-core looking over the shoulder."""

import importlib.util
import os
import pathlib
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

AXE = (pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).parent / "axe.min.js").read_text("utf-8")
# WCAG 2.2 AA and everything below it.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
PATIENCE = 30


class Failed(Exception):
    pass


class Desk:
    """One person's browser. `shots` is a folder for pictures, or None."""

    def __init__(self, name, shots=None):
        options = Options()
        options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        # no-sandbox: in a container everybody is root, which Chromium's sandbox refuses.
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=zh-CN", "--disable-extensions"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.folder = pathlib.Path(os.environ["TMPDIR_DESK"]) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        options.add_experimental_option(
            "prefs", {"intl.accept_languages": "zh-CN", "download.default_directory": str(self.folder)})
        self.driver = webdriver.Chrome(options=options, service=Service(os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver")))
        self.name, self.shots, self.seen, self.checked = name, shots, set(), 0
        self.size(1440)

    # Looking

    @property
    def text(self):
        return self.driver.execute_script("return document.body.innerText")

    def size(self, width):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})

    def scheme(self, word):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": word}]})

    def look(self, kind):
        """axe over this page, once a kind: telephone, desk and wall, light and dark; nothing wider than the window."""
        if kind in self.seen:
            return
        self.seen.add(kind)
        for width, scheme in [(1440, "light"), (390, "light"), (1440, "dark"), (2560, "light")]:
            self.size(width)
            self.scheme(scheme)
            # What a wall shows is what a desk shows, larger: only its room is looked at.
            found = [] if width > 2000 else self.driver.execute_async_script(
                AXE + """;
                const done = arguments[arguments.length - 1];
                axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(
                  (r) => done(r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join(" | "))),
                  (e) => done(["axe failed: " + e]));""", TAGS)
            if found:
                raise Failed(f"{self.name} {kind} {width} {scheme}: {found}")
            wide = self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                raise Failed(f"{self.name} {kind}: {wide} px wider than a window of {width}")
            self.checked += 1
            if self.shots and scheme == "light" and width < 2000:
                self.picture(f"{self.name}-{kind}-{width}")
        self.size(1440)
        self.scheme("light")

    def picture(self, name):
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        width = self.driver.execute_script("return innerWidth")
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": min(height, 4000), "deviceScaleFactor": 1, "mobile": False})
        self.driver.save_screenshot(str(pathlib.Path(self.shots) / f"{name}.png"))
        self.size(width)

    def must(self, *words):
        for word in words:
            if word not in self.text:
                raise Failed(f"{self.name}: no “{word}” on {self.driver.current_url}:\n{self.text}")

    def until(self, word):
        """Facts travel between services: loads the page again until it says `word`."""
        end = time.monotonic() + PATIENCE
        while word not in self.text:
            if time.monotonic() > end:
                self.must(word)
            # Another process is on its way; there is nothing here to be told of it.
            time.sleep(0.1)
            self.driver.refresh()

    def waits(self, word):
        """The page moves by itself: looks until it says `word`."""
        end = time.monotonic() + PATIENCE
        while word not in self.text and time.monotonic() < end:
            time.sleep(0.05)  # A page rings no bell outside the browser.
        self.must(word)

    # Doing

    def open(self, address):
        self.driver.get(address)

    def focused(self):
        return self.driver.execute_script(
            """const e = document.activeElement;
            if (!e || e === document.body) return null;
            const label = e.labels && e.labels.length ? [...e.labels].map((l) => l.innerText).join(" ") : "";
            const group = e.closest("fieldset") && e.type === "radio" ? e.closest("fieldset").querySelector("legend").innerText : "";
            const style = getComputedStyle(e);
            return {href: e.href || "", tag: e.tagName, type: e.type || "", value: e.value || "", text: (e.innerText || "").trim(), label, group,
              form: e.form ? e.form.id : "", seen: style.outlineStyle !== "none" || style.left.startsWith("-") === false && e.matches(":focus-visible")};""")

    def key(self, *keys):
        # To whatever has the focus, as a keyboard does; an element of its own would take keys for a file's name.
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, what, is_it):
        for _ in range(300):
            self.key(Keys.TAB)
            element = self.focused()
            if element and is_it(element):
                if not element["seen"]:
                    raise Failed(f"{self.name}: the focus on “{what}” cannot be seen")
                return element
        raise Failed(f"{self.name}: the keyboard does not reach “{what}” on {self.driver.current_url}:\n{self.text}")

    def press(self, words, form=None, stays=False, tags=("A", "BUTTON", "SUMMARY")):
        """Tabs to the link, button or summary that says `words`, and presses Enter."""
        self.tab_to(words, lambda e: e["tag"] in tags and words in e["text"] and (form is None or e["form"] == form))
        page = self.driver.find_element("tag name", "html")
        self.key(Keys.ENTER)
        if not stays:
            self.wait_gone(page)

    def wait_gone(self, page):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                page.is_enabled()
            except StaleElementReferenceException:
                break
            time.sleep(0.02)  # The driver tells of a navigation only when asked.
        else:
            raise Failed(f"{self.name}: nothing followed on {self.driver.current_url}")
        while self.driver.execute_script("return document.readyState") != "complete":
            time.sleep(0.02)  # As above.

    def follow_row(self, words):
        """Of the table's rows that say `words` the last one's link."""
        self.until(words)
        goal = self.driver.execute_script(
            "return [...document.querySelectorAll('tbody tr')].filter((r) => r.innerText.includes(arguments[0])).pop().querySelector('a').href", words)
        self.tab_to(words, lambda e: e["href"] == goal)
        page = self.driver.find_element("tag name", "html")
        self.key(Keys.ENTER)
        self.wait_gone(page)

    def fill(self, label, text):
        self.tab_to(label, lambda e: e["tag"] in ("INPUT", "TEXTAREA") and label in e["label"])
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.key(text)

    def attach(self, label, path):
        # The system's own file dialogue belongs to no page; the driver answers it.
        self.tab_to(label, lambda e: e["type"] == "file" and label in e["label"])
        self.driver.switch_to.active_element.send_keys(str(path))

    def choose(self, group, words):
        """One of several radio buttons, with the arrow keys, or a word of a list."""
        element = self.tab_to(group, lambda e: (e["type"] == "radio" and group in e["group"]) or (e["tag"] == "SELECT" and group in e["label"]))
        for _ in range(60):
            if element["type"] == "radio":
                if words in element["label"] or words == element["value"]:
                    return self.key(Keys.SPACE)
            elif words in self.driver.execute_script("return document.activeElement.selectedOptions[0].innerText"):
                return None
            self.key(Keys.ARROW_DOWN)
            element = self.focused()
        raise Failed(f"{self.name}: “{group}” has no “{words}”")

    def sign_in(self, address):
        self.open(address)
        self.look("sign-in")
        self.press("登录", tags=("BUTTON",))

    def not_kept(self):
        """Nothing that a browser or a proxy may keep."""
        kept = self.driver.execute_async_script(
            "const done = arguments[0]; fetch(location.href).then((r) => done(r.headers.get('cache-control')));")
        if kept != "no-store":
            raise Failed(f"{self.name}: {self.driver.current_url} says cache-control {kept}")

    def close(self):
        refused = [e["message"] for e in self.driver.get_log("browser") if "Content Security Policy" in e["message"]]
        self.driver.quit()
        if refused:
            raise Failed(f"{self.name}: {refused}")
