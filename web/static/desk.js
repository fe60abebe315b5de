// The desk's own script: what htmx doesn't do. Nothing depends on it: without it, forms are posted and pages load.
"use strict";

// ---- watching: parts of a page that change while it is looked at. Where the focus is and what is open stays.
(() => {
  const state = document.querySelector("[data-stream]");
  if (!state || !("EventSource" in window)) return;
  let source = null;
  let since = state.dataset.since;
  const waiting = new Map(); // parts in which somebody chooses something, until they are done

  const say = (name) => {
    if (state.dataset.says === name) return;
    state.dataset.says = name;
    state.textContent = state.dataset[name];
  };

  const put = (name, html) => {
    const old = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!old) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    if (focused && focused.matches("select, input, textarea")) {
      waiting.set(name, html);
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    const folded = [...fresh.querySelectorAll("details")];
    [...old.querySelectorAll("details")].forEach((one, place) => {
      if (one.open && folded[place]) folded[place].open = true;
    });
    const summary = [...old.querySelectorAll("summary")].indexOf(focused);
    old.replaceWith(fresh);
    if (!focused) return;
    const same = focused.id && document.getElementById(focused.id);
    const heir = same || fresh.querySelectorAll("summary")[summary];
    if (heir) heir.focus({ preventScroll: true });
  };

  document.addEventListener("focusout", () => {
    setTimeout(() => {
      for (const [name, html] of [...waiting]) {
        waiting.delete(name);
        put(name, html);
      }
    });
  });

  const listen = () => {
    source = new EventSource(`${state.dataset.stream}?since=${encodeURIComponent(since)}`);
    source.addEventListener("open", () => say("on"));
    source.addEventListener("part", (event) => {
      since = event.lastEventId;
      const name = /data-part="([^"]+)"/.exec(event.data);
      if (name) put(name[1], event.data);
    });
    source.addEventListener("over", () => {
      source.close();
      say("over");
    });
    source.addEventListener("error", () => {
      say("off");
      if (source.readyState === EventSource.CLOSED) setTimeout(again, 5000); // it was refused, and isn't tried by itself
    });
  };

  const again = async () => {
    if (document.hidden || state.dataset.says !== "off") return;
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") say("over"); // to the door
    else if (answer?.ok) listen();
    else setTimeout(again, 5000);
  };

  // A page that nobody looks at asks for nothing, and goes on where it was.
  document.addEventListener("visibilitychange", () => {
    if (state.dataset.says === "over") return;
    if (document.hidden) source?.close();
    else if (!source || source.readyState === EventSource.CLOSED) listen();
  });
  if (!document.hidden) listen();
})();

// ---- the inbox: keys, for those who want them, and how many are chosen
(() => {
  const help = document.getElementById("shortcuts");
  if (!help) return;
  const KEPT = "keys-are-off";
  const kept = {
    get off() { try { return localStorage.getItem(KEPT) === "yes"; } catch { return false; } },
    set off(off) { try { off ? localStorage.setItem(KEPT, "yes") : localStorage.removeItem(KEPT); } catch { /* until the page is left */ } },
  };
  let off = kept.off;
  const choice = help.querySelector("[data-keys-switch]");
  const tell = () => { choice.textContent = off ? choice.dataset.on : choice.dataset.off; };
  choice.hidden = false;
  tell();
  choice.addEventListener("click", () => { off = !off; kept.off = off; tell(); });

  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  const here = () => document.activeElement?.closest?.("[data-row]");
  const go = (by) => {
    const all = rows(), now = all.indexOf(here());
    const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + by, 0), all.length - 1)];
    next?.querySelector("[data-open]")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => go(1),
    k: () => go(-1),
    o: () => here()?.querySelector("[data-open]")?.click(),
    x: () => here()?.querySelector("[data-pick]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => { help.open = true; help.querySelector("summary").focus(); },
  };
  addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
    if (typing || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  const count = () => {
    const shown = document.querySelector("[data-picked]");
    if (!shown) return;
    const many = document.querySelectorAll("[data-pick]:checked").length;
    shown.textContent = many ? shown.dataset.picked.replace("{count}", many) : "";
  };
  document.addEventListener("change", (event) => { if (event.target.matches?.("[data-pick]")) count(); });
  count();
})();

// A rehearsal is put in the place of the one before. Whoever pressed a button that is no more stays in the conversation.
document.addEventListener("htmx:afterSettle", (settled) => {
  const was_pressed = settled.target.id === "try" && settled.detail.requestConfig.elt.closest("form");
  const screen = was_pressed && document.getElementById("try-screen");
  if (screen && document.activeElement === document.body) screen.focus({ preventScroll: true });
});

// ---- writing: which questions are open goes along with the form; they are dragged; a line of a mistake is shown.
(() => {
  const again = () => document.getElementById("again")?.click();

  document.addEventListener("toggle", (event) => {
    const box = event.target.matches?.(".card-of-question > details") && event.target.querySelector(":scope > .is-open");
    if (box) box.checked = event.target.open;
  }, true);

  // What stands in the way can lie in a question that is closed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".mistakes a, .doubts a");
    if (!link) return;
    const line = Number(link.dataset.line || 0);
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    for (let at = target.parentElement; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    target.focus();
    if (line && target.matches("textarea")) {
      const lines = target.value.split("\n");
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      target.setSelectionRange(start, start + (lines[line - 1] || "").length);
      target.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(target).lineHeight));
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-again]")) again();
  });

  let dragged = null;
  let held = false;
  const prepare = () => {
    for (const list of document.querySelectorAll("#editor .questions")) list.classList.add("can-drag");
  };
  document.addEventListener("pointerdown", (event) => {
    held = Boolean(event.target.closest?.(".grip"));
    const card = event.target.closest?.("[data-draggable]");
    if (card) card.draggable = held;
  });
  document.addEventListener("dragstart", (event) => {
    dragged = held ? event.target.closest?.("[data-draggable]") : null;
    if (!dragged) return;
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest?.("[data-draggable]");
    if (!over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    over.parentElement.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  document.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("is-dragged");
    dragged.draggable = false;
    dragged = null;
    again();
  });
  // A button puts the whole form anew: what was typed while it is on its way would be lost.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("#draft button")) document.getElementById("draft").inert = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = document.getElementById("draft");
    if (!form?.inert || !event.target.matches?.("#draft button")) return;
    form.inert = false;
    if (!event.detail.successful) event.target.focus({ preventScroll: true });
  });
  // Where the sitting has ended meanwhile, the whole form goes to the page that keeps what was written.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const form = event.detail.xhr.status === 401 && event.target.closest?.("#draft");
    if (!form) return;
    event.preventDefault();
    form.submit();
  });
  document.addEventListener("DOMContentLoaded", prepare);
  document.addEventListener("htmx:afterSettle", (event) => {
    prepare();
    if (event.target.id !== "editor") return;
    document.querySelector("#editor [autofocus]")?.focus();
  });
})();

// ---- words that are kept nowhere yet: whoever leaves the page is asked first. The editor saves by itself.
(() => {
  let sent = null;
  addEventListener("submit", (event) => { sent = event.target; });
  addEventListener("beforeunload", (event) => {
    const areas = Array.from(document.querySelectorAll("form:not([hx-post]) textarea:not([hidden])"));
    if (areas.some((area) => area.form !== sent && area.value !== area.defaultValue)) event.preventDefault();
  });
})();
