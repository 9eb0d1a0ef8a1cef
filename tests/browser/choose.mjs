// Which pages are looked at, and how closely: one of each kind in every way, the others as far as there is time.
import { readdirSync } from "node:fs";
import { join } from "node:path";

// Of so many pages that are made alike, one is looked at.
const ONE_OF = { diagnostic: 25, scenarios: 20, source: 9 };

function pages(folder, below = "") {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return pages(folder, path);
      return entry.name.endsWith(".html") ? [path] : [];
    });
}

// Pages of a kind are made alike.
function kind(path) {
  const [first, second] = path.split("/");
  if (first === "source") return "source";
  if (first === "book" && second === "diagnostics" && !path.endsWith("index.html")) return "diagnostic";
  if (first === "book") return "chapter";
  if (first !== "protocols") return path;
  const below = /\/(actors|scenarios)\/(index)?/.exec(path);
  return below ? `${below[1]}${below[2] ? " index" : ""}` : path === "protocols/index.html" ? path : "protocol";
}

// Pages with the widths they are looked at in, and the turns of axe: { site, path, widths, accessible }.
export function chosen(sites, all, widths, schemes) {
  const every = widths.flatMap((width) => schemes.map((scheme) => ({ width, scheme, pictures: false })));
  const ends = [{ width: widths[0], scheme: "dark" }, { width: widths.at(-1), scheme: "light" }];
  const seen = {};
  return sites.flatMap((site) =>
    pages(site).flatMap((path) => {
      const of = kind(path);
      const number = (seen[of] ??= { next: 0 }).next;
      seen[of].next += 1;
      if (!all && number % (ONE_OF[of] ?? 1) !== 0) return [];
      const turn = every[number % every.length];
      if (all) return [{ site, path, widths, accessible: number === 0 ? every.map((t) => ({ ...t, pictures: true })) : [turn] }];
      // The narrowest shows what is too wide.
      if (number > 0) return [{ site, path, widths: widths.slice(0, 1), accessible: [] }];
      return [{ site, path, widths, accessible: ends.map((t, i) => ({ ...t, pictures: i === 0 && of === "actors" })) }];
    }),
  );
}
