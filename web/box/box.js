/* A question box for other sites: it asks the hub that this script came from.
   The hub puts it into a function of LANGUAGES, TEXTS (each in these), STYLE and LONGEST. */

const SHOWN = 3; // passages, beside those that the answer cites
const PATIENCE = 30_000; // milliseconds
// An empty line, or the start of the next list item: the reader sees a new line there.
const GAP = /(\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]))/;

const script = document.currentScript;
const { src, dataset } = script;
const wished = dataset.lang ?? script.closest("[lang]")?.lang ?? "";
const which = Math.max(0, LANGUAGES.indexOf(wished.toLowerCase().split("-")[0]));
const lang = LANGUAGES[which];
const say = Object.fromEntries(Object.entries(TEXTS).map(([name, texts]) => [name, texts[which]]));
const locale = `${lang === "en" ? "en-GB" : lang}-u-ca-gregory-nu-latn`;
const atHub = (address) => new URL(address, new URL(".", src));

class Told extends Error {} // in words for the reader

/** An element; an attribute or a child that is missing is left out. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const written = (code) => ({ lang: code, dir: /^(ar|fa|he|ps|ur)$/.test(code) ? "rtl" : "ltr" });

/** A text of the box, with what stands for its {names} kept apart from its direction. */
const filled = (text, values) =>
  text.split(/\{(\w+)\}/).map((part, at) => (at % 2 ? make("bdi", {}, values[part]) : part));

const named = (code, type) => new Intl.DisplayNames(lang, { type }).of(code);
const inWords = (text, language) => filled(text, { language: named(language, "language") });

/** A date of ISO 8601, to the year, the month or the day, written out. */
function dated(iso) {
  const [, month, day] = iso.split("-");
  const parts = { year: "numeric", month: month && "long", day: day && "numeric" };
  const date = new Date(iso);
  if (Number.isNaN(+date)) return iso;
  return new Intl.DateTimeFormat(locale, { ...parts, timeZone: "UTC" }).format(date);
}

function link(address, attributes, ...content) {
  const { href, protocol } = atHub(address);
  if (!/^https?:$/.test(protocol)) return make("span", {}, ...content);
  const away = { target: "_blank", rel: "noopener", "aria-describedby": "tab" };
  return make("a", { href, ...away, ...attributes }, ...content);
}

function button(text, act, attributes) {
  const made = make("button", { type: "button", class: "quiet", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** A passage, word for word; highlights are counted in characters, not in UTF-16. */
function quoted(text, highlights) {
  const letters = [...text];
  const words = (start, end) =>
    letters.slice(start, end).join("").split(GAP)
      .map((part, at) => (at % 2 ? make("span", { class: "gap" }, part) : part));
  const pieces = [];
  let done = 0;
  for (const [start, end] of highlights.sort(([one], [other]) => one - other)) {
    if (end <= done) continue;
    pieces.push(...words(done, start), make("mark", {}, ...words(Math.max(done, start), end)));
    done = end;
  }
  return [...pieces, ...words(done)];
}

function source({ publisher, url, published }) {
  if (!publisher) return null;
  const name = make("bdi", {}, publisher);
  const day = published ? [say.comma, make("time", { datetime: published }, dated(published))] : [];
  return make("span", {}, `${say.source} `, url ? link(url, {}, name) : name, ...day);
}

function passage(found) {
  const { rank, text, language, highlights, heading, renderings, citation } = found;
  const { title, place, country, year } = found.case_study;
  const own = written(language);
  const nation = country && named(country, "region");
  const facts = [
    place && make("bdi", { lang: language }, place),
    !place?.includes(nation) && nation,
    year && String(year),
    make("span", {}, ...inWords(found.translated ? say.translated : say.written, language)),
  ].filter(Boolean);
  return make("li", {},
    make("h4", own, make("span", { "aria-hidden": "true" }, `${rank}. `),
      link(citation.case_url, { id: `passage-${rank}` }, title)),
    make("p", { class: "small" }, ...facts.flatMap((fact, at) => (at ? [" · ", fact] : fact))),
    heading.length ? make("p", { class: "small", ...own }, heading.join(" › ")) : null,
    make("blockquote", { class: "words", ...own }, ...quoted(text, highlights)),
    make("div", { class: "small acts" },
      source(citation),
      ...renderings.map((other) => link(other.case_url, {}, ...inWords(say.same, other.language))),
      make("details", {}, make("summary", {}, say.cite),
        make("p", { dir: "auto" }, citation.text))));
}

/** What the hub answers; throws a sentence for the reader where it does not. */
async function answered(request, signal) {
  let response;
  try {
    response = await fetch(atHub("api/v1/ask"), {
      method: "POST",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    if (response.ok) return await response.json();
  } catch (error) {
    signal.throwIfAborted();
    if (response || error.name === "TimeoutError") throw new Told(say.unavailable);
    // A browser does not say why: is it the hub that cannot be reached, or may we not ask?
    const probe = { method: "HEAD", cache: "no-store", credentials: "omit" };
    const { ok } = await fetch(src, probe).catch(() => ({}));
    throw new Told(ok ? say.refused.replace("{origin}", location.origin) : say.offline);
  }
  const { status, headers } = response;
  if (request.conversation_id && (status === 404 || status === 422)) {
    // It was deleted at the hub, or is full.
    return answered({ ...request, conversation_id: null }, signal);
  }
  if (status === 429) {
    const seconds = +headers.get("Retry-After") || 60;
    const [time, unit] = seconds > 90 ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
    const style = { style: "unit", unit, unitDisplay: "long" };
    throw new Told(say.often.replace("{time}", new Intl.NumberFormat(locale, style).format(time)));
  }
  throw new Told(status === 503 || status === 504 ? say.unavailable : say.fault);
}

function build(root) {
  const sheet = new CSSStyleSheet(); // the page's policy for styles does not matter to it
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const field = make("input", {
    id: "q", type: "text", dir: "auto", placeholder: " ", maxlength: LONGEST,
    enterkeyhint: "search", autocomplete: "off", "aria-describedby": "hint status",
  });
  const form = make("form", { role: "search" },
    make("label", { for: "q" }, say.label),
    make("div", { class: "row" }, field, make("button", { class: "main" }, say.ask)),
    make("p", { class: "small", id: "hint" }, say.hint));
  const status = make("p", { id: "status", role: "status" });
  const result = make("div", {});
  const onward = link(`?ui=${lang}`, {}, say.open);
  const box = make("section", { lang, dir: say.dir, "aria-labelledby": "title" },
    make("h2", { id: "title" }, say.title), form, status, result,
    make("p", { class: "small acts foot" }, onward, link(`kept?ui=${lang}`, {}, say.kept)),
    make("span", { id: "tab", hidden: "" }, say.tab));
  root.append(box);

  let conversation = null; // for as long as the page is open
  let asking = new AbortController();

  function tell(sentence, kind) {
    status.className = kind;
    status.textContent = sentence;
    field.ariaInvalid = sentence === say.empty;
  }

  async function ask(typed, as_typed = false) {
    asking.abort(); // the last question wins
    const { signal } = (asking = new AbortController());
    const question = typed.replace(/\p{Cc}+/gu, " ").trim(); // the hub takes no controls
    result.replaceChildren();
    field.value = question;
    if (!question) {
      field.focus();
      return tell(say.empty, "problem");
    }
    tell(say.looking, "busy");
    try {
      const given = await answered({ question, as_typed, conversation_id: conversation }, signal);
      conversation = given.conversation_id;
      onward.href = atHub(`conversations/${conversation}?ui=${lang}`);
      result.append(...parts(given));
      tell(given.answered ? say.found : say.none, "unseen");
    } catch (error) {
      if (signal.aborted) return;
      onward.href = atHub(`?${new URLSearchParams({ q: question, ui: lang })}`);
      tell(error instanceof Told ? error.message : say.fault, "problem");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(field.value);
  });

  /** The number of a passage, which leads to it. */
  function number(rank) {
    const go = () => root.getElementById(`passage-${rank}`).focus();
    const name = say.passage.replace("{number}", rank);
    return button(`[${rank}]`, go, { class: "number", "aria-label": name, lang });
  }

  /** As what a question was taken, where that is not as it was typed. */
  function taken({ query, interpreted_as, corrections }) {
    if (query === interpreted_as) return "";
    const said = corrections.length
      ? corrections.flatMap((each) => [...filled(say.searched, each), " "])
      : [`${say.understood} `, make("bdi", {}, interpreted_as), " "];
    return make("p", { class: "note" }, ...said, button(say.exactly, () => ask(query, true)));
  }

  function sentences({ answer, results }) {
    const shown = make("div", { class: "note" }, make("h3", {}, say.answer));
    let last = null;
    for (const { text, citations } of answer.sentences) {
      const { language, case_study } = results[citations[0] - 1];
      const own = written(language);
      if (case_study.id !== last) {
        shown.append(make("p", { class: "small", ...own }, case_study.place ?? case_study.title));
      }
      last = case_study.id;
      shown.append(make("p", { class: "words", ...own }, `${text} `, ...citations.map(number)));
    }
    return shown;
  }

  function parts(given) {
    const { answer, results, follow_ups, language } = given;
    const cited = answer?.sentences.flatMap(({ citations }) => citations) ?? [];
    const items = results.map(passage);
    const rest = items.splice(Math.max(SHOWN, ...cited));
    const list = (some) => make("ol", { role: "list" }, ...some);
    const further = follow_ups.map((text) => button(text, () => ask(text), written(language)));
    return [
      taken(given),
      answer
        ? sentences(given)
        : make("div", { class: "note" }, make("h3", {}, say.none),
          make("p", {}, link(`${onward.href}#unanswered`, {}, say.send))),
      further.length
        ? make("div", { class: "row", role: "group", "aria-label": say.further }, ...further)
        : "",
      make("h3", {}, answer ? say.passages : items.length ? say.nearest : say.nothing),
      items.length ? list(items) : "",
      rest.length ? make("details", {}, make("summary", {}, say.more), list(rest)) : "",
    ];
  }
}

// Another such script may stand in the page: each builds its own box.
const Box = customElements.get("diwan-box") ?? class extends HTMLElement {
  constructor(fill) {
    super();
    fill?.(this.attachShadow({ mode: "open" }));
  }
};
if (!customElements.get("diwan-box")) customElements.define("diwan-box", Box);
const box = new Box(build);

function put() {
  if (!dataset.target) return script.after(box);
  const place = document.querySelector(dataset.target);
  if (place) place.append(box);
  else console.error(`Diwan: nothing here is ${dataset.target}`);
}
if (dataset.target && document.readyState === "loading") {
  addEventListener("DOMContentLoaded", put);
} else {
  put();
}
