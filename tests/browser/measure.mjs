// What is measured inside of a page. Each function is sent there as its text, so it uses nothing from outside.

// What makes a page wider than its window.
export function wider() {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX)) return true;
    }
    return false;
  };
  const found = Array.from(document.body.querySelectorAll("*"))
    .filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className} "${(e.textContent || "").trim().slice(0, 40)}"`);
  return found.length > 0 ? found : [`${root.scrollWidth} > ${root.clientWidth}`];
}

// Pairs of labels in pictures that cover each other, in pictures of full size: a pixel of a small one hides much.
export function labelsThatOverlap() {
  const found = [];
  const small = Array.from(document.querySelectorAll(".picture.whole"));
  for (const frame of small) frame.classList.remove("whole");
  for (const svg of document.querySelectorAll("main svg")) {
    const labels = Array.from(svg.querySelectorAll("text"))
      .map((text) => ({ text: text.textContent.trim(), box: text.getBoundingClientRect() }))
      .filter((label) => label.text && label.box.width > 0)
      .sort((a, b) => a.box.top - b.box.top);
    // A pixel is what rounding may cost.
    const least = 1;
    labels.forEach((a, i) => {
      for (let j = i + 1; j < labels.length && labels[j].box.top < a.box.bottom - least; j += 1) {
        const b = labels[j];
        if (a.box.left < b.box.right - least && b.box.left < a.box.right - least) found.push(`"${a.text}" and "${b.text}"`);
      }
    });
  }
  for (const frame of small) frame.classList.add("whole");
  return found;
}
