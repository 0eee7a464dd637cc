// The card of a service item: its own fields, verbatim, folded where the text has answered.
import { element } from "./dom.js";

const days = (d) => (d ? (d.number ? `${d.number}个${d.unit}` : "即时办结") : "未规定");

// sections are the fields in the order of a 办事指南, each with the way it is shown.
const sections = [
  ["conditions", "受理条件", (i) => list(i.conditions)],
  ["materials", "申请材料", (i) => materials(i.materials)],
  ["windows", "办理地点", (i) => windows(i.windows)],
  ["promised_days", "承诺办结时限", (i) => days(i.promised_days)],
  ["legal_days", "法定办结时限", (i) => days(i.legal_days)],
  ["fee", "收费", (i) => i.fee],
  ["steps", "办理流程", (i) => list(i.steps, "ol")],
  ["telephone", "咨询电话", (i) => phone(i.telephone)],
  ["complaint", "监督投诉电话", (i) => phone(i.complaint)],
  ["online", "网上办理", (i) => i.online],
  ["result", "办理结果", (i) => i.result],
  ["legal", "设定依据", (i) => list(i.legal?.map((l) => [l.title, l.number, l.clause].filter(Boolean).join(" ")))],
  ["handling_kind", "办件类型", (i) => i.handling_kind],
  ["visits", "到现场次数", (i) => `${i.visits}次`],
  ["cross_region", "通办范围", (i) => i.cross_region],
  ["service_for", "服务对象", (i) => i.service_for?.join("、")],
];

// card shows an item. The text above it already states the fields that were asked about; without
// such fields the card shows the usual ones.
export function card(item, fields) {
  const first = fields.length ? [] : sections.slice(0, 4);
  const rest = sections.filter((s) => !first.includes(s));
  return element("div", { class: "card", role: "group", "aria-label": `事项：${item.name}` },
    element("h3", {}, item.name),
    element("p", { class: "sub" }, [item.department, `事项编码 ${item.code}`].join("　")),
    first.length ? rows(item, first) : "",
    element("details", {}, element("summary", {}, "查看全部办事信息"), rows(item, rest)));
}

function rows(item, wanted) {
  const cells = wanted.flatMap(([, label, show]) => {
    const value = show(item);
    return value ? [element("dt", {}, label), element("dd", {}, value)] : [];
  });
  return element("dl", {}, ...cells);
}

function list(values, tag = "ul") {
  return values?.length ? element(tag, {}, ...values.map((v) => element("li", {}, v))) : "";
}

function phone(number) {
  return number ? element("a", { href: `tel:${number.replace(/[^\d+]/g, "")}` }, number) : "";
}

function materials(all) {
  if (!all?.length) return "";
  return element("ol", {}, ...all.map((m) => {
    const notes = [m.required, m.form, m.copies ? `${m.copies}份` : "", m.issuer ? `出具单位：${m.issuer}` : "", m.when ? `适用情形：${m.when}` : "", m.note];
    return element("li", {}, element("b", {}, m.name), element("span", { class: "small" }, notes.filter(Boolean).join("；")));
  }));
}

function windows(all) {
  if (!all?.length) return "";
  return element("ul", {}, ...all.map((w) => element("li", {},
    element("b", {}, w.name), element("span", { class: "small" }, [w.address, w.hours, w.telephone].filter(Boolean).join("；")))));
}
