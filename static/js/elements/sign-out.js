import { ConnectedElement } from "js/lib/connected_element.js";
import { deviceStorage } from "js/lib/storage.js";

/* <sign-out> in the sign-out form removes all drafts from this device, which may be shared. They stay on the account. */
class SignOut extends ConnectedElement {
  connected() {
    this.listen(this.closest("form"), "submit", () => {
      for (const key of deviceStorage.keys((name) => name.startsWith("draft "))) deviceStorage.remove(key);
    });
  }
}

customElements.define("sign-out", SignOut);
