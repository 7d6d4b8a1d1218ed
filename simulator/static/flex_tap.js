// Taps inside a Flex Message.

/** Makes any element tappable by finger, mouse and keyboard, without nesting one tap inside another. */
export function actionable(node, action, ctx) {
  if (!action || typeof action.type !== "string") return node;
  node.classList.add("fx-tap");
  node.dataset.action = action.type;
  if (node.tagName !== "BUTTON") {
    node.setAttribute("role", "button");
    node.tabIndex = 0;
    node.addEventListener("keydown", (event) => {
      if (event.target !== node || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      node.click();
    });
  }
  if (action.label && !node.textContent) node.setAttribute("aria-label", action.label);
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    ctx.onAction?.(action, node);
  });
  return node;
}
