// What the walks share: a step is one TAP case, a look is one picture of a page that must be accessible and fit.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { axe } from './kith.mjs';

/** First lines of what is said about a failure. */
const ERROR_LINES = 15;
/** How long a page may take to become what it should be. */
const SOON_MS = 60_000;
/** Between two looks for what a field offers. */
const OFFERED_MS = 5_000;
/** What only fades in or is still laid out is no finding. */
const SETTLE_MS = 5_000;
/** After a failure the rest is mostly its consequence, and should not take a minute each. */
const AFTER_FAILURE_MS = 10_000;

/** Runs `check` until it does not throw; throws its last reason after `limit` ms. */
export async function eventually(check, limit = SOON_MS) {
  for (const until = Date.now() + limit; ;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Fills a field until it has the text: a dialogue that opens takes the focus to its first field, and what is typed just then is lost. */
export async function write(field, text) {
  await eventually(async () => {
    await field.fill(text);
    const has = await field.inputValue();
    if (has !== text) throw new Error(`the field has "${has}" instead of "${text}"`);
  });
}

/** Types into a field that offers what it finds, and takes one. What is offered hides where the page grew and took the field out of sight. */
export async function find(field, text, option) {
  await write(field, text);
  await eventually(async () => {
    await field.scrollIntoViewIfNeeded();
    await option.click({ timeout: OFFERED_MS });
  });
}

/** In the page: what somebody in front of it would tell. */
function seen() {
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const texts = (selector, most) => [...document.querySelectorAll(selector)].filter(shown).slice(0, most).map((element) => element.textContent.replace(/\s+/g, ' ').trim().slice(0, 100));
  const { activeElement: focus } = document;
  return [
    `headings: ${texts('h1, h2', 12).join(' | ')}`,
    `dialogues: ${texts('[role=dialog], [role=alertdialog]', 3).join(' | ') || 'none'}; said: ${texts('[role=status], [role=alert]', 4).filter(Boolean).join(' | ')}`,
    `focus: ${focus ? focus.cloneNode(false).outerHTML.slice(0, 200) : 'none'}; scrolled ${Math.round(scrollY)} of ${document.documentElement.scrollHeight}`,
  ];
}

/** Why a step failed, in lines: the error, and the page as it stands. */
async function reasons(page, error) {
  const said = String(error.message).replace(/\u001b\[\d+m/g, '').split('\n').filter((line) => line.trim()).slice(0, ERROR_LINES);
  const silence = new Promise((resolve) => setTimeout(() => resolve(['the page does not answer']), 5_000).unref());
  const told = page.evaluate(seen).catch((reason) => [`the page cannot be read: ${reason.message.split('\n')[0]}`]);
  return [...said, `at: ${page.url()}`, ...await Promise.race([told, silence])];
}

/**
 * `walk`: { page, browser, complaints, kith, screens, width, scheme }. `screens` is a folder for pictures, or undefined.
 * `failFirst`: a failure among the first so many steps ends the walk, because nothing after it can be tried.
 */
export function makeSteps(walk, failFirst) {
  const { page, browser, complaints, kith, screens, width, scheme } = walk;
  const count = { steps: 0, failed: 0, shots: 0 };

  async function fits(name) {
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (sideways > 0) throw new Error(`${name} scrolls sideways by ${sideways} px`);
    const findings = await axe(page);
    if (findings.length) throw new Error(`${name}: ${findings.join('; ')}`);
  }

  async function look(name, { full = true } = {}) {
    await page.waitForTimeout(300);
    await eventually(() => fits(name), SETTLE_MS);
    if (!screens) return;
    mkdirSync(screens, { recursive: true });
    count.shots += 1;
    const size = page.viewportSize();
    if (full) await page.setViewportSize({ width: size.width, height: Math.max(size.height, await page.evaluate(() => document.documentElement.scrollHeight)) });
    await page.waitForTimeout(full ? 200 : 0);
    await page.screenshot({ path: join(screens, `${String(count.shots).padStart(2, '0')}-${name}-${width}-${scheme}.png`) });
    await page.setViewportSize(size);
  }

  async function bail() {
    console.log('Bail out! the first steps failed');
    await Promise.allSettled([browser.close(), kith.stop()]);
    process.exit(1);
  }

  async function step(title, run) {
    count.steps += 1;
    const before = complaints.length;
    try {
      await run();
      if (complaints.length > before) throw new Error(complaints.slice(before).join('; '));
      if (!kith.alive()) throw new Error('kith is no longer running');
      console.log(`ok ${count.steps} - ${title}`);
    } catch (error) {
      count.failed += 1;
      console.log(`not ok ${count.steps} - ${title}\n# ${(await reasons(page, error)).join('\n# ')}`);
      page.setDefaultTimeout(AFTER_FAILURE_MS);
      if (screens) await page.screenshot({ path: join(screens, `failed-${count.steps}.png`) }).catch(() => undefined);
      if (count.steps <= failFirst) await bail();
    }
  }

  /** Prints the plan and ends the process. */
  async function finish() {
    console.log(`1..${count.steps}`);
    await browser.close();
    await kith.stop();
    process.exit(count.failed ? 1 : 0);
  }
  return { look, step, finish };
}
