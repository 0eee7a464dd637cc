// <xiaoyue-chat>: the chat widget as a custom element. Any page embeds it with one tag:
//
//   <script type="module" src="https://HOST/widget.js"></script>  …  <xiaoyue-chat></xiaoyue-chat>
//
// Attributes: src (server, default: where this script came from), region (code), open.
// It loads nothing from elsewhere, keeps its styles to itself and sets text by textContent only.
import { Connection } from "./widget/connection.js";
import { Answer } from "./widget/answer.js";
import { showDocument } from "./widget/document.js";
import { element, icon } from "./widget/dom.js";

const home = new URL("./", import.meta.url);
const storage = "xiaoyue-chat";

class XiaoyueChat extends HTMLElement {
  #root;
  #connection;
  #answers = new Map(); // turn → Answer
  #waiting = null; // the answer whose turn the server has not named yet

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: "open" });
  }

  get server() {
    return new URL(this.getAttribute("src") ?? home, document.baseURI);
  }

  connectedCallback() {
    if (this.#connection) return;
    this.#build();
    this.#connection = new Connection(this.server, {
      event: (event) => this.#receive(event),
      state: (state) => this.#showState(state),
    });
    this.#restore();
    this.#configure();
  }

  disconnectedCallback() {
    this.#connection?.close();
    this.#connection = null;
  }

  #build() {
    const style = element("link", { rel: "stylesheet", href: new URL("widget/widget.css", home).href });
    this.log = element("div", { class: "log", role: "log", "aria-label": "对话内容", "aria-live": "off", tabindex: "0" });
    this.spoken = element("div", { class: "hidden", role: "status", "aria-live": "polite" });
    this.state = element("div", { class: "state", role: "status", hidden: "" });
    this.input = element("textarea", {
      rows: "1", maxlength: "2000", placeholder: "请输入您的问题，例如：居住证怎么办理？", "aria-label": "问题", enterkeyhint: "send",
    });
    this.submit = element("button", { class: "send", type: "submit", "aria-label": "发送" }, icon("send"), "发送");
    this.halt = element("button", { class: "halt", type: "button", hidden: "" }, "停止回答");
    this.regions = element("select", { "aria-label": "所在地区", hidden: "" });
    this.type = element("button", { type: "button", class: "plain", "aria-pressed": "false" }, "大字版");
    const fresh = element("button", { type: "button", class: "plain" }, "新对话");
    const form = element("form", { class: "ask" }, this.input, this.halt, this.submit);
    const header = element("header", {},
      element("span", { class: "face", "aria-hidden": "true" }, "越"),
      element("h2", {}, "小越"), element("span", { class: "sub" }, "政务服务助手"),
      element("span", { class: "space" }), this.regions, this.type, fresh);
    this.frame = element("section", { class: "frame", "aria-label": "小越政务服务助手" },
      header, this.state, this.log, this.spoken, form,
      element("p", { class: "foot" }, "回答依据所列文件原文，办理时以窗口和最新文件为准。"));
    this.#root.append(style, this.frame);

    form.addEventListener("submit", (e) => { e.preventDefault(); this.ask(this.input.value); });
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
    });
    this.input.addEventListener("input", () => {
      if (!this.input.value.trim()) this.input.value = ""; // the line break of the key that sent it
      this.#grow();
    });
    this.halt.addEventListener("click", () => this.#connection.cancel());
    this.type.addEventListener("click", () => this.#large(!this.frame.classList.contains("large")));
    this.regions.addEventListener("change", () => this.#remember({ region: this.regions.value }));
    fresh.addEventListener("click", () => this.#begin());
    this.log.addEventListener("open-citation", (e) => showDocument(this.#root, this.server, e.detail));
    this.log.addEventListener("ask", (e) => this.ask(e.detail));
    this.log.addEventListener("feedback", (e) => this.#send("v1/feedback", e.detail));
  }

  // #configure reads regions and suggestions; without them the widget works all the same.
  async #configure() {
    try {
      const reply = await fetch(new URL("v1/setting", this.server));
      const { regions, suggestions } = await reply.json();
      for (const r of regions ?? []) this.regions.append(element("option", { value: r.code }, r.name));
      this.regions.hidden = !regions?.length;
      const wanted = this.#memory().region ?? this.getAttribute("region");
      if (wanted) this.regions.value = wanted;
      this.suggestions = suggestions ?? [];
    } catch {
      this.suggestions = [];
    }
    if (!this.log.children.length) this.#greet();
  }

  #greet() {
    const options = (this.suggestions ?? []).map((text) => {
      const button = element("button", { type: "button", class: "option" }, text);
      button.addEventListener("click", () => this.ask(text));
      return element("li", {}, button);
    });
    this.log.append(element("article", { class: "message bot greeting" },
      element("p", {}, "您好，我是小越。您可以问我人才政策和政务服务事项：要什么条件、带什么材料、去哪里办、多久办好。"),
      options.length ? element("ul", { class: "options" }, ...options) : ""));
  }

  // ask sends a question as if it had been typed.
  ask(text) {
    const question = text.trim();
    if (!question || this.#waiting) return;
    this.input.value = "";
    this.#grow();
    const answer = this.#add(question);
    this.#waiting = answer;
    this.#busy(true);
    this.#connection.ask({ question, region: this.regions.value || this.getAttribute("region") || "" });
  }

  #add(question) {
    const answer = new Answer();
    this.log.append(element("article", { class: "message user", "aria-label": "您的问题" }, element("p", {}, question)), answer.node);
    this.#scroll();
    return answer;
  }

  #receive(event) {
    if (event.type === "start" && this.#waiting) {
      this.#answers.set(event.turn, this.#waiting);
      this.#remember({ conversation: event.conversation });
    }
    const answer = this.#answers.get(event.turn) ?? this.#waiting;
    if (!answer) return;
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
    answer.receive(event);
    if (event.type === "done" || event.type === "error") {
      this.#waiting = null;
      this.#busy(false);
      this.spoken.textContent = answer.speech();
    }
    if (near) this.#scroll();
  }

  #busy(is) {
    this.submit.disabled = is;
    this.halt.hidden = !is;
    this.log.setAttribute("aria-busy", String(is));
  }

  #showState(state) {
    const words = { offline: "网络中断，正在重新连接……", plain: "当前网络不支持长连接，已改用普通方式回答。" };
    this.state.textContent = words[state] ?? "";
    this.state.hidden = !words[state];
  }

  #begin() {
    this.#connection.begin();
    this.#answers.clear();
    this.#waiting = null;
    this.#busy(false);
    this.log.replaceChildren();
    this.#remember({ conversation: "" });
    this.#greet();
    this.input.focus();
  }

  #large(on) {
    this.frame.classList.toggle("large", on);
    this.type.setAttribute("aria-pressed", String(on));
    this.type.textContent = on ? "标准版" : "大字版";
    this.#remember({ large: on });
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  #scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  async #send(path, body) {
    try {
      await fetch(new URL(path, this.server), {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
    } catch {
      this.#showState("offline");
    }
  }

  #memory() {
    try {
      return JSON.parse(sessionStorage.getItem(storage)) ?? {};
    } catch {
      return {};
    }
  }

  #remember(change) {
    try {
      sessionStorage.setItem(storage, JSON.stringify({ ...this.#memory(), ...change }));
    } catch {
      // a page may forbid storage: the widget then forgets on reload
    }
  }

  #restore() {
    if (this.#memory().large) this.#large(true);
    this.#connection.conversation = this.#memory().conversation ?? "";
  }
}

if (!customElements.get("xiaoyue-chat")) customElements.define("xiaoyue-chat", XiaoyueChat);
