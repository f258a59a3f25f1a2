// Looks at the built bundle in a real browser: one picture per page, width, look and state of the shop,
// with the strict policy, and reports console errors, outside requests and axe-core's findings.
//   npm run build && node dev/shots.mjs [folder] [name-part]      KITH_URL=http://… walks a running Kith instead
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const require = createRequire(import.meta.url);
const folder = process.argv[2] ?? 'shots';
const part = process.argv[3] ?? '';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PAGES = JSON.parse(process.env.KITH_PAGES ?? 'null') ?? (await import('./pages.mjs')).PAGES;
const WIDTHS = (process.env.KITH_WIDTHS ?? '1440,390').split(',').map(Number);
const LOOKS = (process.env.KITH_LOOKS ?? 'light,dark').split(',');

mkdirSync(folder, { recursive: true });
const server = process.env.KITH_URL ? null : await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
const base = process.env.KITH_URL ?? server.resolvedUrls.local[0].replace(/\/$/, '');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
let problems = 0;

function report(where, what) {
  problems += 1;
  console.log(`${where}: ${what}`);
}

async function axe(page, where) {
  // Through evaluate, not a script tag: the page's own policy stays as strict as it is.
  const source = (await import('node:fs')).readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  for (const found of violations) report(where, `axe ${found.id}: ${found.nodes.length} × ${found.nodes[0]?.html.slice(0, 160)} ${found.nodes[0]?.failureSummary?.split('\n')[1] ?? ''}`);
}

async function shoot(entry, width, look) {
  const where = `${entry.name}-${width}-${look}`;
  const context = await browser.newContext({ viewport: { width, height: width < 700 ? 844 : 900 }, colorScheme: look, reducedMotion: 'reduce', locale: 'en-GB' });
  await context.addCookies([{ name: 'mock', value: entry.mode ?? 'rich', url: base }]);
  const page = await context.newPage();
  page.on('console', (message) => {
    const said = `${message.text()} ${message.location().url}`;
    if (message.type() === 'error' && !(entry.allow && said.includes(entry.allow))) report(where, said);
  });
  page.on('pageerror', (error) => report(where, error.message));
  page.on('request', (request) => { if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) report(where, `outside request ${request.url()}`); });
  await page.goto(base + entry.path);
  await page.waitForSelector(entry.wait ?? 'h1');
  await page.waitForTimeout(entry.settle ?? 500);
  if (entry.act) await entry.act(page);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (sideways > 0) report(where, `scrolls sideways by ${sideways} px`);
  await page.screenshot({ path: join(folder, `${where}.png`), fullPage: entry.full ?? true });
  await axe(page, where);
  await context.close();
}

for (const entry of PAGES.filter(({ name }) => name.includes(part))) {
  for (const width of WIDTHS) for (const look of LOOKS) {
    try {
      await shoot(entry, width, look);
    } catch (error) {
      report(`${entry.name}-${width}-${look}`, error.message.split('\n')[0]);
    }
  }
}
await browser.close();
await server?.close();
console.log(`${problems} problems`);
process.exit(problems ? 1 : 0);
