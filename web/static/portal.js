// What a page does beyond links and forms, which work without it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.querySelector(`dialog#${CSS.escape(opener.dataset.opens)}`);
  // A link that opens a dialog also leads to a page with the same question: for a new tab, and without a script.
  if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.matches("dialog[open]") && outside(event.target, event)) {
    event.target.close();
  }
  event.target.closest(".celebration")?.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelector(".celebration")?.remove();
  }
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
