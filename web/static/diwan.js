// What a page fetched in place would otherwise lose against a page loaded whole, and printing.

// An answer that cannot be fetched: load it as a page, where the browser or the server says why.
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:swapError"]) {
  document.addEventListener(failure, (event) => {
    event.target.closest("form")?.submit();
  });
}

// On a touch screen the keyboard stays up after asking and covers the answer.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (matchMedia("(pointer: coarse)").matches) {
    event.target.querySelector("input[type=search]")?.blur();
  }
});

// Printing is the browser's; the button is there only where it can do something.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
