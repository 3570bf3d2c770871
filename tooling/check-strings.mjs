// What people read in the dashboard comes from its language files (apps/web/src/locales): this finds text that was written into the code.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";

/** Props and object keys whose value somebody reads (or hears). */
const READ =
  /^(label|title|description|placeholder|alt|header|hint|what|confirmLabel|submitLabel|cancelLabel|message|reason|denial|ariaLabel|aria-(label|description|valuetext|roledescription))$/;
/** Elements whose content is the same in every language. */
const SAME_EVERYWHERE = new Set(["code", "kbd", "Kbd", "Code", "pre", "title"]);
/** Names, units and what a person types: the same in every language. */
const NAMES =
  /^(Indium|English|Deutsch|VNC|SSH|DHCP|IPv4|IPv6|CPU|vCPU|vCPUs|MAC|VLAN|MTU|CIDR|DNS|KVM|QEMU|NIC|BIOS|UEFI|TPM|TCP|UDP|ICMP|GiB|MiB|KiB|URL|ID)$/;

/** @param {string} text */
const isProse = (text) => /\p{L}{2,}/u.test(text) && !NAMES.test(text.trim());
/** A sentence or a caption: begins with a capital and goes on in words. Class names, ids and codes do not. @param {string} text */
const looksWritten = (text) => /^[A-Z][a-z]+(['’]\w+)?([ ,.:;?!…]|$)/.test(text) && (/ /.test(text.trim()) || /[.?!…]$/.test(text));

/** @typedef {{ type: string; start: number; [key: string]: unknown }} Node */

/**
 * @param {string} file @param {string} source
 * @returns {{ line: number; text: string }[]}
 */
export function writtenText(file, source) {
  const lines = source.split("\n");
  /** @type {{ line: number; text: string }[]} */
  const found = [];
  /** @param {Node} node @param {string} text */
  const report = (node, text) => {
    const line = source.slice(0, node.start).split("\n").length;
    // A line may say so itself, or the comment above it.
    if (![lines[line - 1], lines[line - 2]].some((near) => near?.includes("same in every language:")))
      found.push({ line, text: text.trim().replace(/\s+/g, " ") });
  };
  /** @param {Node} node @param {string} owner the prop or key it is the value of @param {boolean} shown whether it stands in an element's content */
  const visit = (node, owner, shown) => {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
        if (node.source) return;
        break;
      case "ThrowStatement":
        return;
      case "JSXText":
        if (isProse(String(node.value))) report(node, String(node.value));
        return;
      case "Literal":
        if (typeof node.value === "string") judge(node, node.value, owner, shown);
        return;
      case "TemplateLiteral":
        judge(node, /** @type {{ value: { cooked: string } }[]} */ (node.quasis).map((part) => part.value.cooked).join(" "), owner, shown);
        break;
      case "JSXElement":
        if (SAME_EVERYWHERE.has(nameOf(/** @type {Node} */ (/** @type {Node} */ (node.openingElement).name)))) return;
        break;
      default:
        if (node.type.startsWith("TS") && !/^TS(As|Satisfies|NonNull)/.test(node.type)) return;
    }
    for (const [key, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child !== "object" || child === null || typeof child.type !== "string") continue;
        if (key === "key" && node.type === "Property") continue;
        const named = (node.type === "JSXAttribute" || node.type === "Property") && key === "value";
        const passes =
          /^(ConditionalExpression|LogicalExpression|JSXExpressionContainer|TSAsExpression|TSSatisfiesExpression|ParenthesizedExpression)$/.test(
            node.type,
          );
        if (passes && key === "test") visit(child, "", false);
        else
          visit(
            child,
            named ? nameOf(/** @type {Node} */ (node.name ?? node.key)) : passes ? owner : "",
            passes ? shown || (node.type === "JSXExpressionContainer" && owner === "") : false,
          );
      }
    }
  };
  /** @param {Node} node @param {string} text @param {string} owner @param {boolean} shown */
  const judge = (node, text, owner, shown) => {
    const read = READ.test(owner) && isProse(text) && /^[A-Z]| /.test(text.trim());
    if (read || (shown && isProse(text)) || (!/class/i.test(owner) && looksWritten(text))) report(node, text);
  };
  visit(/** @type {Node} */ (/** @type {unknown} */ (parseAst(source, { lang: file.endsWith("x") ? "tsx" : "ts" }))), "", false);
  return found;
}

/** @param {Node} node @returns {string} */
function nameOf(node) {
  return String(node.name ?? node.value ?? "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const files = execFileSync(
    "git",
    [
      "ls-files",
      "--cached",
      "--others",
      "--exclude-standard",
      "apps/web/src/features",
      "apps/web/src/ui",
      "apps/web/src/app",
      "apps/web/src/lib",
    ],
    { cwd: root, encoding: "utf8" },
  )
    .split("\n")
    // The gallery is for those who build the dashboard; known-words.ts, own-words.ts and catalogue-words.ts are where English stands that is known by its wording.
    .filter(
      (file) =>
        /\.tsx?$/.test(file) &&
        !/\.test\.tsx?$|\/testing\.ts$|\/api\/|install\.sh|\/i18n\/(known|own|catalogue)-words\.ts|\/gallery\//.test(file),
    );
  const only = process.argv[2];
  let count = 0;
  for (const file of files) {
    if (only !== undefined && !file.includes(only)) continue;
    let source;
    try {
      source = readFileSync(join(root, file), "utf8");
    } catch {
      continue; // deleted, not yet committed
    }
    for (const { line, text } of writtenText(file, source)) {
      count++;
      console.error(`${file}:${line}  ${text.slice(0, 120)}`);
    }
  }
  console.log(
    count === 0 ? "every text is in the language files" : `${count} texts are written into the code: move them to apps/web/src/locales`,
  );
  process.exit(count === 0 ? 0 : 1);
}
