import { readFileSync } from "node:fs";

/** How GitHub heads a box that begins with `[!CAUTION]`. */
const ALERT = /^<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*(?:<br>)?/;

/** Signs of the comment, which not every machine has a font for. */
const CIRCLES: ReadonlyMap<string, string> = new Map([
  ["🔴", "#dd2e44"],
  ["🟡", "#fdcb58"],
  ["🟢", "#78b159"],
]);

/** A comment in Markdown as a page that shows it about as GitHub does, of which nothing comes from elsewhere. */
export async function commentPage(markdown: string): Promise<string> {
  const { Marked } = await import("marked");
  const marked = new Marked({
    gfm: true,
    renderer: {
      blockquote({ tokens }) {
        const body = this.parser.parse(tokens);
        const kind = ALERT.exec(body)?.[1]?.toLowerCase();
        if (kind === undefined) return `<blockquote>${body}</blockquote>`;
        const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
        const text = body.replace(ALERT, "<p>").replace(/^<p>\s*<\/p>/, "");
        return `<div class="markdown-alert markdown-alert-${kind}"><p class="markdown-alert-title">${title}</p>${text}</div>`;
      },
    },
  });
  const style = readFileSync(require.resolve("github-markdown-css/github-markdown-light.css"), "utf8");
  const body = (await marked.parse(markdown)).replace(/🔴|🟡|🟢/gu, circle);
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}
body { margin: 0; padding: 20px; background: #fff; }
article { max-width: 900px; padding: 16px 20px; border: 1px solid #d1d9e0; border-radius: 6px; }</style>
<article class="markdown-body">${body}</article>`;
}

function circle(sign: string): string {
  return `<svg width="1em" height="1em" viewBox="0 0 16 16"><circle cx="8" cy="10" r="6" fill="${CIRCLES.get(sign)}"/></svg>`;
}
