// House rules of the web UI, run before every build (STYLE.md, "Web UI"):
// files at most 250 lines, no `any`, no feature imports another, layers point one way,
// no text outside the catalogue in JSX, no registry address in the lockfile.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LINES_MAX = 250;
const CATALOGUE = /^src\/lib\/i18n\/(en|de)\.ts$/;
const GENERATED = /^src\/generated\//;
const problems = [];

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function layerOf(name) {
  const parts = name.split('/');
  if (parts[0] !== 'src') return null;
  return parts[1] === 'features' ? `features/${parts[2]}` : parts[1];
}

const ALLOWED = {
  app: () => true,
  ui: (layer) => layer === 'ui' || layer === 'lib' || layer === 'generated',
  lib: (layer) => layer === 'lib' || layer === 'generated',
  generated: (layer) => layer === 'generated',
};

function checkImports(name, text) {
  const own = layerOf(name);
  if (!own || own === 'main.tsx') return;
  for (const [, target] of text.matchAll(/from '(@(?:app|ui|lib|features|generated)\/[^']+)'/g)) {
    const parts = target.slice(1).split('/');
    const layer = parts[0] === 'features' ? `features/${parts[1]}` : parts[0];
    const allowed = own.startsWith('features/')
      ? layer === own || ['ui', 'lib', 'generated'].includes(layer)
      : (ALLOWED[own]?.(layer) ?? true);
    if (!allowed) problems.push(`${name}: ${own} may not import ${target}`);
  }
}

function checkText(name, text) {
  const lines = text.split('\n');
  if (lines.length > LINES_MAX + 1 && !CATALOGUE.test(name) && !GENERATED.test(name)) {
    problems.push(`${name}: ${lines.length - 1} lines, at most ${LINES_MAX}`);
  }
  lines.forEach((line, index) => {
    const where = `${name}:${index + 1}`;
    if (/(:|<|\bas)\s*any\b/.test(line) && !GENERATED.test(name)) problems.push(`${where}: no any`);
    if (/dangerouslySetInnerHTML|\beval\(/.test(line)) problems.push(`${where}: not allowed here`);
    if (name.endsWith('.tsx') && />[A-Za-z][a-z]+ [a-z]+[^<>{}]*<\//.test(line)) {
      problems.push(`${where}: text belongs into the catalogue`);
    }
  });
}

for (const path of [...files(join(root, 'src')), ...files(join(root, 'dev'))]) {
  if (!/\.(ts|tsx|mjs)$/.test(path)) continue;
  const name = relative(root, path).split(sep).join('/');
  const text = readFileSync(path, 'utf8');
  checkText(name, text);
  checkImports(name, text);
}
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
if (/"resolved"/.test(lock)) problems.push('package-lock.json: contains registry addresses');

for (const problem of problems) console.error(problem);
if (problems.length) process.exit(1);
