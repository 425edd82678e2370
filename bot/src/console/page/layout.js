// Which parts are seen where the page is narrow: tabs beside the chat, one column, or the phone's bottom bar.

import { byId, el, setAttr, setText, shape } from "./dom.js";
import { emit, inView, on, store } from "./store.js";
import { t } from "./words.js";

const VIEWS = [["now", "ui-now", "diamond"], ["chat", "ui-chat", "chat"], ["timeline", "ui-timeline", "clock"], ["more", "ui-more", "person"]];
const body = document.body;
const tabs = byId("tabs");

on("view", (view) => show(view));
on("go", leaveMore);
on("start select unread incident state", draw);

for (const [view, , sign] of VIEWS) {
  tabs.append(el("button", { type: "button", "data-view": view, onclick: () => show(view) }, shape(sign), el("span", { class: "word" }), el("span", { class: "count" })));
}

function show(view) {
  body.dataset.view = view;
  if (view === "now" || view === "timeline") body.dataset.side = view;
  draw();
  emit("seen");
  emit("shown");
}

/** What is chosen in the list of everything is gone to: its channel, or what is known of an incident without one. */
function leaveMore({ channel }) {
  if (body.dataset.view === "more") show(channel ? "chat" : "now");
}

function draw() {
  const total = [...store.unread.values()].reduce((a, b) => a + b, 0);
  const tone = inView()?.flag || store.state?.flag;
  for (const [view, word, ] of VIEWS) {
    const tab = tabs.querySelector(`[data-view=${view}]`);
    setText(tab.querySelector(".word"), t(word));
    setAttr(tab, "aria-pressed", String(body.dataset.view === view));
    setAttr(tab, "data-side", String(body.dataset.side === view));
    const n = view === "chat" ? total : 0;
    setText(tab.querySelector(".count"), n ? String(n) : "");
  }
  const sign = tabs.querySelector("[data-view=now] svg");
  if (tone && sign.dataset.shape !== tone.shape) sign.replaceWith(shape(tone.shape));
}

// The width decides what is pressed: below 60 em the chat is one of the tabs.
matchMedia("(max-width: 59.99em)").addEventListener("change", draw);
