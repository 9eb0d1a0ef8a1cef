/** Pages that show a picture of the server. Nothing of them runs but a script of this package, named by a nonce. */
import * as vscode from "vscode";
import { randomBytes } from "node:crypto";

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A whole page: a title, lines below it, and a picture. `svg` comes from the server and is shown as a picture, so that no script in it
 * could run. */
export function page(title: string, svg: string, lines: string[] = []): string {
  const nonce = randomBytes(16).toString("hex");
  const policy = `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const picture = `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)}</title>
<style nonce="${nonce}">
  body { background: #fff; color: #222; margin: 0; padding: 8px; font-family: var(--vscode-font-family, sans-serif); }
  h1 { font-size: 1.1em; margin: 0 0 8px; }
  p { margin: 0 0 2px; }
  #picture { transform-origin: 0 0; }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${lines.map((line) => `<p>${escaped(line)}</p>\n`).join("")}<img id="picture" alt="${escaped(title)}" src="${picture}">
<script nonce="${nonce}">${ZOOM}</script>
</body>
</html>`;
}

/** The wheel with the control key makes the picture larger or smaller. */
const ZOOM = `
let scale = 1;
const picture = document.getElementById("picture");
addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  scale = Math.min(8, Math.max(0.1, scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1)));
  picture.style.transform = "scale(" + scale + ")";
}, { passive: false });`;

export function panel(id: string, title: string): vscode.WebviewPanel {
  const options = { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: false };
  const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  return vscode.window.createWebviewPanel(id, title, place, options);
}
