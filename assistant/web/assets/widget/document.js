// Opens a citation in its document: the whole text with the quoted words marked and in view.
import { element } from "./dom.js";

export async function showDocument(frame, server, citation) {
  const body = element("div", { class: "paper", tabindex: "0", role: "region", "aria-label": "文件正文" }, element("p", {}, "正在打开文件……"));
  const close = element("button", { type: "button", class: "plain", autofocus: "" }, "关闭");
  const dialog = element("dialog", { class: "document", "aria-label": citation.title },
    element("header", {}, element("h3", {}, citation.title), close),
    element("p", { class: "sub" }, describe(citation)), body);
  frame.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  const text = await read(server, citation);
  if (text == null) {
    body.replaceChildren(
      element("p", { class: "fault", role: "alert" }, "文件暂时打不开，以下是引用的原文："),
      element("blockquote", {}, citation.quote));
    return;
  }
  body.replaceChildren(...marked(text, citation.quote));
  body.querySelector("mark")?.scrollIntoView({ block: "center" });
}

// read returns the text of the cited version, null where it cannot be had.
async function read(server, citation) {
  const url = new URL(`v1/documents/${encodeURIComponent(citation.doc_id)}`, server);
  if (citation.version) url.searchParams.set("version", citation.version);
  try {
    const reply = await fetch(url);
    return reply.ok ? (await reply.json()).text : null;
  } catch {
    return null;
  }
}

function describe(c) {
  const valid = c.valid_from ? `自${c.valid_from}起施行${c.valid_until ? `，有效期至${c.valid_until}` : ""}` : "";
  return [c.number, c.clause, c.page ? `第${c.page}页` : "", valid].filter(Boolean).join("　");
}

// marked splits the text at the quote; paragraphs are kept by the style white-space: pre-wrap.
function marked(text, quote) {
  const at = text.indexOf(quote);
  if (at < 0) return [element("p", {}, text)];
  return [element("p", {}, text.slice(0, at), element("mark", {}, quote), text.slice(at + quote.length))];
}
