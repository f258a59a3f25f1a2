// A running `kith serve` in a folder of its own, and a page that tells on itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const axeSource = readFileSync(createRequire(join(root, 'web/package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const kithBinary = () => process.env.KITH_BINARY ?? join(root, 'build/kith');

/** Starts Kith on an empty folder; resolves with its address and the one-time set-up link it prints. */
export async function startKith(binary = kithBinary()) {
  const folder = mkdtempSync(join(tmpdir(), 'kith-browser-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = spawn(binary, ['serve', '--data', join(folder, 'shop'), '--listen', `127.0.0.1:${port}`]);
  let said = '';
  const link = await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      const match = /http:\/\/\S+\/setup\S+/.exec(said);
      if (match) resolve(match[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (status) => reject(new Error(`kith ended with ${status}: ${said.slice(-800)}`)));
    setTimeout(() => reject(new Error(`no set-up link within a minute: ${said.slice(-800)}`)), 60_000).unref();
  });
  const stop = async () => {
    const gone = new Promise((resolve) => child.on('exit', resolve));
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { base, link, folder, stop, alive: () => child.exitCode === null };
}

/** A browser page; `complaints` gathers console errors, page errors and requests to anywhere else. */
export async function openPage(base, { width = 1440, look = 'light', locale = 'en-GB', zone = 'Europe/London' } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.KITH_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const context = await browser.newContext({
    viewport: { width, height: width < 700 ? 844 : 900 }, colorScheme: look, reducedMotion: 'reduce', locale, timezoneId: zone,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = [];
  const expected = new Set();
  page.on('console', (message) => {
    const said = `${message.text()} ${message.location().url}`;
    if (message.type() === 'error' && ![...expected].some((part) => said.includes(part))) complaints.push(said);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => { if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) complaints.push(`outside request: ${request.url()}`); });
  return { browser, context, page, complaints, expected };
}

/** Findings of axe-core, WCAG A and AA, each with the first place. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  return violations.map((found) => `${found.id}: ${found.nodes[0]?.html.slice(0, 200)}`);
}
