// One answer in the log: text as it streams, citations, an item card, options, notes and feedback.
import { element, icon } from "./dom.js";
import { card } from "./card.js";

const levels = ["非常不满意", "不满意", "基本满意", "满意", "非常满意"];
const statuses = {
  in_force: "现行有效", not_yet: "尚未施行", expired: "已过有效期", repealed: "已废止",
  superseded: "已被替代", suspended: "暂停执行", amended: "已修改",
};

export class Answer {
  #text = "";
  #citations = new Map();
  #body = element("div", { class: "text" });
  #extra = element("div", { class: "extra" });
  #waiting = null; // what goes on in the meantime

  constructor() {
    this.#body.append(element("p", { class: "thinking" }, "正在查找依据……"));
    this.node = element("article", { class: "message bot", "aria-label": "小越的回答" }, this.#body, this.#extra);
  }

  receive(event) {
    this.#waiting?.remove();
    switch (event.type) {
      case "delta":
        this.#text += event.text;
        this.#write();
        break;
      case "card":
        this.#extra.append(card(event.item, event.fields ?? []));
        break;
      case "citation":
        this.#citations.set(event.citation.n, event.citation);
        if (this.#text) this.#write();
        break;
      case "notice": // for the time being; what stays is in the notes of done
        this.#wait(event.text);
        break;
      case "done":
        this.#finish(event.answer);
        break;
      case "error":
        this.#write();
        this.#extra.append(element("p", { class: "fault" }, event.text));
        this.node.dataset.outcome = "error";
        break;
    }
  }

  // #wait says what the answer waits for, in place of the first words or below those that are there.
  #wait(text) {
    if (!this.#text) this.#body.replaceChildren();
    this.#waiting = element("p", { class: "thinking" }, text);
    this.#body.append(this.#waiting);
  }

  // speech is what a screen reader announces when the answer is complete.
  speech() {
    const beside = [...this.#extra.querySelectorAll(".notice, .fault, .option")].map((node) => node.textContent);
    return [this.#text.replace(/\[\d+\]/g, ""), ...beside].join("\n");
  }

  #finish(answer) {
    this.#text = answer.text;
    for (const c of answer.citations ?? []) this.#citations.set(c.n, c);
    this.#write();
    for (const note of answer.notes ?? []) this.#extra.append(element("p", { class: "notice" }, note));
    this.node.dataset.outcome = answer.outcome;
    this.node.dataset.mode = answer.mode;
    if (this.#citations.size) this.#extra.append(this.#sources());
    if (answer.options?.length) this.#extra.append(this.#options(answer.options));
    if (answer.trace_id) this.#extra.append(this.#feedback(answer.trace_id));
  }

  // #write renders the text: paragraphs, tables of | cells |, and citation marks as buttons.
  #write() {
    const blocks = [];
    let rows = null;
    for (const line of this.#text.split("\n")) {
      if (/^\s*\|.*\|\s*(\[\d+\])*\s*$/.test(line)) {
        if (!rows) blocks.push((rows = []));
        rows.push(line);
        continue;
      }
      rows = null;
      if (line.trim()) blocks.push(line);
    }
    this.#body.replaceChildren(...blocks.map((b) => (Array.isArray(b) ? this.#table(b) : element("p", {}, ...this.#marks(b)))));
  }

  #table(lines) {
    const rows = lines.filter((line) => !/^\s*\|[\s|:-]+\|\s*$/.test(line)).map((line) => {
      const [, cells, marks] = /^\s*\|(.*)\|((?:\s*\[\d+\])*)\s*$/.exec(line);
      const parts = cells.split("|").map((cell) => cell.trim());
      parts[parts.length - 1] += marks;
      return parts;
    });
    const row = (cells, tag) => element("tr", {}, ...cells.map((c) => element(tag, tag === "th" ? { scope: "col" } : {}, ...this.#marks(c))));
    const [head, ...rest] = rows;
    const body = rest.length ? [row(head, "th"), ...rest.map((r) => row(r, "td"))] : [row(head, "td")];
    return element("div", { class: "scroll", role: "group", "aria-label": "表格", tabindex: "0" }, element("table", {}, ...body));
  }

  #marks(text) {
    return text.split(/(\[\d+\])/).map((part) => {
      const citation = this.#citations.get(Number(part.slice(1, -1)));
      return /^\[\d+\]$/.test(part) && citation ? this.#mark(citation) : part;
    });
  }

  #mark(citation) {
    const button = element("button", {
      type: "button", class: "mark", "aria-label": `依据${citation.n}：${citation.title}${citation.clause ?? ""}`,
    }, String(citation.n));
    button.addEventListener("click", () => this.#emit("open-citation", citation));
    return button;
  }

  #sources() {
    const items = [...this.#citations.values()].sort((a, b) => a.n - b.n).map((c) => {
      const open = element("button", { type: "button", class: "source" },
        element("span", { class: "n" }, String(c.n)),
        element("span", {}, [c.title, c.number, c.clause].filter(Boolean).join("　")),
        statuses[c.status] ? element("span", { class: `status ${c.status}` }, statuses[c.status]) : "");
      open.addEventListener("click", () => this.#emit("open-citation", c));
      return element("li", {}, open);
    });
    return element("div", { class: "sources" }, element("h3", {}, "依据"), element("ol", {}, ...items));
  }

  #options(options) {
    const items = options.map((o) => {
      const button = element("button", { type: "button", class: "option" }, o.label);
      button.addEventListener("click", () => this.#emit("ask", o.value));
      return element("li", {}, button);
    });
    return element("ul", { class: "options", "aria-label": "可以选择" }, ...items);
  }

  #feedback(trace) {
    const box = element("div", { class: "feedback", role: "group", "aria-label": "评价这个回答" });
    const thanks = () => {
      const words = element("span", { tabindex: "-1" }, "谢谢您的评价。");
      box.replaceChildren(words);
      words.focus(); // the button that had it is gone
    };
    const thumb = (value, name, label) => {
      const button = element("button", { type: "button", class: "thumb", "aria-label": label, title: label, "aria-pressed": "false" }, icon(name));
      button.addEventListener("click", () => {
        this.#emit("feedback", { trace_id: trace, thumb: value });
        for (const b of box.querySelectorAll(".thumb")) b.setAttribute("aria-pressed", String(b === button));
        grade.hidden = false;
      });
      return button;
    };
    const grade = element("span", { class: "grade", hidden: "" }, "好差评：", ...levels.map((label, i) => {
      const button = element("button", { type: "button", class: "plain" }, label);
      button.addEventListener("click", () => { this.#emit("feedback", { trace_id: trace, level: i + 1 }); thanks(); });
      return button;
    }).reverse());
    box.append(thumb(1, "up", "有帮助"), thumb(-1, "down", "没有帮助"), grade);
    return box;
  }

  #emit(name, detail) {
    this.node.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}
