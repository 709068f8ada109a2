// Keeps the page of a rebuild up to date while it goes on, and shows what came of it.

const said = document.getElementById("rebuild-said");

function follow() {
  const now = document.querySelector("#rebuild [data-events]");
  if (!now) {
    return;
  }
  const [step, count] = [now.querySelector("[data-said]"), now.querySelector("[data-count]")];
  const bar = now.querySelector("progress");
  const events = new EventSource(now.dataset.events);
  events.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    // Who listens is told of each step once, not of every number.
    if (said.textContent !== told.said) {
      said.textContent = told.said;
    }
    step.textContent = told.said;
    count.textContent = told.count;
    if (told.total) {
      bar.max = told.total;
      bar.value = told.done;
    } else {
      bar.removeAttribute("value");
    }
  });
  events.addEventListener("end", () => {
    events.close();
    end();
  });
  events.addEventListener("error", () => {
    // A browser asks again by itself, but not where it was told no: then the page says why.
    if (events.readyState === EventSource.CLOSED) {
      location.reload();
    }
  });
}

async function end() {
  try {
    const page = await fetch(address());
    const found = new DOMParser().parseFromString(await page.text(), "text/html");
    document.getElementById("rebuild").replaceWith(found.getElementById("rebuild"));
    said.textContent = document.getElementById("outcome")?.textContent ?? "";
    follow();
  } catch {
    location.assign(address());
  }
}

// Without what a form that was sent to this page may have left in the address.
function address() {
  return `/desk/rebuild?ui=${document.documentElement.lang}`;
}

follow();
