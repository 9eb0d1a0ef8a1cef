// Before anything is drawn: the colours that were chosen on an earlier page.
try {
  var chosen = localStorage.getItem("omt-colours");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch (refused) {
  // No storage, no choice.
}
