// A button that copies its text, there where the browser can.

document.documentElement.toggleAttribute("data-can-copy", Boolean(navigator.clipboard));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copies);
    button.querySelector("span").textContent = button.dataset.said;
  }
});
