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
  const source = new EventSource(stream);
  source.addEventListener("article.published", (event) => {
    fresh.add(JSON.parse(event.data).id);
    link.textContent = fresh.size === 1 ? "1 new story" : `${fresh.size} new stories`;
    link.href = window.location.href;
    pill.hidden = false;
  });
  window.addEventListener("pagehide", () => source.close());
}
