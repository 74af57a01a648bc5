// Two small things: tell the newsroom that the article was read, and say when there is more news.
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
