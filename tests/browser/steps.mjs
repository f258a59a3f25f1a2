// What the walks share: a step is one TAP case, a look is one picture of a page that must be accessible and fit.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { axe } from './kith.mjs';

/**
 * `walk`: { page, browser, complaints, kith, screens, width, scheme }. `screens` is a folder for pictures, or undefined.
 * `failFirst`: a failure among the first so many steps ends the walk, because nothing after it can be tried.
 */
export function makeSteps(walk, failFirst) {
  const { page, browser, complaints, kith, screens, width, scheme } = walk;
  const count = { steps: 0, failed: 0, shots: 0 };

  async function look(name, { full = true } = {}) {
    await page.waitForTimeout(300);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (sideways > 0) throw new Error(`${name} scrolls sideways by ${sideways} px`);
    const findings = await axe(page);
    if (findings.length) throw new Error(`${name}: ${findings.join('; ')}`);
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
      console.log(`not ok ${count.steps} - ${title}\n# ${String(error.message).split('\n').slice(0, 12).join('\n# ')}`);
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
