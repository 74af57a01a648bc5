// Two small things: tell the newsroom that the article was read and how, and say when there is more news.
"use strict";

const { views, article, stream } = document.body.dataset;

if (views && article && navigator.sendBeacon) {
  const view = new Blob([JSON.stringify({ article })], { type: "text/plain" });
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
    const told = { article, leaving: true, seconds: Math.min(86400, seen / 1000) };
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
