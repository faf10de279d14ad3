// The request of the page as programs, with the key left to the environment. Pure.

/** `source` has a name, and a URL where it is one; `fields` are the options; `output` is a file. */
export function snippet(language, endpoint, source, fields, output) {
  return { curl, python, node }[language](endpoint, source, Object.entries(fields), output);
}

function curl(endpoint, source, fields, output) {
  const image = source.url
    ? `--form-string ${shell(`image_url=${source.url}`)}`
    : `-F ${shell(`image_file=@${curlFile(source.name)}`)}`;
  const options = fields.map(([name, value]) =>
    // -F reads values that begin with @ or < as files, and ends them at a semicolon.
    `${/^\w+$/.test(value) ? "-F" : "--form-string"} ${shell(`${name}=${value}`)}`,
  );
  return [
    'curl --fail-with-body -H "x-api-key: $MATTEBOX_KEY"',
    image,
    ...options,
    `-o ${shell(output)} ${shell(endpoint)}`,
  ].join(" \\\n  ");
}

function python(endpoint, source, fields, output) {
  const data = Object.fromEntries(fields);
  if (source.url) data.image_url = source.url;
  const lines = Object.entries(data).map(([name, value]) => `        ${quoted(name)}: ${quoted(value)},`);
  const dataArgument = lines.length ? ["    data={", ...lines, "    },"] : [];
  // A form without a file is sent by its own kind of body, which the service reads as well.
  const file = source.url ? [] : [`    files={"image_file": Path(${quoted(source.name)}).read_bytes()},`];
  return [
    "import os",
    "from pathlib import Path",
    "",
    "import requests",
    "",
    "response = requests.post(",
    `    ${quoted(endpoint)},`,
    '    headers={"x-api-key": os.environ["MATTEBOX_KEY"]},',
    ...file,
    ...dataArgument,
    "    timeout=60,",
    ")",
    "response.raise_for_status()",
    `Path(${quoted(output)}).write_bytes(response.content)`,
  ].join("\n");
}

function node(endpoint, source, fields, output) {
  const image = source.url
    ? `form.append("image_url", ${quoted(source.url)});`
    : `form.append("image_file", new Blob([await readFile(${quoted(source.name)})]), ${quoted(source.name)});`;
  return [
    "// In a file that ends in .mjs",
    'import { readFile, writeFile } from "node:fs/promises";',
    "",
    "const form = new FormData();",
    image,
    ...fields.map(([name, value]) => `form.append(${quoted(name)}, ${quoted(value)});`),
    "",
    `const response = await fetch(${quoted(endpoint)}, {`,
    '  method: "POST",',
    '  headers: { "x-api-key": process.env.MATTEBOX_KEY },',
    "  body: form,",
    "});",
    "if (!response.ok) throw new Error(await response.text());",
    `await writeFile(${quoted(output)}, Buffer.from(await response.arrayBuffer()));`,
  ].join("\n");
}

function shell(text) {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curlFile(name) {
  if (!/[;,"\\]/.test(name)) return name;
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

/** A literal that JavaScript and Python read alike. */
function quoted(text) {
  return JSON.stringify(text);
}
