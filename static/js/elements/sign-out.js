import { ConnectedElement } from "js/lib/connected_element.js";
import { deviceStorage, SIGNED_OUT_KEY } from "js/lib/storage.js";

/* <sign-out> in the sign-out form removes all drafts from this device, which may be shared. They stay on the account.
 * Pages that are open keep no text on the device from then on. */
class SignOut extends ConnectedElement {
  connected() {
    this.listen(this.closest("form"), "submit", () => {
      document.documentElement.dataset.signedOut = "";
      for (const key of deviceStorage.keys((name) => name.startsWith("draft "))) deviceStorage.remove(key);
      deviceStorage.write(SIGNED_OUT_KEY, true); /* an event in the other tabs */
      deviceStorage.remove(SIGNED_OUT_KEY);
    });
  }
}

customElements.define("sign-out", SignOut);
