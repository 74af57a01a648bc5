// Four small things: tell times as the reader has them, tell the newsroom that the article was read and how, say when there is more
// news, and go from story to story by keys, which a reader can turn off.
"use strict";

// Times: "2 hours ago" where the page says so, and else in the reader's own zone where that is
// another one than the site's.
const NEAR_SECONDS = 86400;
const relative = new Intl.RelativeTimeFormat("en");
const full = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit",
  timeZoneName: "short",
});

const ago = (seconds) => {
  if (seconds < 60) {
    return "just now";
  }
  return seconds < 3600
    ? relative.format(-Math.floor(seconds / 60), "minute")
    : relative.format(-Math.floor(seconds / 3600), "hour");
};

const isElsewhere = (said, at) => {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(said) ?? [];
  return Number(`${sign}1`) * (60 * hours + Number(minutes)) !== -at.getTimezoneOffset();
};

const tellTimes = () => {
  for (const element of document.querySelectorAll('time[datetime*="T"]')) {
    const at = new Date(element.dateTime);
    const seconds = (Date.now() - at) / 1000;
    if (isElsewhere(element.dateTime, at)) {
      element.textContent = full.format(at).replace(" at ", ", ");
    } else {
      element.dataset.said ??= element.textContent;
      element.textContent = element.dataset.said;
    }
    if (!("exact" in element.dataset) && seconds >= 0 && seconds < NEAR_SECONDS) {
      element.title = element.textContent;
      element.textContent = ago(seconds);
    }
  }
};

tellTimes();
setInterval(tellTimes, 60000);

const { views, article, token, stream } = document.body.dataset;

if (views && article && navigator.sendBeacon) {
  const view = new Blob([JSON.stringify({ article, token })], { type: "text/plain" });
  const count = () => navigator.sendBeacon(views, view);
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", count, { once: true });
  } else {
    count();
  }

  // How long it was seen, and whether its end was, told when the reader leaves.
  let seen = 0;
  let since = document.hidden ? 0 : Date.now();
  let ended = false;
  const pause = () => {
    seen += since ? Date.now() - since : 0;
    since = 0;
  };
  const look = () => {
    const end = document.querySelector("article.story")?.getBoundingClientRect().bottom;
    ended ||= end !== undefined && end <= window.innerHeight;
  };
  window.addEventListener("scroll", look, { passive: true });
  document.addEventListener("visibilitychange", () => {
    pause();
    since = document.hidden ? 0 : Date.now();
  });
  window.addEventListener("pagehide", () => {
    look();
    pause();
    const told = { article, token, leaving: true, seconds: Math.min(86400, seen / 1000) };
    const leave = JSON.stringify({ ...told, read_to_end: ended });
    navigator.sendBeacon(views, new Blob([leave], { type: "text/plain" }));
    seen = 0;
  });
}

if (stream && window.EventSource) {
  const pill = document.querySelector(".pill");
  const link = pill.querySelector("a");
  const fresh = new Set();
  let source = null;
  let lastId = "";

  const tell = (event) => {
    lastId = event.lastEventId;
    fresh.add(JSON.parse(event.data).id);
    link.textContent = fresh.size === 1 ? "1 new story" : `${fresh.size} new stories`;
    link.href = window.location.pathname;
    pill.hidden = false;
  };

  const open = () => {
    const address = new URL(stream, window.location.href);
    if (lastId) {
      address.searchParams.set("lastEventId", lastId);
    }
    source = new EventSource(address);
    source.addEventListener("article.published", tell);
  };

  const close = () => {
    source?.close();
    source = null;
  };

  // A browser keeps only six connections to a site: a page that nobody sees gives its back.
  const follow = () => {
    if (document.hidden) {
      close();
    } else if (!source) {
      open();
    }
  };

  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", follow);
  follow();
}

const KEYS_OFF = "keys-off";
const keys = document.querySelector(".keys");
const toggle = keys.querySelector("button");
let areOff = false;
try {
  areOff = window.localStorage.getItem(KEYS_OFF) === "1";
} catch {
  // Storage may be forbidden; then the choice holds for this page.
}

const show = () => {
  toggle.textContent = areOff ? "Turn on" : "Turn off";
};

toggle.addEventListener("click", () => {
  areOff = !areOff;
  try {
    window.localStorage.setItem(KEYS_OFF, areOff ? "1" : "0");
  } catch {
    // As above.
  }
  show();
});
show();
keys.hidden = false;

const STORIES = "main :is(article, li) :is(h2, h3) a, main .related a";
const step = (by) => {
  const stories = [...document.querySelectorAll(STORIES)];
  const at = stories.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : stories.length - 1) : at + by;
  stories[next]?.focus();
};

const actions = {
  j: () => step(1),
  k: () => step(-1),
  h: () => { window.location.href = "/"; },
  p: () => { window.location.href = "/popular"; },
  "/": () => document.getElementById("find").focus(),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (areOff || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  const act = actions[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
