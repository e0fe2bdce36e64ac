// A second window with the same exam, or with another one of the same link, kept in step with this one (compare.js). Windows speak over a
// BroadcastChannel whose name is a random number that only they know: it is in the name of each window, which a reload keeps. What
// goes through it are ranks, millimetres and the UID of their space (viewer_core::compare::beside), and nothing that says whose.

const PREFIX = "negatoscope-";
const SESSION = "/api/session";
/** A login that was to end is looked after a moment later, ms. */
const GRACE_MS = 1500;

const random = () => crypto.getRandomValues(new Uint32Array(2)).join("");

/** Joins the windows that this one belongs to, if any. */
export const join = (compare) => new Windows(compare);

class Windows {
  constructor(compare) {
    this.compare = compare;
    this.id = random();
    this.others = new Set();
    this.isLinked = true;
    this.isSecond = window.name.startsWith(PREFIX) && !window.name.endsWith(".0");
    if (window.name.startsWith(PREFIX)) this.listen();
    if (this.isSecond) this.watchSession();
    // Leaving the exam leaves all its windows.
    addEventListener("submit", ({ target }) => target.action?.endsWith("/deconnexion") && this.post({ end: true }), { capture: true });
    addEventListener("pagehide", () => this.post({ bye: this.id }));
  }

  listen() {
    const [token] = window.name.slice(PREFIX.length).split(".");
    this.channel = new BroadcastChannel(`${PREFIX}${token}`);
    this.channel.onmessage = ({ data }) => this.heard(data);
    this.link();
    this.post({ hello: this.id });
  }

  post(message) {
    this.channel?.postMessage(message);
  }

  /** Opens a window with this exam, or with another one of the link; the other half of the screen is its place. */
  open(number) {
    if (!this.channel) {
      window.name = `${PREFIX}${random()}.0`;
      this.listen();
    }
    const [group] = window.name.split(".");
    const { availWidth, availHeight, availLeft = 0, availTop = 0 } = screen;
    const width = Math.floor(availWidth / 2);
    const place = `popup,width=${width},height=${availHeight},left=${availLeft + availWidth - width},top=${availTop}`;
    // Another exam comes as its own first visit left it: the view kept in this tab goes along.
    const address = `${location.pathname}${location.search}#${number}`;
    const opened = window.open(address, `${group}.${random()}`, place);
    if (!opened) this.compare.say(this.compare.word("said_blocked"));
  }

  /** Opens the second window; where it is there already, the link is cut or made again. */
  toggle() {
    if (this.others.size) this.setLinked(!this.isLinked);
    else this.open(/^#([1-9]\d?)$/.exec(location.hash)?.[1] ?? "1");
  }

  setLinked(isLinked) {
    this.isLinked = isLinked;
    if (isLinked) this.link();
    this.compare.say(this.compare.word(isLinked ? "said_window_linked" : "said_window_unlinked"));
    this.mark();
  }

  link() {
    this.compare.desk.link_window();
  }

  /** The view of this window has changed. */
  tell() {
    const told = this.compare.desk.tell_window();
    if (told && this.isLinked) this.post({ told });
  }

  heard({ hello, here, bye, told, end }) {
    const came = hello ?? here;
    if (came && !this.others.has(came)) {
      this.others.add(came);
      this.link();
      this.compare.say(this.compare.word("said_window_came"));
    }
    if (hello) this.post({ here: this.id });
    if (bye && this.others.delete(bye)) this.compare.say(this.compare.word("said_window_left"));
    if (told && this.isLinked) this.compare.show(this.compare.desk.hear_window(told));
    if (end) this.leave();
    this.mark();
  }

  /** Whether another window is there and followed, for style sheets and tests. */
  mark() {
    this.compare.stage.dataset.windows = this.others.size ? (this.isLinked ? "linked" : "apart") : "";
  }

  /** The session is over: a window of ours goes, the first one shows why by itself. */
  leave() {
    if (this.isSecond) window.close();
  }

  async watchSession() {
    try {
      const answer = await fetch(SESSION);
      if (answer.status === 401) return this.leave();
      const { expires_in_s: left } = await answer.json();
      setTimeout(() => this.watchSession(), left * 1000 + GRACE_MS);
    } catch {
      setTimeout(() => this.watchSession(), 60_000); // without network nobody knows
    }
  }
}
