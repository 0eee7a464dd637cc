// Building nodes. Text is always set as text, never as HTML.

// element makes a node with attributes and children; strings become text.
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== "" && child != null));
  return node;
}

const paths = {
  send: "M3 11.5 21 3l-6 18-3.2-7.3L3 11.5z",
  up: "M7 21H3V10h4v11zm2 0V10l4-7c1.7 0 2.5 1.4 2 3l-1 3h5.6c1.3 0 2 1 1.7 2.2l-1.9 8c-.2.9-1 1.8-2 1.8H9z",
  down: "M7 3H3v11h4V3zm2 0v11l4 7c1.7 0 2.5-1.4 2-3l-1-3h5.6c1.3 0 2-1 1.7-2.2l-1.9-8C19.2 3.9 18.4 3 17.4 3H9z",
};

// icon makes a decorative drawing.
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
