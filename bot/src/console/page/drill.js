// The drill banner: that nothing is real, the simulated clock and its speed, as whom one speaks, and a hint.

import { byId, button, el, outside, setAttr, setText } from "./dom.js";
import { emit, on, speaker, store, whyNot } from "./store.js";
import { language, now, second, speed, t } from "./words.js";

const bar = byId("drill");

on("start state select speaks link", draw);
on("beat", tick);
setInterval(tick, 1000);

on("speak", (person) => {
  store.as = person === store.me.person ? "" : person;
  emit("speaks");
});

function draw() {
  const drill = store.state?.drill;
  setAttr(bar, "hidden", !drill);
  if (!drill) return;
  const key = JSON.stringify([drill, store.me, speaker(), whyNot(), language()]);
  if (bar.dataset.key === key) return;
  bar.dataset.key = key;
  const focused = document.activeElement?.dataset?.person;
  const people = [store.me.person, ...(store.me.plays || [])].filter(Boolean);
  bar.replaceChildren(el("strong", { class: "hazard" }, el("span", {}, t("ui-drill"))), el("span", { class: "clockface" }, el("time", { "aria-hidden": "true" }), el("span", { class: "speed" })),
    outside(drill.title, { class: "who" }), el("span", { id: "drill-text", class: "say" }, drill.text),
    people.length > 1 ? el("div", { class: "pair", role: "group", "aria-label": t("ui-speak") }, el("span", { class: "pairname", "aria-hidden": "true" }, t("ui-speak")),
      people.map((person) => el("button", { type: "button", "data-person": person, "aria-pressed": String(person === speaker()), onclick: () => emit("speak", person) }, outside(person)))) : "",
    button(t("ui-hint"), () => emit("run", { command: "/drill hint" }), { class: "hint", "aria-disabled": whyNot() ? "true" : null }));
  if (focused) bar.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
  tick();
}

/** The simulated time and its speed. */
function tick() {
  if (!bar.firstChild) return;
  setText(bar.querySelector("time"), second(now()));
  setText(bar.querySelector(".speed"), `×${speed()}`);
  setAttr(bar.querySelector(".speed"), "aria-label", t("ui-speed", { n: speed() }));
}
