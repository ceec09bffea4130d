"""Every plain module loads by itself; elements and events go away as they should."""

import pytest
from playwright.sync_api import Page

from tests.browser.modules.conftest import MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_loads_in_a_blank_document_and_leaves_it_blank(page: Page, name: str) -> None:
    before = page.content()
    exported = page.evaluate("async (name) => Object.keys(await import(name))", name)
    assert exported
    assert page.content() == before


def test_a_command_is_sent_when_somebody_takes_it(run):
    found = run(
        "live",
        """const heard = [];
        document.addEventListener("live:follow", ({ detail }) => heard.push(detail));
        followStream("room:1", 4);
        const before = sendLive({ t: "ping" });
        document.addEventListener("live:send", (event) => event.preventDefault());
        return [heard, before, sendLive({ t: "ping" })];""",
    )
    assert found == [[{"stream": "room:1", "after": 4}], False, True]


def test_what_an_element_listens_to_and_waits_for_ends_when_it_goes_and_not_when_it_is_moved(page, run):
    run(
        "connected_element",
        """globalThis.heard = [];
        class TestElement extends ConnectedElement {
            connected() {
                heard.push("connected");
                this.listen(document, "test", () => heard.push("event"));
                this.after(1000, () => heard.push("timer"));
            }
            disconnected() { heard.push("disconnected"); }
        }
        customElements.define("test-element", TestElement);
        globalThis.element = document.body.appendChild(new TestElement());
        document.body.append(document.createElement("p"));
        document.body.append(element);
        document.dispatchEvent(new Event("test"));""",
    )
    assert page.evaluate("heard") == ["connected", "event"]
    page.evaluate("element.remove(); document.dispatchEvent(new Event('test'))")
    page.clock.run_for(2000)
    assert page.evaluate("heard") == ["connected", "event", "disconnected"]
    page.evaluate("document.body.append(element); document.dispatchEvent(new Event('test'))")
    page.clock.run_for(1000)
    assert page.evaluate("heard.slice(3)") == ["connected", "event", "timer"]
