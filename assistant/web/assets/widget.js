// <xiaoyue-chat>: the chat widget as a custom element. Any page embeds it with one tag:
//
//   <script type="module" src="https://HOST/widget.js"></script>  …  <xiaoyue-chat></xiaoyue-chat>
//
// Attributes: src (server, default: where this script came from), region (code).
// It loads nothing from elsewhere, keeps its styles to itself and sets text by textContent only. A
// conversation ends with its page: at a hall's terminal the next person is another one.
import { Connection } from "./widget/connection.js";
import { Answer } from "./widget/answer.js";
import { showDocument } from "./widget/document.js";
import { client, memory, remember, renew } from "./widget/memory.js";
import { element, icon } from "./widget/dom.js";

const home = new URL("./", import.meta.url);

class XiaoyueChat extends HTMLElement {
  #root;
  #connection;
  #answer = null; // the running one
  #asked = null; // the last question in the log
  #shift = false;
  #following = true; // the log scrolls along until somebody scrolls it

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: "open" });
  }

  get server() {
    const server = new URL(this.getAttribute("src") ?? home, document.baseURI);
    if (!server.pathname.endsWith("/")) server.pathname += "/";
    return server;
  }

  connectedCallback() {
    if (this.#connection) return;
    if (!this.frame) this.#build(); // else the page has moved the element
    this.#connection = new Connection(this.server, client(), {
      event: (event) => this.#receive(event),
      state: (state) => this.#showState(state),
    });
    this.#configure();
  }

  disconnectedCallback() {
    this.#connection?.close();
    this.#connection = null;
    this.#receive({ type: "error", text: "已停止回答。" });
  }

  #build() {
    const style = element("link", { rel: "stylesheet", href: new URL("widget/widget.css", home).href });
    this.log = element("div", { class: "log", role: "log", "aria-label": "对话内容", "aria-live": "off", tabindex: "0" });
    this.spoken = element("div", { class: "hidden", role: "status", "aria-live": "polite" });
    this.state = element("div", { class: "state", role: "status", hidden: "" });
    this.input = element("textarea", {
      rows: "1", maxlength: "2000", placeholder: "请输入您的问题", "aria-label": "问题", enterkeyhint: "send",
    });
    this.submit = element("button", { class: "send", type: "submit", "aria-label": "发送" }, icon("send"), "发送");
    this.halt = element("button", { class: "halt", type: "button", hidden: "" }, "停止回答");
    this.regions = element("select", { "aria-label": "所在地区", hidden: "" });
    this.type = element("button", { type: "button", class: "plain", "aria-pressed": "false" }, "大字版");
    const fresh = element("button", { type: "button", class: "plain" }, "新对话");
    const erase = element("button", { type: "button", class: "plain erase" }, "删除对话记录");
    const form = element("form", { class: "ask" }, this.input, this.halt, this.submit);
    const header = element("header", {},
      element("span", { class: "face", "aria-hidden": "true" }, "越"),
      element("h2", {}, "小越"), element("span", { class: "sub" }, "政务服务助手"),
      element("span", { class: "space" }), this.regions, this.type, fresh);
    this.frame = element("section", { class: "frame", "aria-label": "小越政务服务助手" },
      header, this.state, this.log, this.spoken, form,
      element("p", { class: "foot" }, "回答依据所列文件原文，办理时以窗口和最新文件为准。", erase));
    this.#root.append(style, this.frame);

    form.addEventListener("submit", (e) => { e.preventDefault(); this.ask(this.input.value); });
    // A line break sends, unless with Shift. Input methods report Enter in ways of their own as a key,
    // but never as a line break while they compose.
    this.input.addEventListener("keydown", (e) => { this.#shift = e.shiftKey; });
    this.input.addEventListener("beforeinput", (e) => {
      if (e.inputType === "insertLineBreak" && !this.#shift) { e.preventDefault(); form.requestSubmit(); }
    });
    this.input.addEventListener("input", () => this.#grow());
    for (const kind of ["wheel", "touchmove", "keydown"]) {
      this.log.addEventListener(kind, () => { this.#following = false; }, { passive: true });
    }
    this.halt.addEventListener("click", () => this.#connection.cancel());
    this.type.addEventListener("click", () => this.#large(!this.frame.classList.contains("large")));
    this.regions.addEventListener("change", () => remember({ region: this.regions.value }));
    fresh.addEventListener("click", () => this.#begin());
    erase.addEventListener("click", () => this.#erase());
    this.log.addEventListener("open-citation", (e) => showDocument(this.frame, this.server, e.detail));
    this.log.addEventListener("ask", (e) => this.ask(e.detail));
    this.log.addEventListener("feedback", (e) => this.#send("v1/feedback", e.detail));
    if (memory().large) this.#large(true);
  }

  // #configure reads regions and suggestions; without them the widget works all the same.
  async #configure() {
    try {
      const reply = await fetch(new URL("v1/setting", this.server));
      const { regions, suggestions } = await reply.json();
      this.regions.replaceChildren(...(regions ?? []).map((r) => element("option", { value: r.code }, r.name)));
      this.regions.hidden = !regions?.length;
      const wanted = memory().region ?? this.getAttribute("region");
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
    if (!question || this.#answer || !this.#connection) return;
    this.input.value = "";
    this.#grow();
    this.spoken.textContent = "正在查找依据";
    this.#answer = new Answer();
    this.#asked = element("article", { class: "message user", "aria-label": "您的问题" }, element("p", {}, question));
    this.log.append(this.#asked, this.#answer.node);
    this.#following = true;
    this.#scroll();
    this.#busy(true);
    this.#showState("");
    this.#connection.ask({ question, region: this.regions.value || this.getAttribute("region") || "" });
  }

  #receive(event) {
    const answer = this.#answer;
    if (!answer) return;
    answer.receive(event);
    if (event.type === "notice") this.spoken.textContent = event.text;
    if (event.type === "done" || event.type === "error") {
      this.#answer = null;
      this.#busy(false);
      this.spoken.textContent = answer.speech();
    }
    this.#scroll();
  }

  // #busy offers to stop instead of to send. The focus stays on something that can be used.
  #busy(is) {
    if (this.#root.activeElement === this.halt) this.input.focus();
    this.submit.setAttribute("aria-disabled", String(is));
    this.halt.hidden = !is;
    this.log.setAttribute("aria-busy", String(is));
  }

  #showState(state) {
    const words = {
      offline: "网络中断，正在重新连接……",
      plain: "当前网络不支持长连接，已改用普通方式回答。",
      unsent: "评价没有送达，请稍后再试。",
      erased: "您的对话记录已经删除。",
      kept: "对话记录没有删掉，请稍后再试。",
    };
    this.state.textContent = words[state] ?? "";
    this.state.hidden = !words[state];
  }

  #begin() {
    this.#connection.begin();
    this.#answer = this.#asked = null;
    this.#busy(false);
    this.#showState("");
    this.log.replaceChildren();
    this.#greet();
    this.input.focus();
  }

  // #erase has the server forget what this client asked, and becomes another client.
  async #erase() {
    this.#begin();
    let state = "kept";
    try {
      const reply = await fetch(new URL("v1/conversations", this.server), { method: "DELETE", headers: { "Xiaoyue-Client": client() } });
      if (reply.ok) state = "erased";
    } catch {
      // offline: said below
    }
    if (state === "erased") this.#connection?.rename(renew());
    this.#showState(state);
  }

  #large(on) {
    this.frame.classList.toggle("large", on);
    this.type.setAttribute("aria-pressed", String(on));
    remember({ large: on });
    this.#grow();
    this.#scroll();
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  // #scroll shows the newest words, but keeps the beginning of the answer in view.
  #scroll() {
    if (this.#following && this.#asked) this.log.scrollTop = Math.min(this.log.scrollHeight, this.#asked.offsetTop - 12);
  }

  async #send(path, body) {
    try {
      const reply = await fetch(new URL(path, this.server), {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      this.#showState(reply.ok ? "" : "unsent");
    } catch {
      this.#showState("unsent");
    }
  }
}

if (!customElements.get("xiaoyue-chat")) customElements.define("xiaoyue-chat", XiaoyueChat);
