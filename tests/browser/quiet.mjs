// The first five minutes of a new owner: an empty folder, the one-time link, the demo shop's own order export, and
// from that file to "who of my good customers has gone quiet". Only the mouse moves between pages; the keyboard
// types a name, an address and a password. The file goes through the browser's own file dialogue.
//
//   node tests/browser/quiet.mjs [--people 2000] [--language de] [--screens FOLDER] [--width 390] [--look dark]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kithBinary, openPage, startKith } from './kith.mjs';
import { eventually, makeSteps, write } from './steps.mjs';

const { values: options } = parseArgs({ options: {
  people: { type: 'string', default: '2000' }, language: { type: 'string', default: 'en' }, screens: { type: 'string' },
  width: { type: 'string', default: '1440' }, look: { type: 'string', default: 'light' },
} });
const MINUTES_MAX = 5;
const WORDS = {
  en: {
    who: /who are you/, name: 'Your name', email: 'Email', password: 'Password', on: 'Go on', shop: 'Now your shop', shopName: 'Name of the shop',
    where: 'Where shall we begin?', bring: 'Bring in my orders', import: 'Bring your shop in', choose: 'Choose a file', right: /is this right/,
    start: 'Bring it in', done: /are in$/, quiet: 'Which good customers have gone quiet?', title: /^([\d.,]+) good customers? (has|have) gone quiet$/,
    home: 'Home', see: 'See them',
  },
  de: {
    who: /Wer sind Sie/, name: 'Ihr Name', email: 'E-Mail', password: 'Passwort', on: 'Weiter', shop: 'Nun Ihr Laden', shopName: 'Name des Ladens',
    where: 'Womit fangen wir an?', bring: 'Meine Bestellungen hereinholen', import: 'Ihren Laden hereinholen', choose: 'Datei wählen', right: /Stimmt das so/,
    start: 'Hereinholen', done: /sind da$/, quiet: 'Welche guten Kunden sind still geworden?', title: /^([\d.,]+) (guter Kunde ist|gute Kunden sind) still geworden$/,
    home: 'Übersicht', see: 'Ansehen',
  },
}[options.language];

const width = Number(options.width);
const folder = mkdtempSync(join(tmpdir(), 'kith-export-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
execFileSync(kithBinary(), ['demo', '--fill', '--people', options.people, '--data', join(folder, 'demo')], { stdio: 'ignore' });
const file = join(folder, 'demo', 'demo-orders.csv');
const kith = await startKith();
const locale = options.language === 'de' ? 'de-DE' : 'en-GB';
const { browser, page, complaints } = await openPage(kith.base, { width, look: options.look, locale, zone: 'Europe/Berlin' });
const { look, step, finish } = makeSteps({ page, browser, complaints, kith, screens: options.screens, width, scheme: options.look }, 20);
let clicks = 0;

const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const click = async (place) => {
  clicks += 1;
  await place.click();
};
const press = (name) => click(page.getByRole('button', { name, exact: true }).first());
const follow = (name) => click(page.getByRole('link', { name, exact: true }).filter({ visible: true }).first());
const type = (label, text) => write(page.getByLabel(label, { exact: true }), text);
const begun = Date.now();
let chosen = 0;

await step('the one-time link asks who you are', async () => {
  await page.goto(kith.link);
  await heading(WORDS.who);
  await look('set-up');
  await type(WORDS.name, 'Olive Owner');
  await type(WORDS.email, 'olive@shop.example');
  await type(WORDS.password, 'correct horse battery');
  await press(WORDS.on);
  await heading(WORDS.shop);
});

await step('the shop needs nothing but its name', async () => {
  await type(WORDS.shopName, 'Linden & Linen');
  await look('your-shop');
  await press(WORDS.on);
  await heading(WORDS.where);
  await look('begin');
});

await step('the file is chosen in the dialogue of the browser', async () => {
  await follow(WORDS.bring);
  await heading(WORDS.import);
  await look('import-empty');
  const dialogue = page.waitForEvent('filechooser');
  await press(WORDS.choose);
  chosen = Date.now();
  await (await dialogue).setFiles(file);
  await heading(WORDS.right);
  await look('import-preview');
});

await step('one click brings it in, and no row is refused', async () => {
  await press(WORDS.start);
  await page.getByRole('heading', { level: 1, name: WORDS.done }).waitFor({ timeout: MINUTES_MAX * 60_000 });
  const one = await page.evaluate(async () => (await (await fetch('/api/imports')).json()).imports[0]);
  const keys = new Set(readFileSync(file, 'utf8').split('\n').slice(1).map((line) => line.split(',', 1)[0]).filter(Boolean));
  if (one.rejected !== 0 || one.orders !== keys.size) throw new Error(`${one.orders} orders of ${keys.size}, ${one.rejected} rows refused`);
  await look('import-done');
});

/** The list as it stands: who spent most comes first, each with the length of the silence. */
async function quietList(name) {
  await heading(WORDS.title);
  await page.locator('.vt-row').first().waitFor();
  const rows = await page.evaluate(async () => (await (await fetch('/api/people?kpi=quiet_good&sort=spent&order=desc&limit=5')).json()).people);
  if (rows.some((row, index) => index > 0 && row.spent.minor > rows[index - 1].spent.minor)) throw new Error('not sorted by what they spent');
  await eventually(async () => {
    const shown = await page.locator('.vt-row').allInnerTexts();
    rows.forEach((row, index) => { if (!shown[index]?.includes(row.name)) throw new Error(`line ${index + 1} is not ${row.name}: ${shown[index]}`); });
  });
  await look(name, { full: false });
}

await step('who of my good customers has gone quiet, from the end of the import', async () => {
  await follow(WORDS.quiet);
  await quietList('people-quiet');
  const seconds = (Date.now() - chosen) / 1000;
  console.log(`# note from the file to the quiet: ${seconds.toFixed(1)} s; from the set-up link: ${((Date.now() - begun) / 1000).toFixed(1)} s, ${clicks} clicks`);
  if (seconds > MINUTES_MAX * 60) throw new Error(`that took ${seconds} s`);
});

await step('and from Home by one click', async () => {
  await follow(WORDS.home);
  await page.locator('.todo li').first().waitFor();
  await look('home');
  await follow(WORDS.see);
  await quietList('people-quiet-from-home');
});

await step('the first of them, and what happened', async () => {
  await click(page.locator('.vt-row a').first());
  await page.locator('.tl').first().waitFor();
  await look('person');
});

await finish();
