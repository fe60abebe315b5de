// The web chat without waiting for whole pages. Everything here also works, more slowly, when this doesn't run.
"use strict";

(() => {
  const LINES = "application/vnd.folkmoot.lines+html";
  const SILENCE = 40_000; // milliseconds; the server gives a sign of life every 15 seconds
  const LONGEST_WAIT = 10_000;

  const talk = document.getElementById("talk");
  const lines = document.getElementById("lines");
  const unsent = document.getElementById("unsent");
  const composer = document.getElementById("composer");
  const box = document.getElementById("text");
  const state = document.getElementById("state");
  const typing = document.getElementById("typing");
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let revision = Number(talk.dataset.revision);

  // ---- what must outlive a lost connection or a reload
  const kept = {
    read(name, otherwise) {
      try { return JSON.parse(sessionStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
    },
    write(name, value) {
      try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* private mode: kept on the page only */ }
    },
  };
  let waiting = kept.read("waiting", []); // posts on their way, oldest first

  function nonce() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // ---- lines
  let follows = true, lastY = scrollY; // until somebody scrolls up to read
  addEventListener("scroll", () => {
    if (innerHeight + scrollY >= document.documentElement.scrollHeight - 160) follows = true;
    else if (scrollY < lastY) follows = false;
    lastY = scrollY;
  }, { passive: true });

  function showFrom(line) { // its beginning, if all of what is new doesn't fit
    const top = line.getBoundingClientRect().top + scrollY - 16;
    const end = document.documentElement.scrollHeight - innerHeight;
    scrollTo({ top: Math.min(top, end), behavior: calm.matches ? "auto" : "smooth" });
  }

  function merge(html) {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    let first = null;
    for (const line of parsed.content.querySelectorAll("li[data-line]")) {
      revision = Math.max(revision, Number(line.dataset.revision));
      if (place(line) && !first) first = document.getElementById(line.id);
    }
    tellTimes();
    if (!first) return;
    document.getElementById("waiting")?.remove();
    if (follows) showFrom(first);
  }

  /** Whether the line is news at the end of the chat, which somebody who reads there should see. */
  function place(line) {
    const old = document.getElementById(line.id);
    if (!old) {
      const later = Array.from(lines.children).find((one) => Number(one.dataset.line) > Number(line.dataset.line));
      line.classList.add("new");
      lines.insertBefore(line, later ?? null);
      if (line.classList.contains("theirs")) forget(line);
      return true;
    }
    if (Number(old.dataset.revision) >= Number(line.dataset.revision)) return false;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceChildren(...line.childNodes);
    old.dataset.revision = line.dataset.revision;
    if (focused) { // on the same button if it is still offered, else on the line that it changed
      const again = focused.value && old.querySelector(`button[value="${CSS.escape(focused.value)}"]`);
      (again || old).focus({ preventScroll: true });
    }
    return !old.nextElementSibling;
  }

  /** It stands in the chat now, so it needn't stand among what isn't sent, even if the answer to the post was lost. */
  function forget(line) {
    const words = (from) => from.textContent.replace(/\s+/g, "");
    const mine = words({ textContent: Array.from(line.querySelectorAll(".said p"), (p) => p.textContent).join("") });
    Array.from(unsent.children).find((one) => words(one) === mine)?.remove();
    unsent.hidden = !unsent.children.length;
  }

  function tellTimes() {
    if (!("ownClock" in talk.dataset)) return;
    const today = new Date().toDateString();
    for (const time of lines.querySelectorAll("time:not([data-told])")) {
      const at = new Date(time.dateTime);
      const day = at.toDateString() === today ? {} : { day: "numeric", month: "short" };
      time.textContent = at.toLocaleString(talk.dataset.locale, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      time.dataset.told = "";
    }
  }

  // ---- the state of the connection
  let isLost = false, losing = 0, regaining = 0, wake = () => {};

  function tell(which) {
    state.textContent = which ? state.dataset[which] : "";
    state.className = `state ${which}`;
  }

  function lose() {
    if (isLost || losing) return;
    losing = setTimeout(() => { isLost = true; losing = 0; clearTimeout(regaining); tell("lost"); }, 600);
  }

  function regain() {
    clearTimeout(losing);
    losing = 0;
    wake();
    if (!isLost) return;
    isLost = false;
    tell("back");
    regaining = setTimeout(() => { if (!isLost) tell(""); }, 4000);
  }

  // ---- sending
  function show(post) {
    const line = document.createElement("li"), said = document.createElement("p");
    line.className = "line theirs unsent";
    line.dataset.key = post.key;
    said.className = "said";
    said.dir = "auto";
    said.textContent = post.text;
    line.append(said);
    unsent.append(line);
    unsent.hidden = false;
    showFrom(line);
  }

  function settle(post) {
    waiting = waiting.filter((one) => one.key !== post.key);
    kept.write("waiting", waiting);
    unsent.querySelector(`[data-key="${post.key}"]`)?.remove();
    unsent.hidden = !unsent.children.length;
    for (const button of lines.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }

  async function deliver(post) {
    for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST_WAIT)) {
      try {
        const response = await fetch("/chat", {
          method: "POST",
          headers: { Accept: `${LINES}, application/json` },
          body: new URLSearchParams({ ...post, since: String(revision), timezone }),
        });
        if (response.ok) {
          const html = await response.text();
          settle(post);
          merge(html);
          return regain();
        }
        if (response.status === 429) { // too much at once: it waits here, and goes when it is calm again
          const { error } = await response.json();
          state.textContent = error;
          state.className = "state lost";
          await new Promise((go) => setTimeout(go, LONGEST_WAIT));
          tell("");
          continue;
        }
        if (response.status < 500) {
          const { error } = await response.json().catch(() => ({ error: state.dataset.refused }));
          settle(post);
          if (post.text && !box.value) box.value = post.text;
          state.textContent = error;
          state.className = "state lost";
          return undefined;
        }
      } catch { /* no connection, or an answer cut short: the key makes a second try harmless */ }
      lose();
      await Promise.race([new Promise((go) => setTimeout(go, pause)), new Promise((go) => { wake = go; })]);
    }
  }

  let working = false;
  async function work() {
    if (working) return;
    working = true;
    while (waiting.length) await deliver(waiting[0]);
    working = false;
  }

  function send(post) {
    waiting.push(post);
    follows = true;
    kept.write("waiting", waiting);
    if (post.text) show(post);
    work();
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    if ([...text].length > Number(box.dataset.longest)) return tell("long");
    if (!isLost) tell("");
    box.value = "";
    kept.write("draft", "");
    send({ text, key: nonce() });
    box.focus();
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.matches(".keys") || !button?.value) return;
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    send({ action: button.value, message: event.target.elements.message.value, key: nonce() });
  });

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    composer.requestSubmit();
  });

  box.addEventListener("input", () => {
    kept.write("draft", box.value);
    if (state.classList.contains("long")) tell("");
  });

  // ---- hearing
  let stream = null, heard = 0, again = 0;

  function listen() {
    clearTimeout(again);
    stream?.close();
    stream = new EventSource(`/chat/stream?since=${revision}`);
    const alive = () => { heard = Date.now(); };
    alive();
    stream.addEventListener("open", () => { alive(); regain(); });
    stream.addEventListener("alive", alive);
    stream.addEventListener("lines", (event) => { alive(); merge(event.data); if (event.data.includes('class="line ours"')) typing.textContent = ""; });
    stream.addEventListener("typing", (event) => { alive(); typing.textContent = event.data === "yes" ? typing.dataset.says : ""; });
    stream.addEventListener("error", () => {
      lose();
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, 3000);
    });
  }

  setInterval(() => { if (Date.now() - heard > SILENCE) { lose(); listen(); } }, 5000);
  addEventListener("online", listen);
  addEventListener("offline", lose);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });

  // ---- at the start
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (timezone) document.cookie = `timezone=${timezone}; path=/; max-age=34560000; samesite=lax${secure}`;
  document.getElementById("keys-hint").hidden = false;
  box.removeAttribute("required");
  box.value = box.value || kept.read("draft", "");
  tellTimes();
  for (const post of waiting) if (post.text) show(post);
  const mine = lines.querySelectorAll(".theirs");
  if (mine.length) scrollTo({ top: document.documentElement.scrollHeight });
  work();
  listen();
})();
